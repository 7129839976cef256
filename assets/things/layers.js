// The layers a person turns on and off: outlines on a sheet each, points of all kinds on one canvas. What is chosen but not shown
// (too far out, too many) is said.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const REACH = 10; // pixels around the pointer

  jingwei.Outlines = jingwei.Sheet.extend({
    painter: "OutlinePainter",
    pane: "outlines",
    level: 370,
    sheets: ["outlines"],

    set: function (what) {
      const before = this.what;
      this.what = what;
      this.start(what.worker);
      if (!before || before.address !== what.address) this.worker.postMessage({ ask: "load", address: what.address, names: what.names });
      this.ask(true);
    },

    wish: function () { return this.what ? { line: this.what.line, type: this.what.type } : null; },

    receive: function (message) {
      this.picture = message.view;
      this.lay(0, message.pictures[0], message.view);
      this.place();
      this.heard.names(message.view, message.names);
      this.settled(this.newest(message.view));
    },
  });

  class Things {
    constructor(view) {
      this.view = view;
      this.map = view.map;
      this.chosen = [];
      this.sheets = {}; // name → Outlines
      this.found = {}; // name → the answer of its window
      this.paper = new jingwei.Overlay(this.map, "things", 420);
      this.map.on("moveend", () => this.refresh());
      this.map.on("mousemove", (event) => this.hover(event));
    }

    end() {
      if (this.pending) this.pending.abort();
      for (const sheet of Object.values(this.sheets)) sheet.remove();
      if (this.areas) this.areas.end();
    }

    show(chosen, search) {
      this.chosen = chosen || [];
      this.search = search;
      this.refresh();
    }

    known() { return (this.view.data && this.view.data.layers) || {}; }

    async refresh() {
      const known = this.known();
      const shown = this.chosen.filter((name) => known[name] && this.map.getZoom() >= known[name].from);
      const far = this.chosen.filter((name) => known[name] && !shown.includes(name));
      for (const name of Object.keys(this.sheets)) if (!shown.includes(name)) {
        this.sheets[name].remove();
        delete this.sheets[name];
        this.view.labels.give(name, null, null);
      }
      for (const name of shown.filter((one) => known[one].draws === "outlines")) this.outline(name, known[name]);
      if (jingwei.Areas) (this.areas = this.areas || new jingwei.Areas(this.map)).show(shown.filter((one) => known[one].draws === "areas"));
      await this.ask(shown.filter((one) => known[one].draws === "points"));
      this.view.hint(far.length ? this.view.data.texts.far + far.map(function (name) { return known[name].title; }).join(" · ") : "", this.more(known));
    }

    more(known) {
      return Object.entries(this.found).filter(function ([, found]) { return found.n > found.points.length; })
        .map(([name, found]) => known[name].title + " " + found.points.length.toLocaleString("en-US") + " / " + found.n.toLocaleString("en-US")).join(" · ");
    }

    outline(name, layer) {
      if (!layer.address) return;
      if (!this.sheets[name]) this.sheets[name] = new jingwei.Outlines(Object.assign({}, this.view.heard, { settled: function () {},
        names: (view, labels) => { if (this.sheets[name]) this.view.labels.give(name, view, labels); } })).addTo(this.map);
      const colour = this.view.style("--outline-" + name);
      const room = name === "buildings" ? 8 : 4; // characters' widths a polygon must have to be named
      this.sheets[name].set({ address: layer.address, names: layer.names, worker: this.view.data.worker, type: this.view.type(),
        line: { colour: colour, width: 1.2, room: room, rank: jingwei.nameRank[name] } });
    }

    async ask(names) {
      if (this.pending) this.pending.abort();
      const mine = (this.pending = new AbortController());
      const view = this.map.getBounds().pad(0.05);
      const box = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()].map(function (v) { return v.toFixed(5); }).join(",");
      const found = {};
      try {
        await Promise.all(names.map(async (name) => {
          const answer = await fetch("/layers/points/" + name + "?" + this.search + "&box=" + box + "&zoom=" + Math.round(this.map.getZoom()), { signal: mine.signal });
          if (answer.ok) found[name] = await answer.json();
        }));
      } catch (error) {
        if (error.name !== "AbortError") throw error;
        return;
      }
      if (mine.signal.aborted) return;
      this.found = found;
      this.draw();
    }

    draw() {
      this.places = [];
      this.map.getContainer().dataset.things = Object.keys(this.found).sort().join(" ");
      if (!Object.values(this.found).some(function (found) { return found.points.length; })) { this.paper.clear(); return; }
      const pen = this.paper.open();
      for (const [name, found] of Object.entries(this.found)) {
        pen.fillStyle = this.view.style("--thing-" + name);
        pen.strokeStyle = this.view.style("--page");
        for (const point of found.points) this.mark(pen, point, this.view.style("--thing-" + name));
      }
      this.paper.show();
    }

    mark(pen, point, colour) {
      const at = this.map.latLngToContainerPoint([point.lat, point.lon]);
      const unit = this.view.type();
      pen.lineWidth = unit;
      pen.beginPath();
      if (point.shape === "square") pen.rect(at.x - 3 * unit, at.y - 3 * unit, 6 * unit, 6 * unit);
      else pen.arc(at.x, at.y, (point.shape === "ring" ? Math.min(16, 5 + 2 * Math.sqrt(point.n)) : 4.5) * unit, 0, 2 * Math.PI);
      if (point.shape === "ring" || point.shape === "short") { // hollow: the ground shows through
        pen.lineWidth = 4 * unit;
        pen.stroke();
        pen.lineWidth = 2 * unit;
        pen.save();
        pen.strokeStyle = colour;
        pen.stroke();
        pen.restore();
      } else {
        pen.fill();
        pen.stroke();
      }
      this.places.push([at.x, at.y, point]);
    }

    hover(event) { this.view.hover.tipNearest(this.places || [], event.containerPoint, REACH); }
  }

  jingwei.Things = Things;
})();
