// The map's page side: which polygons in which colours, where it looks, its buttons. dash-leaflet owns the map; this attaches to
// it from outside, keyed by the map's id. Either may come first.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const maps = (jingwei.maps = {}); // id → View
  const LONGEST = 800, OPENING = 4000; // milliseconds: the rest of the screen waits for the map so long, and not while the page opens
  const waiting = {}; // id → { method: arguments } until the map is there

  function dark() { return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark"; }
  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

  class View {
    constructor(map, id) {
      this.map = map;
      this.id = id;
      this.data = null;
      this.born = performance.now();
      this.followers = []; // who waits for the next picture
      this.names = { codes: [], names: [], number: {} };
      this.notice = L.DomUtil.create("div", "map-notice", map.getContainer());
      this.notice.setAttribute("role", "status");
      const heard = this.heard = {
        ready: () => { if (this.said === "failed") this.say(""); },
        failed: (why) => { this.say("failed"); console.warn("map: " + why); },
        fallback: () => this.say("fallback"),
        names: (...given) => this.labels.give(...given),
        places: () => this.namePlaces(),
        settled: (yes) => {
          map.getContainer().dataset.picture = yes ? "there" : "coming";
          if (yes) { jingwei.pictured(); this.follow(); }
        },
      };
      this.cells = new jingwei.Cells(heard).addTo(map);
      this.base = new jingwei.BaseMap(Object.assign({}, heard, { settled: (yes) => { map.getContainer().dataset.base = yes ? "there" : "coming"; } })).addTo(map);
      this.labels = new jingwei.Names(Object.assign({}, heard, { settled: function () {} })).addTo(map);
      this.things = new jingwei.Things(this);
      this.hover = new jingwei.Hover(this);
      this.keys = new jingwei.Keys(this);
      this.tools = new jingwei.Tools(this);
      this.level = new jingwei.Level(this);
      map.on("dragstart zoomstart", () => { if (!this.fitting) this.atHome = false; });
      this.addressed = id === "map"; // the page's address holds where its one large map looks, not where a small one does
      map.on("moveend", () => { if (this.addressed && !this.fitting && this.atHome === false) jingwei.position.write(map); });
      this.back = () => { const at = this.addressed && jingwei.position.read(); if (at) this.goTo(at); else this.fit(); };
      window.addEventListener("popstate", this.back);
      this.observer = new ResizeObserver(() => this.resized());
      this.observer.observe(map.getContainer());
      this.retheme = () => { this.colour(); };
      window.addEventListener("jingwei:theme", this.retheme);
      map.on("unload", () => this.end());
    }

    end() {
      this.observer.disconnect();
      window.removeEventListener("jingwei:theme", this.retheme);
      window.removeEventListener("popstate", this.back);
      this.cells.remove();
      this.base.remove();
      this.things.end();
      this.labels.remove();
      if (this.events) this.events.end();
      if (maps[this.id] === this) delete maps[this.id];
    }

    style(name) { return style(name); }

    // The size of the type against 16 pixels: what is written and marked grows with it, so that a wall can be read.
    type() { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; }

    say(what) {
      this.said = what;
      this.tell();
    }

    // What the chosen layers do not show.
    hint(...lines) {
      this.hints = lines.filter(Boolean);
      this.tell();
    }

    tell() {
      const said = (this.data && this.data.texts && this.data.texts[this.said]) || "";
      const lines = [said].concat(this.hints || []).filter(Boolean);
      if (lines.join() === this.told) return;
      this.told = lines.join();
      this.notice.replaceChildren(...lines.map(function (text) { const line = document.createElement("div"); line.textContent = text; return line; }));
    }

    // data: dashboard/one_map/canvas.py, browser_data.
    paint(data) {
      const before = this.data;
      this.data = data;
      this.values = jingwei.decodeValues(data.values || "");
      this.numbers = new Float32Array(jingwei.decodeValues(data.numbers || "").buffer);
      this.counts = new Uint32Array(jingwei.decodeValues(data.counts || "").buffer);
      this.map.getContainer().classList.toggle("is-empty", !data.address);
      if (!data.address) jingwei.pictured();
      if (this.said) this.say(this.said);
      if (data.bounds && (!before || !before.bounds)) this.back();
      this.level.look();
      this.home(data.texts || {});
      this.keys.label(data.texts || {});
      this.tools.label(data.tools);
      if (!before || before.address !== data.address) this.hover.forget();
      this.colour();
      this.name();
      if (this.map.getContainer().dataset.picture === "there") this.follow();
    }

    // Resolves once what was chosen last is on the screen; a map that does not come holds nobody up for long.
    painted() {
      return new Promise((resolve) => { this.followers.push(resolve); setTimeout(resolve, LONGEST); });
    }

    follow() {
      const followers = this.followers.splice(0);
      if (followers.length) requestAnimationFrame(() => setTimeout(() => followers.forEach((resolve) => resolve()), 0));
    }

    // What changed of it by itself: the same polygons in other colours, other numbers in the tip (dashboard/live/parts.py).
    tick(pieces) {
      const before = this.data;
      this.data = Object.assign({}, before, pieces.frame);
      if (pieces.values) this.values = jingwei.decodeValues(pieces.values);
      if (pieces.numbers) this.numbers = new Float32Array(jingwei.decodeValues(pieces.numbers).buffer);
      if (pieces.counts) this.counts = new Uint32Array(jingwei.decodeValues(pieces.counts).buffer);
      for (const name of ["numbers", "counts"]) {
        const [at, found] = pieces[name + "_at"] || [[], []];
        at.forEach((polygon, i) => { this[name][polygon] = found[i] === null ? NaN : found[i]; });
      }
      if (before.address !== this.data.address) { this.hover.forget(); this.name(); }
      if (before.address !== this.data.address || before.base !== this.data.base) this.colour();
      else if (pieces.values || pieces.frame) this.recolour();
      this.map.getContainer().dataset.ticks = String(Number(this.map.getContainer().dataset.ticks || 0) + 1);
    }

    colour() {
      if (!this.data) return;
      this.recolour();
      this.base.set({ address: this.data.base || "", worker: this.data.worker, colours: jingwei.baseColours(), type: this.type() });
      this.labels.set({ worker: this.data.worker, font: style("--sans"), type: this.type(),
        colours: { text: style("--base-text"), halo: style("--base-halo"), strong: style("--text") } });
      this.things.refresh();
    }

    recolour() {
      this.cells.set({
        address: this.data.address || "",
        worker: this.data.worker,
        values: this.values,
        colours: (this.data.colours || {})[dark() ? "dark" : "light"] || [],
        hatch: { ground: style("--hatch-ground"), line: style("--hatch-line") },
        line: { colour: style("--map-line"), width: Math.max(1, this.type()) },
      });
    }

    // Codes and names come once an address, beside the polygons.
    async name() {
      const address = this.data.names || "";
      if (address === this.named) return;
      this.named = address;
      this.names = { codes: [], names: [], number: {} };
      this.labels.give("boundaries", null, null);
      if (!address) return;
      const answer = await fetch(address);
      if (!answer.ok || address !== this.named) return;
      const found = await answer.json();
      if (address !== this.named) return;
      found.number = {};
      found.codes.forEach(function (code, i) { found.number[code] = i; });
      this.names = found;
      this.hover.choose(this.chosen);
      this.namePlaces();
    }

    // The polygons' names, once both their places on the screen and they themselves are there.
    namePlaces() {
      const { picture, spots } = this.cells;
      if (!picture || !spots || !this.data || picture.address !== this.data.address || this.data.names !== this.named) return;
      this.labels.givePlaces(picture, spots, this.names.names, this.data.level);
    }

    fit() {
      const b = this.data && this.data.bounds;
      if (!b) return;
      this.fitting = true;
      this.map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { animate: false, padding: [16, 16] });
      this.fitting = false;
      this.atHome = true;
      if (this.addressed) jingwei.position.forget();
    }

    goTo(at) {
      this.atHome = false;
      this.map.setView(at[0], at[1], { animate: false });
    }

    // Where nobody has moved the map it goes on showing everything; else the chosen place stays in sight.
    resized() {
      this.map.invalidateSize({ animate: false });
      if (this.atHome) { this.fit(); return; }
      const chosen = this.hover.chosenBounds() || this.tools.chosenBounds();
      if (chosen && !this.map.getBounds().intersects(chosen)) this.map.panTo(chosen.getCenter(), { animate: false });
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

    // What is said of a polygon: its name, its figure, how many cases that rests on.
    lines(polygon) {
      const { texts, figure } = this.data;
      const name = this.names.names[polygon];
      const value = this.numbers[polygon];
      const shown = Number.isNaN(value) || value === undefined ? texts.none
        : window.dashAgGridFunctions.figure(value, figure.unit, texts.none) + " " + figure.word;
      const n = this.counts[polygon] || 0;
      return (name ? [name] : []).concat([figure.name + " " + shown, "n " + n.toLocaleString("en-US") + (this.values[polygon] === 254 && n ? texts.few : "")]);
    }

    pick(polygon) {
      const code = this.names.codes[polygon];
      if (code === undefined) return;
      window.dash_clientside.set_props("picked", { data: { open: true, place: code, figure: null, part: null, at: Date.now() } });
    }

    select(code) {
      this.chosen = code || null;
      this.hover.choose(this.chosen);
      this.tools.show(this.chosen);
    }

    showThings(names) { this.things.show(names, window.location.search.slice(1)); }

    showEvents(query) {
      if (!this.events) this.events = new jingwei.Events(this);
      this.events.ask(query);
    }
  }

  function call(id, method, argument) {
    if (maps[id]) maps[id][method](argument);
    else (waiting[id] = waiting[id] || {})[method] = argument;
  }

  jingwei.tellMap = call; // of another map than the page's own: (id, method, argument)

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
      // The choice, once the map shows it. While the page opens nothing waits: polygons come beside the numbers.
      shown: async function (chosen) {
        const view = maps.map;
        if (chosen && view && view.data && performance.now() - view.born > OPENING) await view.painted();
        return chosen;
      },
      beside: function (_stamp, data) {
        if (!data) return;
        call("map", "showThings", data.layers || []);
        call("map", "showEvents", data.events === "on" ? window.location.search.slice(1) : null);
      },
      select: function (picked) { call("map", "select", picked && picked.open ? picked.place : null); },
    },
  });
})();
