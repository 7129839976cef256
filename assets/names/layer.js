// The sheet of names above all others. Layers give what they would like to have written (in pixels of the view they drew); once they
// have all had a moment to do so, one painter places them: the chosen place first, then boundaries, estates, roads, buildings.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const TOGETHER = 60; // milliseconds layers have to give theirs
  const SIZE = 13, CHOSEN_SIZE = 15; // pixels, at a type of 16
  const SIZES = { district: 16, street: 16, micro_grid: 12 };

  jingwei.nameRank = { chosen: 0, boundaries: 10, estates: 20, ground: 30, buildings: 40 };

  jingwei.Names = jingwei.Sheet.extend({
    painter: "NamePainter",
    pane: "names",
    level: 430, // above marks and areas: a name is read before what lies on it
    sheets: ["names"],

    begin: function () { this.given = {}; },

    // what: { worker, colours: { text, halo, strong }, font, type }
    set: function (what) {
      this.what = what;
      this.start(what.worker);
      this.soon();
    },

    // Asked by those who draw, not by the map's moves.
    ask: function () {},
    follow: function () {},

    // A layer's labels for a view; null where it is no longer shown.
    give: function (layer, view, labels) {
      if (labels) this.given[layer] = { view: view, labels: labels };
      else delete this.given[layer];
      this.soon();
    },

    // The chosen place: { name, at: [lat, lng] } or null.
    choose: function (place) {
      this.chosen = place;
      this.soon();
    },

    // The names of the polygons in view that have room for them. spots: [polygon, x, y, pixels there are].
    givePlaces: function (view, spots, names, level) {
      const strong = level !== "micro_grid";
      const size = (SIZES[level] || SIZE) * view.ratio * (this.what ? this.what.type : 1);
      const fits = function (name, room) {
        return name && Math.max(...jingwei.areaLines(name).map(function (line) { return jingwei.nameWidth(line); })) * size * 1.1 <= room;
      };
      this.give("boundaries", view, spots.filter(function (spot) { return fits(names[spot[0]], spot[3]); }).map(function (spot) {
        return { name: names[spot[0]], size: size, rank: jingwei.nameRank.boundaries + 1 / spot[3], point: [spot[1], spot[2]], strong: strong };
      }));
    },

    soon: function () {
      if (this.timer || !this._map) return;
      this.timer = setTimeout(() => { this.timer = 0; this.send(); }, TOGETHER);
    },

    send: function () {
      if (!this.worker || !this._map || !this._map.getSize().x || this._map._animatingZoom) return;
      const view = (this.pending = this.wanted());
      const labels = this.labels(view);
      if (!labels.length) { this.papers[0].clear(); this.picture = null; return; }
      this.worker.postMessage({ ask: "view", view: view, wanted: labels, colours: this.what.colours, font: this.what.font });
    },

    labels: function (view) {
      const found = [];
      if (this.chosen) {
        const at = this._map.project(this.chosen.at, view.zoom).multiplyBy(view.ratio);
        found.push({ name: this.chosen.name, size: CHOSEN_SIZE * view.ratio * this.what.type, rank: jingwei.nameRank.chosen, strong: true,
          point: [at.x - view.x, at.y - view.y] });
      }
      for (const one of Object.values(this.given)) {
        if (one.view.zoom !== view.zoom || one.view.ratio !== view.ratio) continue;
        for (const label of one.labels) if (!this.chosen || label.name !== this.chosen.name) found.push(moved(label, one.view.x - view.x, one.view.y - view.y));
      }
      return found;
    },

    receive: function (message) {
      if (message.view !== this.pending && message.view.zoom !== this._map.getZoom()) return;
      this.picture = message.view;
      this.lay(0, message.pictures[0], message.view);
      this.place();
      this._map.getContainer().dataset.names = message.n;
    },

    onRemove: function () {
      clearTimeout(this.timer);
      jingwei.Sheet.prototype.onRemove.call(this);
    },
  });

  function moved(label, x, y) {
    if (!x && !y) return label;
    if (label.point) return Object.assign({}, label, { point: [label.point[0] + x, label.point[1] + y] });
    return Object.assign({}, label, { line: label.line.map(function (p) { return [p[0] + x, p[1] + y]; }) });
  }
})();
