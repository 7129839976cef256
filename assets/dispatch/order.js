// 一键调度: an area is drawn or chosen, its grids are listed with who is there, and one order goes to those that stay ticked.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  desk.pages = desk.pages || {};
  let state = null;

  desk.pages.dispatch = {
    begin: begin,
    look: function () {},
    escape: function () { if (state && !state.sending && state.grids.length) { clear(); return true; } return false; },
  };

  function begin() {
    const words = desk.words.dispatch;
    const kinds = desk.words.openings.filter(function (one) { return one.spread; });
    const asked = new URLSearchParams(location.search);
    const kind = kinds.find(function (one) { return one.kind === asked.get("kind"); }) || kinds[0] || null;
    state = { kind: kind, kinds: kinds, outlines: asked.getAll("area"), places: [], grids: [], ticked: new Map(), item: "", key: desk.key(), asked: 0, map: null };
    for (const place of asked.getAll("place")) if (place.includes("=")) state.places.push({ key: place, label: place.split("=")[1] });
    draw(words);
    desk.gridMap(desk.part("dispatch-map"), { pick: pick, lines: lines, outline: function (text) { state.outlines.push(text); ask(); }, circle: function (circle) { ask(circle); } })
      .then(function (map) { if (!map) return; state.map = map; colour(); if (state.outlines.length || state.places.length) ask(null, true); })
      .catch(function (error) { desk.say(error.message, "late"); });
  }

  function draw(words) {
    const make = desk.make;
    const body = desk.part("work-body");
    const place = desk.placeField("place", words.search, function (item) { if (item) { add(item.level + "=" + (item.place || ""), item.label); } return ""; });
    body.replaceChildren(make("div", { class: "order" },
      make("header", { class: "order-head" }, make("h2", {}, words.title), make("p", { class: "quiet" }, state.kind ? words.begin : words.no_right)),
      make("label", { class: "field" }, make("span", { class: "field-name" }, words.add_place), place.element),
      make("div", { class: "order-chips" }), make("dl", { class: "order-sums" }),
      state.kind ? form(words) : null,
      make("div", { class: "order-notes", role: "status" }), make("ul", { class: "order-grids" })));
    show();
  }

  function form(words) {
    const make = desk.make, kind = state.kind, field = desk.words.field;
    const label = function (name, needed, ...inner) { return make("label", { class: "field" }, make("span", { class: "field-name" }, name, needed ? make("span", { class: "field-needed" }, desk.words.needed) : ""), ...inner); };
    const has = function (name) { return kind.fields.some(function (one) { return one.name === name; }); };
    const needed = function (name) { return kind.fields.some(function (one) { return one.name === name && one.needed; }); };
    const urgency = make("select", { name: "urgency" });
    desk.lists().then(function (lists) { urgency.append(...lists.urgency.map(function (one) { return make("option", { value: one[0] }, one[1]); })); });
    const items = kind.items.length ? make("select", { name: "item", onchange: function (event) { state.item = event.target.value; ask(); } }, make("option", { value: "" }, words.item_none), kind.items.map(function (one) { return make("option", { value: one[0] }, one[1]); })) : null;
    const [category, options] = desk.named("category", "categories", desk.words.category_hint);
    const kinds = state.kinds.length > 1 ? make("select", { name: "kind", onchange: function (event) { state.kind = state.kinds.find(function (one) { return one.kind === event.target.value; }); draw(words); ask(); } }, state.kinds.map(function (one) { return make("option", { value: one.kind, selected: one === kind }, one.name); })) : null;
    return make("form", { class: "order-form", novalidate: true, onsubmit: function (event) { event.preventDefault(); send(event.target); }, onkeydown: function (event) { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.currentTarget.requestSubmit(); } } },
      kinds ? label(desk.words.open, false, kinds) : null,
      label(words.what, true, make("textarea", { name: "note", rows: 3, maxlength: 2000, placeholder: words.what_hint })),
      make("div", { class: "order-row" },
        has("due_at") ? label(words.due, needed("due_at"), desk.moment({ name: "due_at", end: true }).element) : null,
        has("urgency") ? label(field.urgency, needed("urgency"), urgency) : null,
        has("pictures") ? label(field.pictures, needed("pictures"), make("input", { type: "number", name: "pictures", min: 0, max: 9, value: "0" })) : null,
        has("category") ? label(field.category, needed("category"), category, options) : null, items ? label(field.item, true, items) : null),
      make("div", { class: "form-problem", role: "alert" }),
      make("div", { class: "form-end" }, make("button", { type: "submit", class: "button is-first" }, ""), make("button", { type: "button", class: "button", onclick: clear }, words.clear)));
  }

  function add(key, label) {
    if (state.places.some(function (one) { return one.key === key; })) return;
    state.places.push({ key: key, label: label });
    ask(null, true);
  }

  // A click on the map: a grid that is listed is ticked or not, another one is added.
  function pick(code) {
    const grid = state.grids.find(function (one) { return one.code === code; });
    if (!grid) add(state.map.level + "=" + code, code);
    else { state.ticked.set(code, !ticked(grid)); show(); }
  }

  function open(grid) { return !grid.refused && !grid.closed; }
  function ticked(grid) { return open(grid) && (state.ticked.has(grid.code) ? state.ticked.get(grid.code) : !grid.brushed); }
  function chosen() { return state.grids.filter(ticked); }

  function clear() {
    Object.assign(state, { outlines: [], places: [], grids: [], ticked: new Map() });
    if (state.map) state.map.outlines([]);
    address();
    show();
  }

  function address() {
    const query = new URLSearchParams();
    for (const text of state.outlines) query.append("area", text);
    for (const one of state.places) query.append("place", one.key);
    const text = query.toString();
    history.replaceState(history.state, "", location.pathname + (text ? "?" + text : ""));
  }

  async function ask(circle, look) {
    const number = (state.asked += 1), mine = state;
    if (!state.outlines.length && !state.places.length && !circle) { clear(); return; }
    try {
      const said = await desk.ask("/console/dispatch/area", { kind: state.kind ? state.kind.kind : "", outlines: state.outlines, circle: circle || null, places: state.places.map(function (one) { return one.key; }), item: state.item });
      if (mine !== state || number !== state.asked) return;
      Object.assign(state, { outlines: said.outlines, grids: said.grids, level: said.level, size: said.size });
      for (const one of state.places) one.label = said.names[one.key] || one.label;
      if (state.map) { state.map.outlines(state.outlines); if (look && said.bounds) state.map.fit(said.bounds); }
      address();
      show();
    } catch (error) { if (mine === state) { desk.say(error.message, "late"); if (!circle && state.outlines.length) state.outlines.pop(); } }
  }

  function lines(code) {
    const words = desk.words.dispatch, grid = state.grids.find(function (one) { return one.code === code; });
    return grid ? [people(grid), tags(grid).join(" · ")] : [words.none];
  }

  function people(grid) {
    const words = desk.words.dispatch;
    const homes = grid.households === null ? words.no_households : desk.fill(words.households, { n: grid.households.toLocaleString("en") });
    const posts = grid.on_duty === null ? words.no_posts : desk.fill(words.on_duty, { n: grid.on_duty, all: grid.required });
    return homes + " · " + posts;
  }

  function tags(grid) {
    const words = desk.words.dispatch;
    return [grid.refused ? words.refused : "", grid.closed ? words.closed : "", grid.brushed ? words.brushed : "", grid.in_hand ? desk.fill(words.in_hand, { n: grid.in_hand }) : ""].filter(Boolean);
  }

  function colour() {
    if (!state.map) return;
    state.map.colour(state.grids.map(function (grid) { return [grid.code, grid.refused || grid.closed ? "refused" : ticked(grid) ? "chosen" : "brushed"]; }));
    const words = desk.words.dispatch, n = chosen().length, not = state.grids.filter(function (grid) { return !open(grid); }).length;
    const legend = [["chosen", words.chosen, n], ["brushed", words.none, state.grids.length - n - not]];
    desk.legend(state.map, not ? legend.concat([["refused", words.refused, not]]) : legend);
  }

  function sum(grids, name) { const known = grids.filter(function (one) { return one[name] !== null; }); return known.length ? known.reduce(function (all, one) { return all + one[name]; }, 0) : null; }

  function show() {
    const make = desk.make, words = desk.words.dispatch, grids = chosen();
    const number = function (n) { return n === null ? "–" : n.toLocaleString("en"); };
    const said = [[number(grids.length), state.level || ""], [number(sum(grids, "households")), desk.fill(words.households, { n: "" }).trim()], [number(sum(grids, "on_duty")) + " / " + number(sum(grids, "required")), desk.fill(words.on_duty, { n: "", all: "" }).trim()], [number(sum(grids, "in_hand")), desk.fill(words.in_hand, { n: "" }).trim()]];
    desk.part("order-sums").replaceChildren(...(state.grids.length ? said.map(function (one) { return make("div", {}, make("dd", {}, one[0]), make("dt", {}, one[1])); }) : []));
    const chip = function (label, gone) { return make("button", { type: "button", class: "button", onclick: gone }, label, " ×"); };
    desk.part("order-chips").replaceChildren(...state.outlines.map(function (_text, i) { return chip(desk.words.dispatch.outline.replace("{n}", i + 1), function () { state.outlines.splice(i, 1); ask(); }); }),
      ...state.places.map(function (one, i) { return chip(one.label, function () { state.places.splice(i, 1); ask(); }); }));
    const refused = state.grids.filter(function (grid) { return grid.refused; }).length, closed = state.grids.filter(function (grid) { return grid.closed; }).length;
    const noItem = refused && !state.item;
    desk.part("order-notes").replaceChildren(...[noItem ? words.no_item : refused ? desk.fill(words.refusing, { n: refused }) : "", closed ? desk.fill(words.closed_n, { n: closed }) : ""].filter(Boolean).map(function (text) { return make("p", {}, text); }));
    desk.part("order-grids").replaceChildren(...state.grids.map(line));
    const button = desk.part("is-first");
    if (button) { button.replaceChildren(desk.fill(words.send, { n: grids.length }), make("kbd", {}, "Ctrl+Enter")); button.disabled = !grids.length || state.sending; }
    colour();
  }

  function line(grid) {
    const make = desk.make;
    const box = make("input", { type: "checkbox", "aria-label": grid.name, disabled: !open(grid), onchange: function (event) { state.ticked.set(grid.code, event.target.checked); show(); } });
    box.checked = ticked(grid);
    return make("li", { class: open(grid) ? "" : "is-off", onmouseenter: function () { if (state.map) state.map.ring(grid.code); } }, make("label", {}, box,
      make("span", { class: "grid-name" }, grid.name, make("span", { class: "quiet" }, grid.within)), make("span", { class: "grid-people" }, people(grid)),
      make("span", { class: "grid-tags" }, tags(grid).map(function (text) { return make("span", { class: "case-mark is-" + (open(grid) ? "info" : "late") }, text); }))));
  }

  async function send(form) {
    const words = desk.words.dispatch, problem = form.querySelector(".form-problem"), mine = state;
    const get = function (name) { const one = form.elements[name]; return one ? String(one.value || "").trim() : ""; };
    const grids = chosen();
    const asked = { note: words.what, due_at: words.due };
    const lacking = Object.keys(asked).filter(function (name) { return state.kind.fields.some(function (one) { return one.name === name && one.needed; }) && !get(name); }).map(function (name) { return asked[name]; });
    if (!grids.length) { problem.textContent = words.nothing; return; }
    if (lacking.length) { problem.textContent = desk.fill(desk.words.missing, { fields: lacking.join(" ") }); return; }
    let category = "";
    if (get("category")) try { category = await desk.chosen("categories", get("category")); } catch (why) { problem.textContent = why; return; }
    state.sending = true;
    show();
    problem.textContent = desk.words.sending;
    try {
      const said = await desk.ask("/console/openings", { kind: state.kind.kind, key: state.key, note: get("note"), due_at: get("due_at"), urgency: get("urgency"), pictures: get("pictures"), category: category, item: state.item, places: grids.map(function (one) { return one.id; }) });
      if (mine === state) window.location.assign("/task/" + said.case_id);
    } catch (error) {
      if (mine !== state) return;
      state.sending = false;
      problem.textContent = error.answered ? error.message : words.lost;
      show();
    }
  }
})();
