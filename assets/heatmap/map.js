// One map of the heatmap: the playback's map with values that stand still, keys, a home button, and hexagons over it where they are asked for.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const heat = (jingwei.heat = jingwei.heat || {});
  const FEW = 254, OUTSIDE = 253; // layers/codec.py

  // A figure's number as it is read, with its sign where it is a difference.
  heat.number = function (value, figure, none) {
    if (value === undefined || Number.isNaN(value)) return none;
    const text = figure.unit ? window.dashAgGridFunctions.figure(Math.abs(value), figure.unit, none) : Math.abs(value).toFixed(2);
    const sign = value < 0 ? "−" : figure.signed && value > 0 ? "+" : "";
    return sign + text + (figure.word && figure.word !== "z" ? " " + figure.word : "");
  };

  // Made when the page begins: the playback's script may come later than this one.
  heat.map = function (element, page, pick) {
    class HeatMap extends jingwei.PlayMap {
      constructor() {
        super(element, page.ground, (polygon) => this.tip(polygon), (polygon) => pick(this, polygon));
        this.keys = new jingwei.Keys(this);
        this.keys.label(page.words);
        this.home();
        this.hexagons = new heat.Hexagons(this, page);
      }

      end() {
        this.hexagons.asked = false;
        super.end();
      }

      home() {
        const words = page.words, map = this.map;
        L.control.zoom({ position: "topleft", zoomInTitle: words.in, zoomOutTitle: words.out }).addTo(map);
        const Home = L.Control.extend({ onAdd: () => {
          const box = L.DomUtil.create("div", "leaflet-bar");
          const link = L.DomUtil.create("a", "map-home", box);
          Object.assign(link, { href: "#", title: words.home });
          link.setAttribute("role", "button");
          link.setAttribute("aria-label", words.home);
          L.DomEvent.disableClickPropagation(box);
          L.DomEvent.on(link, "click", (event) => { L.DomEvent.preventDefault(event); this.moved = false; this.fit(); });
          return box;
        } });
        new Home({ position: "topleft" }).addTo(map);
      }

      // told: dashboard/heatmap/drawn.py, told.
      show(told) {
        const before = this.said;
        this.said = told;
        this.classes = { colours: told.colours };
        this.level = told.level;
        this.values = jingwei.decodeValues(told.values);
        this.numbers = new Float32Array(jingwei.decodeValues(told.numbers).buffer);
        this.counts = new Uint32Array(jingwei.decodeValues(told.counts).buffer);
        if (!before || before.address !== told.address) { this.hover.forget(); this.nameThem().then(() => this.named && this.named()); }
        if (!before || String(before.bounds) !== String(told.bounds)) { this.moved = false; this.fit(); }
        this.dress();
      }

      tip(polygon) {
        const said = this.said, figure = said.figure, name = this.names.names[polygon], n = this.counts[polygon] || 0, value = this.values[polygon];
        if (value === OUTSIDE) return [name || ""];
        const kind = said.words[value];
        const few = value === FEW ? "（" + page.words.few + "）" : "";
        return [name || "", kind || "", figure.name + " " + heat.number(this.numbers[polygon], figure, page.words.none), page.words.n + " " + n.toLocaleString("en-US") + few].filter(Boolean);
      }
    }
    return new HeatMap();
  };

  // Hexagons of the window, in their own pane over the dimmed places.
  heat.Hexagons = class {
    constructor(view, page) {
      this.view = view;
      this.page = page;
      this.paper = new jingwei.Overlay(view.map, "hexagons", 360);
      view.map.on("moveend", () => this.refresh());
      view.map.on("mousemove", (event) => this.hover(event));
    }

    on(yes) {
      this.asked = yes;
      this.view.map.getContainer().classList.toggle("has-hexagons", yes);
      if (yes) this.refresh(); else { this.found = null; this.paper.clear(); }
    }

    async refresh() {
      if (!this.asked || !this.view.map.getSize().x) return;
      const mine = (this.pending = {}), map = this.view.map, box = map.getBounds().pad(0.15);
      const query = { box: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(function (v) { return v.toFixed(5); }).join(","), zoom: Math.round(map.getZoom()) };
      const found = await this.page.ask("hexagons", query).catch(() => null);
      if (!found || mine !== this.pending || !this.asked) return;
      const bytes = function (text) { return jingwei.decodeValues(text); };
      this.corners = new Float64Array(bytes(found.corners).buffer);
      this.counts = new Uint32Array(bytes(found.counts).buffer);
      this.classes = bytes(found.classes);
      this.found = found;
      this.draw();
      this.page.side.density(found);
      this.page.hexagon(found.width);
    }

    draw() {
      if (!this.found) return;
      const map = this.view.map, pen = this.paper.open(), dark = document.documentElement.getAttribute("data-mantine-color-scheme") === "dark";
      const colours = this.found.colours[dark ? "dark" : "light"];
      this.centres = [];
      pen.lineWidth = 1;
      pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--map-line");
      pen.globalAlpha = 0.86;
      for (let i = 0; i < this.counts.length; i++) {
        let x = 0, y = 0;
        pen.beginPath();
        for (let k = 0; k < 6; k++) {
          const at = map.latLngToContainerPoint([this.corners[i * 12 + k * 2 + 1], this.corners[i * 12 + k * 2]]);
          if (k) pen.lineTo(at.x, at.y); else pen.moveTo(at.x, at.y);
          x += at.x / 6; y += at.y / 6;
        }
        pen.closePath();
        pen.fillStyle = colours[this.classes[i]];
        pen.fill();
        pen.stroke();
        this.centres.push([x, y, { lines: [jingwei.desk.fill(this.page.words.hexagon, { n: this.counts[i].toLocaleString("en-US") })] }]);
      }
      this.paper.show();
      map.getContainer().dataset.hexagons = String(this.counts.length);
    }

    hover(event) {
      if (this.found && this.centres.length) this.view.hover.tipNearest(this.centres, event.containerPoint, 60);
    }
  };
})();
