// Which level can be read at the map's zoom: the finest whose places are large enough, but not finer than the first while the map
// shows all of the district. Where the level's control says "automatic", this is the level that is shown.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const SIDE = 32; // pixels a place must be wide to be read, at a type of 16 pixels
  const NEARER = 0.75; // zooms closer than the whole district before finer places come

  // steps: [[level, side of a mean place as a share of the world], …] from the first level to the finest; home: the zoom of the whole.
  jingwei.readableLevel = function (steps, zoom, home, type) {
    let found = steps[0][0];
    for (const [level, side] of steps.slice(1)) {
      if (zoom >= home + NEARER && 256 * Math.pow(2, zoom) * side >= SIDE * type) found = level;
    }
    return found;
  };

  class Level {
    constructor(view) {
      this.view = view;
      view.map.on("zoomend", () => this.look());
      view.map.on("resize", () => this.look());
    }

    look() {
      const { map, data } = this.view;
      if (!data || !data.steps || !data.steps.length || !data.bounds || !map.getSize().x) return;
      const b = (this.bounds = this.bounds || data.bounds); // the first: another level's would move the border under one's feet
      const home = map.getBoundsZoom([[b[1], b[0]], [b[3], b[2]]], false, L.point(32, 32));
      const found = jingwei.readableLevel(data.steps, map.getZoom(), home, this.view.type());
      if (found === this.found) return;
      this.found = found;
      window.dash_clientside.set_props("readable-level", { data: found });
    }
  }

  jingwei.Level = Level;
})();
