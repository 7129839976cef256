// The studio's frame and its tools: what the pointer does on the map, the bar over it, the keys.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  const TOOLS = ["select", "cell", "micro", "line", "pin"], KEYS = { v: "select", b: "cell", m: "micro", k: "line", c: "pin" };
  const RADII = [0, 14, 30, 60]; // pixels of the brush
  let held = false; // the space bar

  studio.frame = function () {
    const make = desk.make, canvas = make("div", { class: "studio-canvas", tabindex: 0, "aria-label": desk.words.title });
    studio.tool = "select";
    studio.brush = 1;
    studio.tab = "figures";
    const bar = make("div", { class: "studio-bar", role: "toolbar" });
    studio.show(make("div", { class: "studio-draft" },
      make("header", { class: "studio-head" }),
      make("div", { class: "studio-split" }, make("section", { class: "studio-left" }, bar, make("div", { class: "studio-map" }, canvas, make("div", { class: "studio-hint", role: "status" }), make("div", { class: "studio-tip" }), make("div", { class: "studio-key" }))), make("aside", { class: "studio-side" }))));
    studio.map = new studio.Map(canvas);
    pointer(studio.map);
    studio.refresh();
  };

  const refresh = studio.refresh;
  studio.refresh = function () {
    head();
    bar();
    key();
    refresh();
    if (studio.pins) studio.pins();
  };

  function head() {
    const box = desk.part("studio-head"), make = desk.make, words = desk.words, draft = studio.now.said.draft;
    if (!box) return;
    box.replaceChildren(make("a", { href: "/studio", class: "studio-back", onclick: studio.go("/studio") }, "‹ " + words.all), make("h1", {}, draft.name), studio.state(draft),
      draft.from ? make("span", { class: "quiet" }, words.from + " " + draft.from) : "", studio.now.said.may.draw ? "" : make("span", { class: "quiet" }, words.read_only),
      studio.now.names.lost.length ? make("span", { class: "quiet", title: studio.now.names.lost.slice(0, 20).join(" ") }, desk.fill(words.lost_n, { n: studio.now.names.lost.length })) : "");
  }

  // What may be done with what is chosen.
  function bar() {
    const box = desk.part("studio-bar"), make = desk.make, words = desk.words, state = studio.now, said = state.said;
    if (!box) return;
    const may = said.may.draw && !studio.preview, chosen = [...state.chosen], one = chosen.length === 1, whole = studio.unit === "community";
    const tools = TOOLS.filter(function (name) { return name === "select" || (name === "pin" ? said.draft.state !== "effective" && said.draft.state !== "withdrawn" : may && !(whole && name === "micro")); });
    if (!tools.includes(studio.tool)) studio.tool = "select";
    const pick = tools.map(function (name) { return studio.button(whole && words.community_tools[name] || words.tools[name], function () { studio.use(name); }, { "aria-pressed": String(studio.tool === name), title: hintOf(name) }); });
    const brush = ["cell", "micro"].includes(studio.tool) ? make("label", { class: "studio-brush" }, words.brush, make("select", { onchange: function (event) { studio.brush = Number(event.target.value); } }, words.brush_sizes.map(function (text, i) { return make("option", { value: i, selected: i === studio.brush }, text); }))) : "";
    const parts = make("input", { type: "number", min: 2, max: 20, class: "studio-parts", "aria-label": words.parts });
    parts.value = studio.splitInto || 2;
    parts.onchange = function () { studio.splitInto = Math.min(20, Math.max(2, Number(parts.value) || 2)); };
    const locked = chosen.length && chosen.every(function (label) { return state.locked.has(label); });
    const acts = !may ? [] : [
      make("span", { class: "studio-group" }, studio.button(words.split, function () { studio.act(whole ? "community-split" : "split", { grid: chosen[0], community: chosen[0], n: Number(parts.value) }); }, { disabled: !one }), parts, words.parts),
      studio.button(words.merge, function () { studio.act(whole ? "community-merge" : "merge", whole ? { communities: chosen } : { grids: chosen }); }, { disabled: chosen.length < 2 }),
      whole ? "" : studio.button(locked ? words.unlock : words.lock, function () { studio.act("lock", { grids: chosen, locked: !locked }); }, { disabled: !chosen.length }),
    ];
    const href = "/studio/compare?second=draft:" + state.id;
    const compare = make("a", { class: "button", href: href, onclick: studio.go(href), title: words.compare_hint }, words.compare);
    const unit = make("select", { "aria-label": words.unit, onchange: function (event) { studio.unitOf(event.target.value); } }, [["grid", words.unit_grid], ["community", words.unit_community]].map(function (pair) { return make("option", { value: pair[0], selected: studio.unit === pair[0] }, pair[1]); }));
    const turns = !may ? [] : [
      studio.button(words.undo, function () { studio.act("undo", {}); }, { disabled: !said.undo, title: "Ctrl+Z" }),
      studio.button(words.redo, function () { studio.act("redo", {}); }, { disabled: !said.redo, title: "Ctrl+Y" }),
    ];
    box.replaceChildren(make("div", { class: "studio-group" }, unit, pick, brush), acts.length ? make("div", { class: "studio-group" }, acts) : "", make("div", { class: "studio-group is-last" }, turns, compare, whole ? "" : mode()));
    hint();
  }

  function mode() {
    const make = desk.make, words = desk.words;
    return make("select", { class: "studio-mode", "aria-label": words.colours, onchange: function (event) { studio.map.mode = event.target.value; studio.map.draw(); key(); } },
      [["grids", words.by_grid], ["band", words.by_band]].map(function (pair) { return make("option", { value: pair[0], selected: studio.map && studio.map.mode === pair[0] }, pair[1]); }));
  }

  function key() {
    const box = desk.part("studio-key"), make = desk.make, words = desk.words;
    if (!box || !studio.map) return;
    const line = function (name, text) { return make("div", {}, make("span", { class: "studio-swatch is-" + name }), text); };
    box.replaceChildren(...(studio.map.mode === "band" ? [line("few", words.few), line("fits", words.band), line("many", words.many)] : [line("moved", words.moved_key), line("chosen", words.chosen_key)]));
  }

  function hint() {
    const box = desk.part("studio-hint"), words = desk.words;
    if (!box) return;
    const target = ["cell", "micro", "line"].includes(studio.tool) && studio.now.chosen.size !== 1;
    box.textContent = studio.preview ? words.solve.preview : studio.lassoing ? words.solve.lasso_hint : target ? studio.unit === "community" ? words.choose_community : words.choose_first : studio.tool === "select" && studio.now.chosen.size ? "" : hintOf(studio.tool);
    const name = studio.now.chosen.size === 1 ? studio.labelName([...studio.now.chosen][0]) : "";
    if (!target && name && studio.tool !== "select" && studio.tool !== "pin") box.textContent = name + " · " + box.textContent;
    const canvas = desk.part("studio-canvas");
    canvas.dataset.tool = studio.lassoing ? "line" : studio.tool;
  }

  function hintOf(name) { return (studio.unit === "community" && desk.words.community_hints[name]) || desk.words.tool_hints[name]; }

  // What is drawn: grids, or communities out of whole grids.
  studio.unitOf = function (unit) {
    studio.unit = unit;
    studio.now.chosen.clear();
    if (studio.tool === "micro") studio.tool = "select";
    studio.refresh();
  };

  studio.use = function (name) {
    studio.tool = name;
    studio.lassoing = null;
    bar();
  };

  studio.choose = function (label, more) {
    const chosen = studio.now.chosen;
    if (more) { if (chosen.has(label)) chosen.delete(label); else chosen.add(label); }
    else { const same = chosen.size === 1 && chosen.has(label); chosen.clear(); if (!same) chosen.add(label); }
    bar();
    studio.map.border();
    studio.panel();
  };

  studio.lasso = function (done) { studio.lassoing = done; studio.tool = "select"; bar(); };

  // What the pointer does. Drawing tools hold the map still unless the space bar is down.
  function pointer(view) {
    const map = view.map, box = map.getContainer();
    let stroke = null, line = null, drawn = null;
    const drawing = function () { return !held && (studio.lassoing || ["cell", "micro", "line"].includes(studio.tool)); };
    const still = function (event) {
      if (drawing()) { map.dragging.disable(); if (event.type === "pointerdown" && document.activeElement) document.activeElement.blur(); } else map.dragging.enable();
    };
    box.addEventListener("pointerdown", still, true);
    box.addEventListener("pointerenter", still);

    map.on("mousedown", function (event) {
      if (!drawing() || event.originalEvent.button) return;
      event.originalEvent.preventDefault(); // no text is chosen by a stroke
      if (studio.lassoing || studio.tool === "line") { line = [event.latlng]; return; }
      const to = studio.now.chosen.size === 1 ? [...studio.now.chosen][0] : null;
      if (to === null || studio.now.busy) return;
      stroke = { to: to, cells: new Set(), before: studio.shown().slice() };
      dab(event.containerPoint);
    });
    map.on("mousemove", function (event) {
      tip(event);
      if (stroke) dab(event.containerPoint);
      if (line) {
        line.push(event.latlng);
        if (drawn) drawn.remove();
        drawn = (studio.lassoing ? L.polygon : L.polyline)(line, { color: style("--accent"), weight: 3, dashArray: "6 4", fillOpacity: 0.1, interactive: false }).addTo(map);
      }
    });
    const up = function () {
      if (stroke) finish();
      if (line) cut();
    };
    document.addEventListener("pointerup", up);
    document.addEventListener("pointercancel", up);
    map.on("unload", function () { document.removeEventListener("pointerup", up); document.removeEventListener("pointercancel", up); });
    map.on("mouseout", function () { desk.part("studio-tip").replaceChildren(); });
    map.on("click", function (event) {
      if (drawing()) return;
      if (studio.tool === "pin") { studio.pinAt(event.latlng); return; }
      const cell = view.cells.at(event.containerPoint);
      if (cell >= 0) studio.choose(studio.shown()[cell], event.originalEvent.shiftKey);
      else if (studio.now.chosen.size) { studio.now.chosen.clear(); bar(); view.border(); studio.panel(); }
    });

    function dab(point) {
      const state = studio.now, found = view.under(point, RADII[studio.brush]);
      let cells = found;
      if (studio.tool === "micro") {
        const labels = new Set(found.map(function (i) { return state.micro[i]; }));
        labels.delete(0);
        cells = found.filter(function (i) { return state.micro[i] === 0; });
        for (let i = 0; i < state.n; i++) if (labels.has(state.micro[i])) cells.push(i);
      }
      if (studio.unit === "community") {
        const grids = new Set(found.map(function (i) { return state.grid[i]; }));
        cells = [];
        for (let i = 0; i < state.n; i++) if (grids.has(state.grid[i])) cells.push(i);
      }
      let any = false;
      const labels = studio.shown();
      for (const cell of cells) {
        if (stroke.cells.has(cell) || state.locked.has(state.grid[cell]) || state.locked.has(stroke.before[cell])) continue;
        stroke.cells.add(cell);
        if (labels[cell] !== stroke.to) { labels[cell] = stroke.to; any = true; }
      }
      if (any) { view.colour(); view.border(); }
    }

    async function finish() {
      const { to, cells, before } = stroke, state = studio.now;
      stroke = null;
      const moved = [...cells].filter(function (cell) { return before[cell] !== to; });
      if (moved.length) await studio.act(studio.unit === "community" ? "community-paint" : studio.brush ? "brush" : "paint", { cells: moved, to: to });
      else if (studio.unit === "community") state.community = before; else state.grid = before;
    }

    async function cut() {
      const points = line;
      line = null;
      if (drawn) { drawn.remove(); drawn = null; }
      const simple = L.LineUtil.simplify(points.map(function (at) { return map.latLngToContainerPoint(at); }), 2).map(function (point) { const at = map.containerPointToLatLng(point); return [at.lng, at.lat]; });
      if (simple.length < 2) return;
      if (studio.lassoing) {
        const done = studio.lassoing;
        studio.lassoing = null;
        if (simple.length > 2) done(simple);
        bar();
        return;
      }
      const [one] = studio.now.chosen;
      if (studio.now.chosen.size === 1) await studio.act(studio.unit === "community" ? "community-line" : "split-line", { grid: one, community: one, line: simple });
    }

    function tip(event) {
      const box = desk.part("studio-tip"), state = studio.now, words = desk.words;
      const cell = view.cells.at(event.containerPoint);
      if (cell < 0 || !box) { if (box) box.replaceChildren(); return; }
      const names = state.names, label = (studio.preview || state).grid[cell], was = state.first[cell], community = state.community[cell], before = state.firstCommunity[cell];
      const lines = [studio.gridName(label) + (studio.isDedicated(label) ? " · " + words.dedicated : "")];
      if (names.level[cell] === "building" || names.level[cell] === "block") lines.push([names.places[names.estate[cell]], names.name[cell], desk.fill(words.households_n, { n: studio.count(state.households[cell]) })].filter(Boolean).join(" · "));
      lines.push(studio.communityName(community) + (before !== community ? " · " + desk.fill(words.was, { n: studio.communityName(before) }) : ""));
      if (was !== label) lines.push(desk.fill(words.was, { n: studio.gridName(was) }));
      box.replaceChildren(...lines.map(function (text, i) { return desk.make(i ? "div" : "strong", {}, text); }));
      const size = map.getSize(), at = event.containerPoint;
      box.style.left = Math.min(at.x + 16, size.x - box.offsetWidth - 8) + "px";
      box.style.top = Math.min(at.y + 16, size.y - box.offsetHeight - 8) + "px";
    }
  }

  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  const typing = function (event) { return event.target.closest && event.target.closest("input, select, textarea"); };
  const here = function () { return studio.now && desk.root() && desk.root().id === "studio" && studio.map; };

  document.addEventListener("keydown", function (event) {
    if (!here() || typing(event)) return;
    if (event.key === " ") { held = true; event.preventDefault(); return; }
    const may = studio.now.said.may.draw && !studio.preview;
    if (may && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") { event.preventDefault(); studio.act(event.shiftKey ? "redo" : "undo", {}); }
    else if (may && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y") { event.preventDefault(); studio.act("redo", {}); }
    else if (!event.ctrlKey && !event.metaKey && !event.altKey && KEYS[event.key] && (may || ["v", "c"].includes(event.key))) studio.use(KEYS[event.key]);
    else if (event.key === "Escape" && studio.lassoing) studio.use("select");
  });
  document.addEventListener("keyup", function (event) { if (event.key === " ") held = false; });
})();
