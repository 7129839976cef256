// Two plans beside each other: one map under a slider, west of it the one, east of it the other; what differs in sentences, grid by grid
// and building by building.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  const MOST = 200;
  const COLOURS = { dark: ["#24384A", "#8A6A2F"], light: ["#D5E4F0", "#F3D08C"] };
  const MOVED_FROM = 13; // zoom from which moved buildings are dots
  let view = null;

  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function theme() { return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light"; }
  function type() { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; }

  studio.compare = async function () {
    const make = desk.make, asked = new URLSearchParams(location.search);
    end();
    studio.show(make("p", { class: "studio-loading quiet" }, desk.words.comparing.counting));
    const said = await studio.ask("/studio/compared?first=" + encodeURIComponent(asked.get("first") || "") + "&second=" + encodeURIComponent(asked.get("second") || ""));
    if (!said || studio.id !== "compare") return;
    document.title = desk.words.compare + " · " + desk.words.title;
    draw(said);
  };

  studio.endCompare = end;
  function end() { if (view) { view.end(); view = null; } }

  function draw(said) {
    const make = desk.make, words = desk.words, canvas = make("div", { class: "studio-canvas", tabindex: 0, "aria-label": words.compare });
    const swipe = make("div", { class: "studio-swipe" }), tip = make("div", { class: "studio-tip" });
    const key = make("div", { class: "studio-key" }, make("div", {}, make("span", { class: "studio-swatch is-differs" }), words.comparing.differs), make("div", {}, make("span", { class: "studio-swatch is-dot" }), words.comparing.moved_dot));
    const pick = function (name, mine) {
      const box = make("select", { "aria-label": words.comparing[name], onchange: function (event) {
        const now = { first: said.first, second: said.second };
        now[name] = event.target.value;
        studio.go("/studio/compare?first=" + now.first + "&second=" + now.second)();
      } }, said.plans.map(function (one) { return make("option", { value: one[0], selected: one[0] === mine }, one[1] + " · " + one[2]); }));
      return make("label", { class: "studio-pick" }, make("span", { class: "quiet" }, words.comparing[name]), box);
    };
    const panel = make("div", { class: "studio-panel" });
    studio.show(make("div", { class: "studio-draft" },
      make("header", { class: "studio-head" }, make("a", { href: "/studio", class: "studio-back", onclick: studio.go("/studio") }, "‹ " + words.all), make("h1", {}, words.compare), pick("first", said.first), pick("second", said.second)),
      make("div", { class: "studio-split" }, make("div", { class: "studio-map is-compare" }, canvas, tip, key, swipe), make("aside", { class: "studio-side is-compare" }, panel))));
    view = new View(canvas, swipe, tip, said);
    lists(panel, said);
  }

  // The words, the grids that differ, the buildings that move.
  function lists(panel, said) {
    const make = desk.make, words = desk.words.comparing, columns = desk.words.comparing.grid_columns;
    const go = function (box) { return function () { if (box.length) view.zoomTo(box); }; };
    const grids = said.grids.map(function (row) {
      const [was, now, before, after, gained, lost, box] = row;
      return make("tr", { onclick: go(box) }, make("td", {}, make("button", { type: "button", class: "studio-name" }, now || was), now && was && now !== was ? make("span", { class: "quiet studio-was" }, was) : "", now ? was ? "" : make("span", { class: "studio-chip" }, words.made) : make("span", { class: "studio-chip" }, desk.words.gone)),
        make("td", { class: "is-number" }, make("span", {}, now ? studio.count(after) : "–"), was && before !== after ? make("span", { class: "quiet studio-was" }, studio.count(before)) : ""), make("td", { class: "is-number" }, gained ? "+" + studio.count(gained) : "–"), make("td", { class: "is-number" }, lost ? "−" + studio.count(lost) : "–"));
    });
    const moved = said.moved.map(function (row) { return row.slice(0, 5); });
    const buildings = said.moved.slice(0, MOST).map(function (row) { const at = [row[6] - 0.001, row[7] - 0.001, row[6] + 0.001, row[7] + 0.001]; return make("tr", { onclick: go(at) }, row.slice(0, 5).map(function (value, i) { return make("td", { class: i === 1 ? "is-number" : "" }, i === 1 ? studio.count(value) : value); })); });
    const table = function (heads, rows, number) { return make("table", {}, make("thead", {}, make("tr", {}, heads.map(function (text, i) { return make("th", { scope: "col", class: number(i) ? "is-number" : "" }, text); }))), make("tbody", {}, rows)); };
    const more = function (rows) { return rows.length > MOST ? make("p", { class: "quiet" }, desk.fill(desk.words.what_if.more, { n: studio.count(rows.length - MOST) })) : ""; };
    const name = desk.words.compare;
    const save = function (heads, rows, title) { return studio.button(desk.words.what_if.save, function () { studio.saveCsv(name + " " + title, [heads].concat(rows)); }); };
    panel.replaceChildren(make("div", { class: "studio-said" }, said.said.map(function (line) { return make("p", {}, line); })),
      grids.length ? make("section", { class: "studio-grids" }, make("h2", {}, words.grids + " · " + studio.count(grids.length), save(words.grid_file, said.grids.map(function (row) { return [row[7], row[0], row[8], row[1], row[2], row[3], row[4], row[5]]; }), words.grids)), table(columns, grids.slice(0, MOST), function (i) { return i > 0; }), more(grids)) : "",
      moved.length ? make("section", { class: "studio-grids" }, make("h2", {}, desk.words.what_if.moved + " · " + studio.count(moved.length), save(desk.words.what_if.moved_columns, moved, desk.words.what_if.moved)), table(desk.words.what_if.moved_columns, buildings, function (i) { return i === 1; }), more(moved)) : "");
  }

  const East = jingwei.Cells.extend({ pane: "polygons-east", level: 352 });
  const West = jingwei.Cells.extend({ pane: "polygons-west", level: 351 });

  class View {
    constructor(element, swipe, tip, said) {
      const told = JSON.parse(desk.root().dataset.map || "{}");
      this.said = said;
      this.tip = tip;
      const map = this.map = L.map(element, { zoomControl: false, zoomSnap: 0.25, maxZoom: 19, boxZoom: false, attributionControl: Boolean(told.tiles && told.attribution) });
      if (told.tiles) L.tileLayer(told.tiles, { attribution: told.attribution }).addTo(map);
      L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
      this.zoomTo(said.bounds, 0);
      const heard = { ready: function () {}, fallback: function () {}, failed: function (why) { console.warn("map: " + why); desk.say(desk.words.failed, "late"); }, names: function () {}, places: function () {},
        settled: function (yes) { element.dataset.picture = yes ? "there" : "coming"; } };
      this.base = new jingwei.BaseMap(Object.assign({}, heard, { settled: function () {} })).addTo(map);
      this.west = new West(Object.assign({}, heard, { settled: function () {} })).addTo(map);
      this.east = new East(heard).addTo(map);
      this.dots = new jingwei.Overlay(map, "moved-dots", 390);
      this.slider(swipe);
      map.on("move zoom moveend zoomend resize", () => this.clip());
      map.on("moveend zoomend resize", () => this.dot());
      map.on("mousemove", (event) => this.hover(event));
      map.on("mouseout", () => tip.replaceChildren());
      this.watch = new ResizeObserver(() => { map.invalidateSize({ animate: false }); this.clip(); this.dot(); });
      this.watch.observe(element);
      this.retheme = () => { this.colour(); this.dot(); };
      window.addEventListener("jingwei:theme", this.retheme);
      this.colour();
      this.dot();
    }

    end() { this.watch.disconnect(); window.removeEventListener("jingwei:theme", this.retheme); this.map.remove(); }

    slider(box) {
      const make = desk.make, plans = this.said.plans, name = function (word) { const one = plans.find(function (plan) { return plan[0] === word; }); return one ? one[1] : ""; };
      const slider = this.range = make("input", { type: "range", min: 0, max: 1, step: 0.002, "aria-label": desk.words.comparing.slide, oninput: () => this.clip() });
      slider.value = 0.5;
      this.line = make("div", { class: "studio-swipe-line" });
      box.replaceChildren(this.line, make("span", {}, name(this.said.first)), slider, make("span", {}, name(this.said.second)));
      this.clip();
    }

    // Each side is seen up to the slider only.
    clip() {
      const map = this.map, size = map.getSize(), at = this.range.value * size.x, north = map.containerPointToLayerPoint([0, 0]), south = map.containerPointToLayerPoint(size);
      const cut = north.x + at, rect = function (west, east) { return "rect(" + [north.y, east, south.y, west].map(function (v) { return Math.round(v) + "px"; }).join(",") + ")"; };
      map.getPane("polygons-west").style.clip = rect(north.x, cut);
      map.getPane("polygons-east").style.clip = rect(cut, south.x);
      this.line.style.left = at + "px";
      this.at = at;
    }

    colour() {
      const said = this.said, sides = [[this.west, said.first_shapes, 0], [this.east, said.second_shapes, 1]];
      this.base.set({ address: said.base || "", worker: said.worker, colours: jingwei.baseColours(), type: type() });
      for (const [layer, shapes, i] of sides) {
        const differs = new Set(said.grids.map(function (row) { return row[i]; })), values = new Uint8Array(shapes.n);
        shapes.names.forEach(function (name, at) { values[at] = differs.has(name) ? 1 : 0; });
        layer.set({ address: shapes.address, worker: said.worker, values: values, colours: COLOURS[theme()], hatch: { ground: style("--hatch-ground"), line: style("--hatch-line") }, line: { colour: style("--studio-grid"), width: Math.max(1, type()) } });
      }
    }

    // The buildings that change their grid.
    dot() {
      const map = this.map, pen = this.dots.open(), size = map.getSize(), unit = type();
      if (map.getZoom() >= MOVED_FROM) {
        pen.fillStyle = style("--accent"); pen.strokeStyle = style("--page"); pen.lineWidth = unit;
        for (const row of this.said.moved) {
          const at = map.latLngToContainerPoint([row[7], row[6]]);
          if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) continue;
          pen.beginPath(); pen.arc(at.x, at.y, 3 * unit, 0, 7); pen.fill(); pen.stroke();
        }
      }
      this.dots.show();
    }

    hover(event) {
      const west = event.containerPoint.x < this.at, layer = west ? this.west : this.east, shapes = west ? this.said.first_shapes : this.said.second_shapes;
      const cell = layer.at(event.containerPoint), box = this.tip;
      if (cell < 0) { box.replaceChildren(); return; }
      box.replaceChildren(desk.make("strong", {}, shapes.names[cell]));
      const size = this.map.getSize(), at = event.containerPoint;
      box.style.left = Math.min(at.x + 16, size.x - box.offsetWidth - 8) + "px";
      box.style.top = Math.min(at.y + 16, size.y - box.offsetHeight - 8) + "px";
    }

    zoomTo(box, pad) { this.map.fitBounds(L.latLngBounds([[box[1], box[0]], [box[3], box[2]]]).pad(pad === undefined ? 0.4 : pad), { maxZoom: 17, animate: false, padding: [16, 16] }); }
  }
})();
