// The studio's map: cells coloured so that neighbouring grids differ, what was moved in a stronger tone, borders of grids and
// micro-grids over them. It stands on the same layers as the one map (assets/cells, base); borders are the arcs two cells share.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  const NONE = 255;
  const HUES = 7;
  const COLOURS = { // calm tones, then the same for what was moved
    dark: ["#2F4A63", "#3A5747", "#5A4A34", "#4A3F63", "#2F5A5C", "#5C3F4A", "#4B5563", "#4F86BA", "#5CA37D", "#B08A52", "#8D76C4", "#4FA6AA", "#B76F88", "#8A98AB"],
    light: ["#C3D8EC", "#C7E2CF", "#F0DFBF", "#D9CFEE", "#BFE3E3", "#F0CFD9", "#D8DDE5", "#6FA5D6", "#6DBB8C", "#D8AE62", "#A48CDB", "#5FBBBE", "#D985A2", "#98A5B8"],
  };
  const BAND = { dark: ["#2C6E9B", "#2B4A41", "#B05A1E", "#263241"], light: ["#8CC4EA", "#D3E9DC", "#F0A06A", "#E1E5EB"] };
  const MICRO_FROM = 15.5; // zoom from which micro-grids' borders are drawn

  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function dark() { return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark"; }
  function type() { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; }

  class StudioMap {
    constructor(element) {
      const state = studio.now, said = JSON.parse(desk.root().dataset.map || "{}");
      this.mode = "grids";
      const map = this.map = L.map(element, { zoomControl: false, keyboard: false, zoomSnap: 0.25, maxZoom: 19, boxZoom: false, doubleClickZoom: false, attributionControl: Boolean(said.tiles && said.attribution) });
      if (said.tiles) L.tileLayer(said.tiles, { attribution: said.attribution }).addTo(map);
      L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
      const b = state.cells.bounds;
      map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { animate: false, padding: [16, 16] });
      const heard = { ready: function () {}, fallback: function () {}, failed: function (why) { console.warn("map: " + why); desk.say(desk.words.failed, "late"); }, names: function () {}, places: function () {},
        settled: function (yes) { element.dataset.picture = yes ? "there" : "coming"; } };
      this.base = new jingwei.BaseMap(Object.assign({}, heard, { settled: function () {} })).addTo(map);
      this.cells = new jingwei.Cells(heard).addTo(map);
      this.lines = new jingwei.Overlay(map, "grid-lines", 380);
      this.pins = L.layerGroup().addTo(map);
      this.values = new Uint8Array(state.n);
      this.hue = {};
      map.on("moveend zoomend resize", () => this.border());
      this.watch = new ResizeObserver(() => { map.invalidateSize({ animate: false }); this.border(); });
      this.watch.observe(element);
      this.retheme = () => this.draw();
      window.addEventListener("jingwei:theme", this.retheme);
      this.arcs = null;
      this.load();
    }

    end() {
      this.watch.disconnect();
      window.removeEventListener("jingwei:theme", this.retheme);
      this.map.remove();
    }

    async load() {
      const answer = await fetch(studio.now.cells.address);
      if (!answer.ok) { desk.say(desk.words.failed, "late"); return; }
      this.arcs = arcsOf(jingwei.decodeCells(await answer.arrayBuffer()));
      this.draw();
    }

    // A hue for every grid that none of its neighbours has; it keeps the one it has while it can.
    tint() {
      if (!this.arcs) return;
      const grid = studio.shown(), beside = new Map(), { a, b } = this.arcs;
      const put = function (one, other) { if (!beside.has(one)) beside.set(one, new Set()); beside.get(one).add(other); };
      for (let i = 0; i < a.length; i++) {
        if (b[i] < 0) continue;
        const one = grid[a[i]], other = grid[b[i]];
        if (one !== other) { put(one, other); put(other, one); }
      }
      const used = new Set(grid);
      for (const label of used) {
        const taken = new Set();
        for (const other of beside.get(label) || []) if (this.hue[other] !== undefined) taken.add(this.hue[other]);
        if (this.hue[label] !== undefined && !taken.has(this.hue[label])) continue;
        let hue = label % HUES;
        for (let tries = 0; tries < HUES && taken.has(hue); tries++) hue = (hue + 1) % HUES;
        this.hue[label] = hue;
      }
    }

    // Everything that hangs on labels, choice and theme.
    draw() {
      this.tint();
      this.colour();
      this.border();
    }

    colour() {
      const state = studio.now, grid = studio.shown(), first = studio.shownFirst(), values = this.values, banded = this.mode === "band" && studio.unit !== "community";
      for (let i = 0; i < grid.length; i++) values[i] = banded ? this.banded(grid[i]) : (this.hue[grid[i]] || 0) + (grid[i] !== first[i] ? HUES : 0);
      const said = state.cells, theme = dark() ? "dark" : "light";
      this.base.set({ address: said.base || "", worker: said.worker, colours: jingwei.baseColours(), type: type() });
      this.cells.set({ address: said.address, worker: said.worker, values: values.slice(), colours: banded ? BAND[theme] : COLOURS[theme],
        hatch: { ground: style("--hatch-ground"), line: style("--hatch-line") }, line: { colour: style("--studio-line"), width: Math.max(0.5, 0.5 * type()) } });
    }

    banded(label) {
      if (studio.isDedicated(label)) return NONE;
      const load = this.loads && this.loads.get(label), band = studio.now.said.rules.grid.band;
      return load === undefined ? 3 : load < band[0] ? 0 : load > band[1] ? 2 : 1;
    }

    border() {
      if (!this.arcs || !this.map.getSize().x) return;
      const { a, b, start, x, y, bits, box } = this.arcs, grid = studio.shown(), micro = studio.shownMicro();
      const pen = this.lines.open(), size = this.map.getSize(), zoom = this.map.getZoom(), unit = type();
      const scale = 256 * Math.pow(2, zoom) / Math.pow(2, bits), corner = this.map.getPixelOrigin().add(this.map.containerPointToLayerPoint([0, 0]));
      const west = corner.x / scale, north = corner.y / scale, east = (corner.x + size.x) / scale, south = (corner.y + size.y) / scale;
      const chosen = studio.now.chosen, kinds = [new Path2D(), new Path2D(), new Path2D(), new Path2D()];
      for (let i = 0; i < a.length; i++) {
        if (box[4 * i] > east || box[4 * i + 2] < west || box[4 * i + 1] > south || box[4 * i + 3] < north) continue;
        const one = grid[a[i]], other = b[i] < 0 ? -1 : grid[b[i]];
        let kind;
        if (one !== other) kind = chosen.has(one) || chosen.has(other) ? 2 : 1;
        else if (zoom >= (studio.unit === "community" ? 12.5 : MICRO_FROM) && micro[a[i]] !== micro[b[i]]) kind = 0;
        else continue;
        const path = kinds[kind];
        for (let p = start[i]; p < start[i + 1]; p++) {
          const px = x[p] * scale - corner.x, py = y[p] * scale - corner.y;
          if (p === start[i]) path.moveTo(px, py); else path.lineTo(px, py);
        }
      }
      pen.lineJoin = "round";
      pen.strokeStyle = style("--studio-micro"); pen.lineWidth = unit; pen.setLineDash([3 * unit, 3 * unit]); pen.stroke(kinds[0]); pen.setLineDash([]);
      pen.strokeStyle = style("--studio-grid"); pen.lineWidth = (studio.unit === "community" ? 2.4 : zoom < 13.5 ? 0.8 : zoom < 15 ? 1.4 : 2) * unit; pen.stroke(kinds[1]);
      pen.strokeStyle = style("--accent"); pen.lineWidth = 3.5 * unit; pen.stroke(kinds[2]);
      this.write(pen, zoom, unit);
      this.lines.show();
      if (this.mode === "band") this.colour();
    }

    // The households of every grid that has room for them.
    write(pen, zoom, unit) {
      const state = studio.now, grid = studio.shown(), names = state.names, sums = new Map(), size = this.map.getSize();
      for (let i = 0; i < grid.length; i++) {
        let one = sums.get(grid[i]);
        if (!one) sums.set(grid[i], one = { n: 0, load: 0, lon: 0, lat: 0, weight: 0 });
        const weight = 1 + state.households[i];
        one.n++; one.load += state.households[i]; one.lon += names.lon[i] * weight; one.lat += names.lat[i] * weight; one.weight += weight;
      }
      this.loads = new Map([...sums].map(function ([label, one]) { return [label, one.load]; }));
      const wide = studio.unit === "community";
      if (zoom < (wide ? 12.5 : 14)) return;
      pen.font = "600 " + 12.5 * unit + "px " + style("--sans");
      pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineJoin = "round"; pen.lineWidth = 3.5 * unit;
      const band = state.said.rules.grid.band;
      const taken = [];
      for (const [label, one] of [...sums].sort(function (a, b) { return b[1].load - a[1].load; })) {
        if (!wide && studio.isDedicated(label)) continue;
        const at = this.map.latLngToContainerPoint([one.lat / one.weight, one.lon / one.weight]);
        if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) continue;
        const bad = wide ? "" : one.load < band[0] ? "↓" : one.load > band[1] ? "↑" : "";
        const text = wide ? studio.communityName(label) : (state.locked.has(label) ? "■ " : "") + one.load.toLocaleString("en") + bad;
        const half = pen.measureText(text).width / 2 + 2 * unit; // where two would overlap the larger one is written
        if (taken.some(function (b) { return Math.abs(b[0] - at.x) < b[2] + half && Math.abs(b[1] - at.y) < 16 * unit; })) continue;
        taken.push([at.x, at.y, half]);
        pen.strokeStyle = style("--base-halo"); pen.strokeText(text, at.x, at.y);
        pen.fillStyle = bad ? style("--late-text") : style("--text"); pen.fillText(text, at.x, at.y);
      }
    }

    zoomTo(box) {
      const wide = L.latLngBounds([[box[1], box[0]], [box[3], box[2]]]).pad(0.4);
      this.map.fitBounds(wide, { maxZoom: 17, animate: false });
    }

    // The cells with their middle within so many pixels of a point, and the one under it.
    under(point, radius) {
      const found = [], at = this.cells.at(point), names = studio.now.names;
      if (at >= 0) found.push(at);
      if (!radius) return found;
      const low = this.map.containerPointToLatLng([point.x - radius, point.y + radius]), high = this.map.containerPointToLatLng([point.x + radius, point.y - radius]);
      for (let i = 0; i < names.lon.length; i++) {
        if (names.lon[i] < low.lng || names.lon[i] > high.lng || names.lat[i] < low.lat || names.lat[i] > high.lat || i === at) continue;
        if (this.map.latLngToContainerPoint([names.lat[i], names.lon[i]]).distanceTo(point) <= radius) found.push(i);
      }
      return found;
    }
  }

  // Cells → their arcs: the one or two cells of each (b: -1 where there is none), its points, its box.
  function arcsOf(cells) {
    const n = cells.arcStart.length - 1, a = new Int32Array(n).fill(-1), b = new Int32Array(n).fill(-1), box = new Float64Array(4 * n);
    for (let polygon = 0; polygon < cells.n; polygon++) {
      for (let ring = cells.ringStart[polygon]; ring < cells.ringStart[polygon + 1]; ring++) {
        for (let ref = cells.refStart[ring]; ref < cells.refStart[ring + 1]; ref++) {
          const arc = cells.refs[ref] >> 1;
          if (a[arc] < 0) a[arc] = polygon; else b[arc] = polygon;
        }
      }
    }
    for (let arc = 0; arc < n; arc++) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (let p = cells.arcStart[arc]; p < cells.arcStart[arc + 1]; p++) {
        west = Math.min(west, cells.x[p]); east = Math.max(east, cells.x[p]); north = Math.min(north, cells.y[p]); south = Math.max(south, cells.y[p]);
      }
      box.set([west, north, east, south], 4 * arc);
    }
    return { a: a, b: b, start: cells.arcStart, x: cells.x, y: cells.y, bits: cells.bits, box: box };
  }

  studio.Map = StudioMap;
})();
