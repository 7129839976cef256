// Recomputing deadlines: a filter, what it would change, and the doing of it, in steps that can be stopped.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  desk.pages = desk.pages || {};
  const SHOWN = 20;
  let state = null;

  desk.pages.deadlines = {
    begin: function () { state = { found: null, running: "", stopped: false, categories: [] }; draw(); },
    escape: function () { if (!state.running) return false; state.stopped = true; return true; },
  };

  function draw() {
    const make = desk.make, words = desk.words.deadlines;
    const label = function (name, ...inner) { return make("label", { class: "field" }, make("span", { class: "field-name" }, name), ...inner); };
    const option = function (one) { return make("option", { value: one[0] }, one[1]); };
    const [category, options] = desk.named("category", "categories", words.all);
    const number = make("input", { type: "text", name: "number", autocomplete: "off", value: new URLSearchParams(location.search).get("number") || "" });
    const form = make("form", { class: "deadline-form", novalidate: true, onsubmit: function (event) { event.preventDefault(); walk(form, "/console/deadlines/preview"); }, oninput: forget },
      label(words.kind, make("select", { name: "kind" }, words.kinds.map(option))), label(words.category, category, options),
      label(words.place, make("select", { name: "place" }, words.places.map(option))), label(words.number, number),
      make("label", { class: "field is-check" }, make("input", { type: "checkbox", name: "foreign" }), make("span", {}, words.foreign)),
      make("div", { class: "form-problem", role: "alert" }),
      make("div", { class: "form-end" }, make("button", { type: "submit", class: "button" }, words.preview)));
    desk.part("work-body").replaceChildren(make("article", { class: "shift-sheet" }, make("header", {}, make("h1", {}, words.title), make("p", { class: "quiet" }, words.hint)), form, make("div", { class: "deadline-found", "aria-live": "polite" })));
    state.form = form;
    if (number.value) walk(form, "/console/deadlines/preview");
  }

  // What was found is of another filter now.
  function forget(event) { if (state.running || !state.found || event.target.name === "reason") return; state.found = null; show(); }

  async function asked(form) {
    const get = function (name) { return String(form.elements[name].value || "").trim(); };
    const category = get("category") ? [await desk.chosen("categories", get("category"))] : [];
    return { kind: get("kind"), categories: category, place: get("place"), number: get("number"), foreign: form.elements.foreign.checked ? "on" : "" };
  }

  async function walk(form, address, reason) {
    if (state.running) return;
    const mine = state, problem = form.querySelector(".form-problem");
    const all = { looked_at: 0, total: 0, changed: 0, earlier: 0, late: 0, kept: {}, rows: [] };
    problem.textContent = "";
    Object.assign(mine, { running: reason ? "do" : "look", stopped: false, found: all });
    try {
      const query = await asked(form);
      for (let after = 0; ;) {
        const step = await desk.ask(address, Object.assign({ after: after || "", reason: reason || "" }, query));
        if (mine !== state) return;
        for (const name of ["looked_at", "changed", "earlier", "late"]) all[name] += step[name];
        for (const [name, n] of Object.entries(step.kept)) all.kept[name] = (all.kept[name] || 0) + n;
        all.total = Math.max(step.total, all.looked_at);
        if (all.rows.length < SHOWN) all.rows = all.rows.concat(step.rows).slice(0, SHOWN);
        show();
        if (mine.stopped || !step.looked_at || step.last === after || query.number) break;
        after = step.last;
      }
      if (reason) desk.say(desk.fill(desk.words.deadlines.done, { n: all.changed.toLocaleString("en") }), "good");
    } catch (why) { problem.textContent = String(why.message || why); }
    mine.running = "";
    mine.did = Boolean(reason);
    if (mine === state) show();
  }

  function show() {
    const make = desk.make, words = desk.words.deadlines, found = state.found, box = desk.part("deadline-found");
    if (!found) { box.replaceChildren(); return; }
    const number = function (n) { return n.toLocaleString("en"); };
    const bar = make("progress", { max: Math.max(1, found.total), "aria-label": words.title });
    bar.value = found.looked_at;
    const far = { n: number(state.running === "do" || state.did ? found.changed : found.looked_at), done: number(found.looked_at), all: number(found.total) };
    const doing = state.running === "do" || (!state.running && state.did);
    const kept = Object.entries(found.kept).filter(function (one) { return one[1]; }).map(function (one) { return words.kept[one[0]] + " " + number(one[1]); }).join(" · ");
    const reason = make("input", { type: "text", name: "reason", maxlength: 500 });
    const last = box.querySelector("[name=reason]");
    if (last) reason.value = last.value;
    const go = !state.running && !state.did && found.changed ? make("form", { class: "deadline-do", novalidate: true, onsubmit: function (event) {
      event.preventDefault();
      if (!reason.value.trim()) { reason.focus(); return; }
      walk(state.form, "/console/deadlines/apply", reason.value.trim());
    } }, make("label", { class: "field" }, make("span", { class: "field-name" }, words.reason, make("span", { class: "field-needed" }, desk.words.needed)), reason), make("button", { type: "submit", class: "button is-first" }, desk.fill(words.do, { n: number(found.changed) }))) : null;
    box.replaceChildren(make("div", { class: "case-progress" }, bar, make("span", {}, desk.fill(doing ? words.doing : words.looking, far)), state.running ? make("button", { type: "button", class: "button", onclick: function () { state.stopped = true; } }, words.stop) : ""),
      make("p", {}, found.changed ? (doing ? desk.fill(words.done, { n: number(found.changed) }) : desk.fill(words.would, { n: number(found.changed), earlier: number(found.earlier), late: number(found.late) })) : state.running ? "" : words.none),
      kept ? make("p", { class: "quiet" }, kept) : "", go || "",
      found.rows.length ? make("table", {}, make("thead", {}, make("tr", {}, words.columns.map(function (word) { return make("th", { scope: "col" }, word); }))), make("tbody", {}, found.rows.map(line))) : "",
      found.changed > found.rows.length ? make("p", { class: "quiet" }, desk.fill(words.sample, { n: found.rows.length })) : "");
  }

  function line(row) {
    const make = desk.make, pair = function (two) { return two[1] ? desk.fill(desk.words.deadlines.arrow, { before: two[0] || "–", after: two[1] }) : ""; };
    return make("tr", {}, make("td", {}, make("a", { href: "/case/" + row.id }, row.number)), make("td", {}, pair(row.due)), make("td", {}, pair(row.handle)));
  }
})();
