// The playback's map: places coloured by what was counted in them, open cases as points, new ones as pulses. It stands on the same
// layers as the one map (assets/cells, base, names); where it looks is not written into the address.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const OPEN = 1, OVERDUE = 2, SUSPENDED = 4; // bits of data/playback_sql.py, COUNTS
  const NONE = 255; // no colour but hatching (layers/codec.py)
  const PAINT = 250, DOTS = 120; // milliseconds between two pictures of the polygons, of the points
  const SHARE = 4; // how many times as long as it took a picture rests, at least
  const MOST_PULSES = 60, PULSE = 1000; // at once; milliseconds each is seen

  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function dark() { return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark"; }
  function type() { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; }

  class PlayMap {
    // said: { tiles, attribution }; lines(polygon): what the tip says; pick(polygon)
    constructor(element, said, lines, pick) {
      this.lines = lines;
      this.pick = pick;
      this.names = { codes: [], names: [], number: {} };
      const map = this.map = L.map(element, { zoomControl: false, keyboard: false, zoomSnap: 0.25, attributionControl: Boolean(said.tiles && said.attribution) });
      if (said.tiles) L.tileLayer(said.tiles, { attribution: said.attribution }).addTo(map);
      map.setView([30, 114], 10);
      const heard = {
        ready: function () {}, fallback: function () {}, failed: function (why) { console.warn("map: " + why); },
        names: (...given) => this.labels.give(...given),
        places: () => this.namePlaces(),
        settled: function (yes) { element.dataset.picture = yes ? "there" : "coming"; },
      };
      this.cells = new jingwei.Cells(heard).addTo(map);
      this.base = new jingwei.BaseMap(Object.assign({}, heard, { settled: function () {} })).addTo(map);
      this.labels = new jingwei.Names(Object.assign({}, heard, { settled: function () {} })).addTo(map);
      this.hover = new jingwei.Hover(this);
      this.dots = new jingwei.Overlay(map, "points", 370);
      this.rings = map.createPane("pulses");
      Object.assign(this.rings.style, { zIndex: 440, pointerEvents: "none" });
      this.rings.classList.add("leaflet-zoom-hide");
      map.on("viewreset zoomend", () => this.rings.replaceChildren());
      map.on("moveend", () => this.drawDots());
      this.watch = new ResizeObserver(() => this.resized());
      this.watch.observe(element);
      map.on("dragstart zoomstart", () => { if (!this.fitting) this.moved = true; });
      this.retheme = () => this.dress();
      window.addEventListener("jingwei:theme", this.retheme);
    }

    end() {
      this.watch.disconnect();
      window.removeEventListener("jingwei:theme", this.retheme);
      this.map.remove();
    }

    // said: the outline's map and classes.
    show(said, classes, level) {
      const before = this.said;
      this.said = said;
      this.classes = classes;
      this.level = level;
      this.values = new Uint8Array(said.n);
      this.outside = said.inside ? new Uint8Array(said.n).fill(1) : null;
      if (said.inside) for (const polygon of said.inside) this.outside[polygon] = 0;
      this.moved = false;
      if (!before || before.address !== said.address) { this.hover.forget(); this.nameThem(); }
      this.fit();
      this.dress();
    }

    fit() {
      const b = this.said && this.said.bounds;
      if (!b || !this.map.getSize().x) return;
      this.fitting = true;
      this.map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { animate: false, padding: [16, 16] });
      this.fitting = false;
    }

    resized() {
      this.map.invalidateSize({ animate: false });
      if (!this.moved) this.fit();
      this.drawDots();
    }

    // Everything that hangs on the theme and the size of the type.
    dress() {
      if (!this.said) return;
      this.base.set({ address: this.said.base || "", worker: this.said.worker, colours: jingwei.baseColours(), type: type() });
      this.labels.set({ worker: this.said.worker, font: style("--sans"), type: type(), colours: { text: style("--base-text"), halo: style("--base-halo"), strong: style("--text") } });
      this.colour();
      this.drawDots();
    }

    colour() {
      const began = performance.now();
      this.cells.set({
        address: this.said.address, worker: this.said.worker, values: this.values, colours: this.classes.colours[dark() ? "dark" : "light"],
        hatch: { ground: style("--hatch-ground"), line: style("--hatch-line") }, line: { colour: style("--map-line"), width: Math.max(1, type()) },
      });
      this.restUntil = performance.now() + Math.max(PAINT, SHARE * (performance.now() - began));
    }

    // What the places count now; painted when the last picture has rested (then true). still: playback stands, so at once.
    count(counts, still) {
      const soon = !still && performance.now() < (this.restUntil || 0);
      if (this.said && !soon) this.recolour(counts);
      return !soon;
    }

    recolour(counts) {
      const before = this.values;
      const now = jingwei.classed(counts, this.classes.breaks, this.spare && this.spare.length === before.length ? this.spare : new Uint8Array(before.length));
      if (this.outside) for (let i = 0; i < now.length; i++) if (this.outside[i]) now[i] = NONE;
      if (this.painted === this.classes && now.every(function (value, i) { return value === before[i]; })) { this.spare = now; return; }
      this.spare = before;
      this.values = now;
      this.painted = this.classes;
      this.colour();
      this.map.getContainer().dataset.ticks = String(Number(this.map.getContainer().dataset.ticks || 0) + 1);
    }

    // Open cases, as they stand; drawn when the last drawing has rested (then true).
    points(cases, state, still) {
      this.cases = cases;
      this.state = state;
      const soon = !still && performance.now() < (this.dotsUntil || 0);
      if (!soon) this.drawDots();
      return !soon;
    }

    drawDots() {
      if (!this.cases || !this.map.getSize().x) return;
      const began = performance.now(), rem = type(), { lon, lat } = this.cases, state = this.state;
      const pen = this.dots.open(), size = this.map.getSize(), map = this.map;
      const colours = { open: style("--state-open"), overdue: style("--state-overdue"), suspended: style("--state-closed") };
      pen.lineWidth = rem;
      pen.strokeStyle = style("--page");
      let drawn = 0;
      for (let i = 0; i < state.length; i++) {
        if (!(state[i] & OPEN) || Number.isNaN(lon[i])) continue;
        const at = map.latLngToContainerPoint([lat[i], lon[i]]);
        if (at.x < -8 || at.y < -8 || at.x > size.x + 8 || at.y > size.y + 8) continue;
        drawn++;
        pen.beginPath();
        if (state[i] & OVERDUE) { // state has a shape beside its colour: overdue is a diamond
          const tip = 4.6 * rem;
          pen.fillStyle = colours.overdue;
          pen.moveTo(at.x, at.y - tip); pen.lineTo(at.x + tip, at.y); pen.lineTo(at.x, at.y + tip); pen.lineTo(at.x - tip, at.y);
          pen.closePath();
        } else {
          pen.fillStyle = state[i] & SUSPENDED ? colours.suspended : colours.open;
          pen.arc(at.x, at.y, (state[i] & SUSPENDED ? 2.2 : 3) * rem, 0, 2 * Math.PI);
        }
        pen.fill();
        pen.stroke();
      }
      this.dots.show();
      this.map.getContainer().dataset.points = String(drawn);
      this.dotsUntil = performance.now() + Math.max(DOTS, SHARE * (performance.now() - began));
    }

    // New cases: [[lon, lat], …], each a ring of its own for a second. The live map draws its few on one canvas of the window's size
    // (assets/map_pulses.js); here they come all the time, and clearing that canvas for every frame takes 40 ms at 3840 × 2160.
    pulse(points) {
      const box = this.map.getContainer();
      for (const [lon, lat] of points.slice(-MOST_PULSES)) {
        if (Number.isNaN(lon) || this.rings.childElementCount >= MOST_PULSES) continue;
        const ring = L.DomUtil.create("div", "pb-pulse", this.rings);
        L.DomUtil.setPosition(ring, this.map.latLngToLayerPoint([lat, lon]));
        setTimeout(function () { ring.remove(); }, PULSE);
        box.dataset.pulses = String(Number(box.dataset.pulses || 0) + 1);
      }
    }

    async nameThem() {
      const address = this.said.names;
      this.names = { codes: [], names: [], number: {} };
      this.labels.give("boundaries", null, null);
      if (!address) return;
      const answer = await fetch(address);
      if (!answer.ok || address !== this.said.names) return;
      const found = await answer.json();
      found.number = {};
      found.codes.forEach(function (code, i) { found.number[code] = i; });
      this.names = found;
      this.namePlaces();
    }

    namePlaces() {
      const { picture, spots } = this.cells;
      if (picture && spots && this.said && picture.address === this.said.address) this.labels.givePlaces(picture, spots, this.names.names, this.level);
    }
  }

  jingwei.PlayMap = PlayMap;
})();
