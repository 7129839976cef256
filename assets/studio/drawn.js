// A plan drawn elsewhere: dropped, checked, what is wrong with it on the map and in a list that goes there; then a draft of it, or, by
// whoever approves plans, the plan as it is drawn.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  const COLOURS = { dark: ["#24384A", "#6B4A3A"], light: ["#D5E4F0", "#F3C9B0"] };
  const MOST = 500;
  const FORBIDS = ["twice", "no_shape", "overlap", "outside", "pieces", "parent"]; // dashboard/drawing/checking.py says the same
  let view = null, file = null, asked = {};

  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function theme() { return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light"; }
  function type() { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; }

  studio.dropZone = function () {
    const make = desk.make, words = desk.words.files, input = make("input", { type: "file", hidden: true, accept: ".gpkg,.zip,.geojson,.json", onchange: function () { if (input.files.length) send(input.files[0]); } });
    const zone = make("button", { type: "button", class: "studio-drop", onclick: function () { input.click(); },
      ondragover: function (event) { event.preventDefault(); zone.classList.add("is-over"); }, ondragleave: function () { zone.classList.remove("is-over"); },
      ondrop: function (event) { event.preventDefault(); event.stopPropagation(); zone.classList.remove("is-over"); if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]); } }, make("strong", {}, words.drop), make("span", { class: "quiet" }, words.drop_hint));
    zone.append(input);
    return zone;
  };

  async function send(one) {
    desk.say([]);
    let answer;
    try { answer = await fetch("/studio/plan-files", { method: "POST", headers: { "x-file-name": encodeURIComponent(one.name) }, body: one }); } catch (error) { desk.say(desk.words.lost, "late"); return; }
    const said = await answer.json().catch(function () { return null; });
    if (!answer.ok || !said) { desk.say(said ? [said.what, said.todo] : desk.words.lost, "late"); return; }
    file = said;
    asked = { level: "grid", snap: false, layer: "", crs: /gcj[-_ ]?02/i.test(one.name) ? "GCJ-02" : "" };
    check();
  }

  function address() { return "/studio/plan-files/" + file.token; }

  async function check() {
    const make = desk.make, box = make("div", { class: "studio-all" }, head());
    end();
    studio.id = "file";
    studio.show(box);
    const line = studio.work(await studio.ask(address(), Object.assign({ what: "check" }, asked)), function (job, found) { if (studio.id === "file") show(found); }, function () { box.append(choices()); });
    if (line) box.append(line);
  }

  function head() { const make = desk.make; return make("header", { class: "studio-head" }, make("a", { href: "/studio", class: "studio-back", onclick: studio.go("/studio") }, "‹ " + desk.words.all), make("h1", {}, file.name), choices()); }

  // What is checked, and how.
  function choices() {
    const make = desk.make, words = desk.words.files;
    const select = function (name, pairs, text) { return make("select", { "aria-label": text, onchange: function (event) { asked[name] = event.target.value === "true" ? true : event.target.value === "false" ? false : event.target.value; check(); } }, pairs.map(function (pair) { return make("option", { value: String(pair[0]), selected: asked[name] === pair[0] }, pair[1]); })); };
    return make("div", { class: "studio-group studio-files" }, select("level", [["grid", words.grid], ["micro_grid", words.micro_grid]], words.level), select("snap", [[false, words.as_drawn], [true, words.snap]], words.how), select("crs", [["", words.own_system]].concat(words.systems), words.system));
  }

  studio.endDrawn = end;
  function end() { if (view) { view.end(); view = null; } }

  function show(found) {
    const make = desk.make, words = desk.words.files, canvas = make("div", { class: "studio-canvas", tabindex: 0, "aria-label": words.found }), tip = make("div", { class: "studio-tip" });
    const panel = make("div", { class: "studio-panel" });
    studio.show(make("div", { class: "studio-draft" }, head(), make("div", { class: "studio-split" }, make("div", { class: "studio-map is-compare" }, canvas, tip), make("aside", { class: "studio-side is-compare" }, panel))));
    view = new View(canvas, tip, found);
    const counts = Object.entries(found.counts).map(function ([kind, n]) { return make("span", { class: "studio-chip" + (FORBIDS.includes(kind) ? " is-bad" : "") }, words.kinds[kind] + " " + studio.count(n)); });
    const list = found.findings.slice(0, MOST).map(function (one) {
      return make("li", {}, make("button", { type: "button", class: "studio-broken", disabled: one.lon === null, data: { hard: FORBIDS.includes(one.kind) ? "1" : "" }, onclick: function () { view.zoomTo([one.lon - 0.002, one.lat - 0.002, one.lon + 0.002, one.lat + 0.002]); } }, make("span", { class: "studio-chip" }, words.kinds[one.kind]), make("span", {}, one.codes.length ? make("strong", {}, one.codes.slice(0, 3).join("、") + " ") : "", one.text)));
    });
    panel.replaceChildren(make("div", { class: "studio-said" }, make("p", {}, desk.fill(words.summary, { n: studio.count(found.parts), h: studio.count(found.households), p: studio.count(found.in_one_piece), r: found.compactness === null ? "–" : studio.number(found.compactness, 2) })), found.cells_without_part.length ? make("p", {}, desk.fill(words.lost, { n: studio.count(found.cells_without_part.length) })) : ""),
      take(), make("section", {}, make("h2", {}, words.found + " · " + studio.count(found.findings.length)), make("div", { class: "studio-group" }, counts), list.length ? make("ul", { class: "studio-list" }, list) : make("p", { class: "quiet" }, words.nothing), found.findings.length > MOST ? make("p", { class: "quiet" }, desk.fill(desk.words.more_broken, { n: studio.count(MOST), all: studio.count(found.findings.length) })) : ""));
  }

  function take() {
    const make = desk.make, words = desk.words.files, name = make("input", { type: "text", maxlength: 60, placeholder: words.name, "aria-label": words.name });
    const day = make("input", { type: "date", "aria-label": words.day }), box = make("section", { class: "studio-next" });
    name.value = file.name.replace(/\.[^.]+$/, "").slice(0, 60);
    const begin = async function (body, done) {
      const line = studio.work(await studio.ask(address(), Object.assign({ name: name.value }, asked, body)), function (job, result) { done(result); }, function () { line && line.remove(); });
      if (line) box.append(line);
    };
    box.append(name, make("div", { class: "studio-group" }, studio.button(words.to_draft, function () { begin({ what: "draft" }, function (id) { studio.go("/studio/" + id)(); }); }, { class: "button is-first" })));
    if (desk.words.may_save) box.append(make("div", { class: "studio-group" }, day, studio.button(words.to_plan, function () { begin({ what: "save", day: day.value }, function (found) { desk.say(desk.fill(words.saved, { name: found.saved.plan, day: found.saved.effective_from }), "good"); }); })));
    return box;
  }

  class View {
    constructor(element, tip, found) {
      const told = JSON.parse(desk.root().dataset.map || "{}"), map = this.map = L.map(element, { zoomControl: false, zoomSnap: 0.25, maxZoom: 19, boxZoom: false, attributionControl: Boolean(told.tiles && told.attribution) });
      this.found = found;
      if (told.tiles) L.tileLayer(told.tiles, { attribution: told.attribution }).addTo(map);
      L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
      this.zoomTo(found.bounds, 0);
      const heard = { ready: function () {}, fallback: function () {}, failed: function (why) { console.warn("map: " + why); desk.say(desk.words.failed, "late"); }, names: function () {}, places: function () {}, settled: function (yes) { element.dataset.picture = yes ? "there" : "coming"; } };
      this.base = new jingwei.BaseMap(Object.assign({}, heard, { settled: function () {} })).addTo(map);
      this.cells = new jingwei.Cells(heard).addTo(map);
      this.pins = L.layerGroup().addTo(map);
      const renderer = L.canvas();
      for (const one of found.findings) {
        if (one.lon === null) continue;
        const bad = FORBIDS.includes(one.kind), text = document.createElement("span");
        text.textContent = one.text;
        this.pins.addLayer(L.circleMarker([one.lat, one.lon], { renderer: renderer, radius: 5, weight: 1.5, color: bad ? "#D55E00" : "#E69F00", fillColor: bad ? "#D55E00" : "#E69F00", fillOpacity: 0.6 }).bindTooltip(text));
      }
      map.on("mousemove", (event) => {
        const cell = this.cells.at(event.containerPoint), size = map.getSize(), at = event.containerPoint;
        tip.replaceChildren(...(cell < 0 ? [] : [desk.make("strong", {}, found.codes[cell])]));
        tip.style.left = Math.min(at.x + 16, size.x - tip.offsetWidth - 8) + "px";
        tip.style.top = Math.min(at.y + 16, size.y - tip.offsetHeight - 8) + "px";
      });
      map.on("mouseout", function () { tip.replaceChildren(); });
      this.watch = new ResizeObserver(function () { map.invalidateSize({ animate: false }); });
      this.watch.observe(element);
      this.retheme = () => this.colour();
      window.addEventListener("jingwei:theme", this.retheme);
      this.colour();
    }

    end() { this.watch.disconnect(); window.removeEventListener("jingwei:theme", this.retheme); this.map.remove(); }

    colour() {
      const found = this.found, wrong = new Set(found.findings.flatMap(function (one) { return one.codes; })), values = new Uint8Array(found.codes.length);
      found.codes.forEach(function (code, i) { values[i] = wrong.has(code) ? 1 : 0; });
      this.base.set({ address: found.base || "", worker: found.worker, colours: jingwei.baseColours(), type: type() });
      this.cells.set({ address: found.address, worker: found.worker, values: values, colours: COLOURS[theme()], hatch: { ground: style("--hatch-ground"), line: style("--hatch-line") }, line: { colour: style("--studio-grid"), width: Math.max(1, type()) } });
    }

    zoomTo(box, pad) { this.map.fitBounds(L.latLngBounds([[box[1], box[0]], [box[3], box[2]]]).pad(pad === undefined ? 0.4 : pad), { maxZoom: 17, animate: false, padding: [16, 16] }); }
  }
})();
