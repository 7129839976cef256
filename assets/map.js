// The plain polygon layer: geometry once by a content address, values as often as they change.
// dash-leaflet owns the map; this attaches to it from outside, keyed by the map's id. Either may come first.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const maps = (jingwei.maps = {}); // id → View
  const waiting = {}; // id → { method: arguments } until the map is there
  const DETAILS = [[11, "coarse"], [14, "medium"], [99, "fine"]];

  function dark() { return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark"; }
  function detailAt(zoom) { return DETAILS.find(function (d) { return zoom <= d[0]; })[1]; }

  class View {
    constructor(map, id) {
      this.map = map;
      this.id = id;
      this.shapes = {}; // code → Leaflet layer
      this.data = null;
      this.loaded = ""; // address of the geometry that is drawn
      this.chosen = null;
      map.createPane("polygons").style.zIndex = 350;
      map.createPane("chosen").style.zIndex = 450;
      map.getPane("chosen").style.pointerEvents = "none";
      this.renderer = L.svg({ pane: "polygons", padding: 0.5 });
      this.outline = L.svg({ pane: "chosen", padding: 0.5 });
      this.tip = document.createElement("div");
      this.tip.className = "map-tip";
      map.getContainer().appendChild(this.tip);
      map.on("zoomend", () => this.load());
      map.on("mouseout", () => this.hideTip());
      map.on("dragstart zoomstart", () => { if (!this.fitting) this.atHome = false; });
      map.on("moveend", () => { if (!this.fitting && this.atHome === false) jingwei.position.write(map); });
      this.back = () => { const at = jingwei.position.read(); if (at) this.goTo(at); else this.fit(); };
      window.addEventListener("popstate", this.back);
      this.observer = new ResizeObserver(() => this.resized());
      this.observer.observe(map.getContainer());
      this.retheme = () => this.colour();
      window.addEventListener("jingwei:theme", this.retheme);
      map.on("unload", () => this.end());
    }

    end() {
      this.observer.disconnect();
      window.removeEventListener("jingwei:theme", this.retheme);
      window.removeEventListener("popstate", this.back);
      delete maps[this.id];
    }

    paint(data) {
      const before = this.data;
      this.data = data;
      this.map.getContainer().classList.toggle("is-empty", !data.address);
      if (data.bounds && (!before || !before.bounds || !before.fitted)) this.back();
      if (data.bounds) this.data.fitted = true;
      this.home(data.texts || {});
      this.load();
      this.colour();
    }

    fit() {
      const b = this.data && this.data.bounds;
      if (!b) return;
      this.fitting = true;
      this.map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { animate: false, padding: [16, 16] });
      this.fitting = false;
      this.atHome = true;
      jingwei.position.forget();
    }

    goTo(at) {
      this.atHome = false;
      this.map.setView(at[0], at[1], { animate: false });
    }

    // Where nobody has moved the map it goes on showing everything; else the chosen place stays in sight.
    resized() {
      this.map.invalidateSize({ animate: false });
      if (this.atHome) { this.fit(); return; }
      const shape = this.chosen && this.shapes[this.chosen];
      if (shape && !this.map.getBounds().intersects(shape.getBounds())) this.map.panTo(shape.getBounds().getCenter(), { animate: false });
    }

    home(texts) {
      if (this.homeButton || !texts.home) return;
      L.control.zoom({ position: "topleft", zoomInTitle: texts.in, zoomOutTitle: texts.out }).addTo(this.map);
      const view = this;
      const Home = L.Control.extend({
        onAdd: function () {
          const box = L.DomUtil.create("div", "leaflet-bar");
          const link = L.DomUtil.create("a", "map-home", box);
          link.href = "#";
          link.title = texts.home;
          link.setAttribute("role", "button");
          link.setAttribute("aria-label", texts.home);
          L.DomEvent.disableClickPropagation(box);
          L.DomEvent.on(link, "click", function (event) { L.DomEvent.preventDefault(event); view.fit(); });
          return box;
        },
      });
      this.homeButton = new Home({ position: "topleft" }).addTo(this.map);
    }

    async load() {
      if (!this.data || !this.data.address) { this.clear(); return; }
      const address = this.data.address.replace("{detail}", detailAt(this.map.getZoom()));
      if (address === this.loaded) return;
      this.loaded = address;
      const answer = await fetch(address);
      if (!answer.ok || address !== this.loaded) return;
      const collection = await answer.json();
      if (address !== this.loaded) return;
      this.clear();
      this.loaded = address;
      this.layer = L.geoJSON(collection, {
        renderer: this.renderer,
        pane: "polygons",
        style: { weight: 1, color: "var(--map-line)", fillOpacity: 1, className: "place" },
        onEachFeature: (feature, shape) => this.attach(feature, shape),
      }).addTo(this.map);
      this.hatch();
      this.colour();
      this.outlineChosen();
    }

    attach(feature, shape) {
      this.shapes[feature.id] = shape;
      shape.code = feature.id;
      shape.name = feature.properties.name;
      shape.on("mousemove", (event) => this.showTip(shape, event.containerPoint));
      shape.on("mouseover", () => shape.setStyle({ color: "var(--text)", weight: 2 }).bringToFront());
      shape.on("mouseout", () => { shape.setStyle({ color: "var(--map-line)", weight: 1 }); this.hideTip(); });
      shape.on("click", () => this.pick(feature.id));
    }

    pick(code) {
      window.dash_clientside.set_props("picked", { data: { open: true, place: code, figure: null, part: null, at: Date.now() } });
    }

    clear() {
      if (this.layer) this.layer.remove();
      this.layer = null;
      this.loaded = "";
      this.shapes = {};
      this.hideTip();
    }

    // No data is hatched: grey is a colour, and would be read as a class.
    hatch() {
      const svg = this.renderer._container;
      if (!svg || svg.querySelector("defs")) return;
      const name = "http://www.w3.org/2000/svg";
      const defs = document.createElementNS(name, "defs");
      const pattern = document.createElementNS(name, "pattern");
      for (const [key, value] of Object.entries({ id: "hatch-" + this.id, width: 6, height: 6, patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)" })) pattern.setAttribute(key, value);
      const ground = document.createElementNS(name, "rect");
      ground.setAttribute("width", 6);
      ground.setAttribute("height", 6);
      ground.setAttribute("class", "hatch-ground");
      const line = document.createElementNS(name, "line");
      line.setAttribute("y2", 6);
      line.setAttribute("class", "hatch-line");
      pattern.append(ground, line);
      defs.append(pattern);
      svg.prepend(defs);
    }

    colour() {
      if (!this.data || !this.layer) return;
      const colours = (this.data.colours || {})[dark() ? "dark" : "light"] || [];
      const classes = {};
      (this.data.codes || []).forEach((code, i) => { classes[code] = this.data.classes[i]; });
      for (const [code, shape] of Object.entries(this.shapes)) {
        const found = classes[code];
        shape.setStyle({ fillColor: found >= 0 ? colours[found] : "url(#hatch-" + this.id + ")" });
      }
    }

    select(code) {
      this.chosen = code || null;
      this.outlineChosen();
    }

    outlineChosen() {
      if (this.ring) this.ring.remove();
      this.ring = null;
      const shape = this.chosen && this.shapes[this.chosen];
      if (!shape) return;
      const rings = shape.getLatLngs();
      this.ring = L.layerGroup([["var(--page)", 6], ["var(--text)", 3]].map(([color, weight]) => L.polygon(rings, {
        renderer: this.outline, pane: "chosen", interactive: false, fill: false, color: color, weight: weight }))).addTo(this.map);
    }

    showTip(shape, point) {
      const i = (this.data.codes || []).indexOf(shape.code);
      this.tipLines([shape.name].concat(i >= 0 ? this.data.lines[i] : [this.data.texts.none]), point);
    }

    tipLines(lines, point) {
      this.tip.replaceChildren(...lines.map(function (text, i) {
        const line = document.createElement("div");
        line.className = i ? "" : "map-tip-name";
        line.textContent = text;
        return line;
      }));
      const box = this.map.getSize();
      this.tip.style.display = "block";
      const left = Math.min(point.x + 16, box.x - this.tip.offsetWidth - 8);
      const top = point.y + 20 + this.tip.offsetHeight > box.y ? point.y - this.tip.offsetHeight - 12 : point.y + 20;
      this.tip.style.transform = "translate(" + Math.max(8, left) + "px," + Math.max(8, top) + "px)";
    }

    hideTip() { this.tip.style.display = "none"; }

    showEvents(query) {
      if (!this.events) this.events = new jingwei.Events(this);
      this.events.ask(query);
    }
  }

  function call(id, method, argument) {
    if (maps[id]) maps[id][method](argument);
    else (waiting[id] = waiting[id] || {})[method] = argument;
  }

  L.Map.addInitHook(function () {
    const map = this;
    const id = map.getContainer().id;
    if (!id) return;
    map.whenReady(function () {
      maps[id] = new View(map, id);
      for (const [method, argument] of Object.entries(waiting[id] || {})) maps[id][method](argument);
      delete waiting[id];
    });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    map: {
      // Inputs are the stores' timestamps: with the data itself as input the renderer keeps every payload for undo.
      paint: function (_stamp, data) { if (data) call("map", "paint", data); },
      events: function (_stamp, data) { if (data) call("map", "showEvents", data.events === "on" ? window.location.search.slice(1) : null); },
      select: function (picked) { call("map", "select", picked && picked.open ? picked.place : null); },
    },
  });
})();
