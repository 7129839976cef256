// The base map's layer: what lies below the polygons, and what is carved into them.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});

  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

  // The base map's colours: one word a theme in assets/tokens.css.
  jingwei.baseColours = function () {
    const coat = function (name) {
      const found = {};
      for (const theme of ["park", "site", "water", "building", "rail", "road"]) found[theme] = style("--" + name + "-" + theme);
      return found;
    };
    return { under: coat("ground"), over: coat("carve") };
  };

  jingwei.BaseMap = jingwei.Sheet.extend({
    painter: "BasePainter",
    pane: "base",
    level: 360,
    sheets: ["base-under", "base-over"],

    begin: function () {
      const ground = this._map.createPane("ground");
      ground.style.zIndex = 340;
      ground.style.pointerEvents = "none";
      ground.append(this.canvases[0]);
    },

    // what: { address, worker, colours: { under, over }, type: the size of the type against 16 px }
    set: function (what) {
      const before = this.what;
      this.what = what;
      for (const canvas of this.canvases) canvas.hidden = !what.address;
      if (!what.address) { this.heard.names("ground", null, null); return; }
      this.start(what.worker);
      if (!before || before.address !== what.address) this.worker.postMessage({ ask: "load", address: what.address });
      this.ask(true);
    },

    wish: function () { return this.what && this.what.address ? { colours: this.what.colours } : null; },

    wanted: function () {
      return Object.assign(jingwei.Sheet.prototype.wanted.call(this), { type: this.what.type });
    },

    receive: function (message) {
      this.picture = message.view;
      message.pictures.forEach((picture, i) => this.lay(i, picture, message.view));
      this.place();
      this.heard.names("ground", message.view, message.names);
      this.settled(this.newest(message.view));
    },
  });
})();
