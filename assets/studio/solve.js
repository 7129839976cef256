// The optimiser: what is drawn, where, what matters; while it works its best so far is shown on the map, and nothing is written until
// a planner takes it.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  const EVERY = 1000;
  const wish = { level: "grid", where: "whole", start: "repair", pace: "normal", weights: {}, community: null, outline: null };
  let timer = 0, run = null;

  studio.endSolve = function () { clearTimeout(timer); run = null; wish.outline = null; wish.community = null; wish.where = "whole"; };

  studio.panels = studio.panels || {};
  studio.panels.solve = function () { if (!run) look(); return run && run.status !== "none" ? atWork() : asking(); };

  function asking() {
    const make = desk.make, words = desk.words.solve, names = studio.now.names;
    const field = function (text, ...control) { return make("label", { class: "field" }, make("span", { class: "field-name" }, text), control); };
    const select = function (name, pairs) { return make("select", { data: { keep: name }, onchange: function (event) { wish[name] = event.target.value; studio.panel(); } }, pairs.map(function (pair) { return make("option", { value: pair[0], selected: String(wish[name]) === String(pair[0]) }, pair[1]); })); };
    const pairs = function (...keys) { return keys.map(function (key) { return [key, words[key]]; }); };
    const communities = [...new Set(studio.now.community)].map(function (id) { return [id, studio.communityName(id)]; }).sort(function (a, b) { return a[1].localeCompare(b[1], "zh"); });
    if (wish.community === null && communities.length) wish.community = communities[0][0];
    const weights = Object.entries(words.weight_names).map(function ([name, text]) {
      const shown = make("output", {}, "×" + studio.number(wish.weights[name] === undefined ? 1 : wish.weights[name], 1));
      const slider = make("input", { type: "range", min: 0, max: 5, step: 0.5, "aria-label": text, oninput: function (event) { wish.weights[name] = Number(event.target.value); shown.textContent = "×" + studio.number(wish.weights[name], 1); } });
      slider.value = wish.weights[name] === undefined ? 1 : wish.weights[name];
      return make("label", { class: "studio-weight" }, text, slider, shown);
    });
    return make("form", { class: "studio-solve", onsubmit: function (event) { event.preventDefault(); begin(); } },
      field(words.what, select("level", pairs("grid", "micro_grid"))), field(words.where, select("where", pairs("whole", "community", "lasso"))),
      wish.where === "community" ? field(words.community, select("community", communities)) : "",
      wish.where === "lasso" ? make("div", { class: "studio-group" }, studio.button(words.lasso, function () { studio.lasso(function (outline) { wish.outline = outline; studio.panel(); }); }), make("span", { class: "quiet" }, wish.outline ? desk.fill(words.lasso_set, { n: studio.count(inside().size) }) : words.lasso_hint)) : "",
      field(words.start, select("start", pairs("repair", "current", "fresh"))), field(words.pace, select("pace", pairs("quick", "normal", "thorough"))),
      make("fieldset", {}, make("legend", {}, words.weights), weights),
      make("button", { type: "submit", class: "button is-first", disabled: wish.where === "lasso" && !wish.outline }, words.begin));
  }

  // The grids with a cell's middle inside the outline; the server counts those with most of their cells there.
  function inside() {
    const ring = wish.outline, names = studio.now.names, found = new Map(), grid = studio.now.grid;
    for (let i = 0; i < studio.now.n; i++) {
      const one = found.get(grid[i]) || [0, 0];
      one[1]++;
      if (within(ring, names.lon[i], names.lat[i])) one[0]++;
      found.set(grid[i], one);
    }
    return new Set([...found].filter(function ([label, one]) { return one[0] / one[1] > 0.5 && !studio.isDedicated(label); }).map(function ([label]) { return label; }));
  }

  function within(ring, x, y) {
    let yes = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      if ((ring[i][1] > y) !== (ring[j][1] > y) && x < (ring[j][0] - ring[i][0]) * (y - ring[i][1]) / (ring[j][1] - ring[i][1]) + ring[i][0]) yes = !yes;
    }
    return yes;
  }

  async function begin() {
    const scope = wish.where === "community" ? { community: Number(wish.community) } : wish.where === "lasso" ? { outline: wish.outline } : {};
    hear(await studio.ask(address(), { what: "begin", level: wish.level, start: wish.start, pace: wish.pace, weights: wish.weights, scope: scope }));
  }

  function address() { return "/studio/drafts/" + studio.now.id + "/solve"; }

  async function look() {
    const id = studio.id;
    clearTimeout(timer);
    const said = await studio.ask(address());
    if (id === studio.id && studio.now) hear(said);
  }

  function hear(said) {
    clearTimeout(timer);
    if (!said || !studio.now) return;
    const fresh = !run || run.status !== said.status;
    if (said.status === "none") { run = { status: "none" }; show(null); if (fresh) studio.panel(); return; }
    run = said;
    if (said.failure) { desk.say([said.failure.what, said.failure.todo], "late"); send("drop"); return; }
    show(said.grid ? said : null);
    studio.panel();
    if (said.status === "running") timer = setTimeout(look, EVERY);
  }

  function show(said) {
    const before = studio.preview;
    studio.preview = said ? { grid: studio.decoded(said.grid), micro: studio.decoded(said.micro), total: said.total } : null;
    if (before || studio.preview) studio.refresh();
  }

  async function send(what) {
    if (what !== "take") { run = null; hear(await studio.ask(address(), { what: what })); return; }
    const state = studio.now;
    state.busy = true; // its line is ours: no news
    const said = await studio.ask(address(), { what: "take" });
    state.busy = false;
    if (!said || studio.now !== state) return;
    run = { status: "none" };
    studio.preview = null;
    studio.take(said);
  }

  function atWork() {
    const make = desk.make, words = desk.words.solve, going = run.status === "running";
    const bar = make("progress", { max: 1, "aria-label": words.begin });
    bar.value = run.done;
    const total = run.total, before = studio.now.said.total;
    const row = function (text, now, was) { return make("tr", {}, make("th", { scope: "row" }, text), make("td", { class: "is-number" }, was), make("td", {}, "→"), make("td", { class: "is-number" }, make("strong", {}, now))); };
    const share = function (one) { return studio.number(100 * one.in_band / Math.max(1, one.homes), 1) + "%"; }, names = desk.words.total;
    return make("div", { class: "studio-solve" }, make("p", {}, going ? desk.fill(words.running, { stage: words.stages[run.stage], n: Math.round(100 * run.done) }) : words.done), bar,
      total ? make("table", { class: "studio-compare" }, make("tbody", {}, row(names.homes, studio.count(total.homes), studio.count(before.homes)), row(names.in_band, share(total), share(before)), row(names.roundness, studio.number(total.roundness, 3), studio.number(before.roundness, 3)),
        row(names.estates_split, studio.count(total.estates_split), studio.count(before.estates_split)), row(names.moved, studio.count(total.moved), studio.count(before.moved)))) : "",
      total ? make("p", { class: "quiet" }, words.preview) : "",
      make("div", { class: "studio-group" }, going ? studio.button(words.stop, function () { send("stop"); }, { class: "button is-first" }) : studio.button(words.take, function () { send("take"); }, { class: "button is-first" }), studio.button(words.drop, function () { send("drop"); })));
  }
})();
