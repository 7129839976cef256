// The hand-over sheet: what the shift leaves, part by part, the note, and the sheets left before. Numbers and rows open their cases.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  desk.pages = desk.pages || {};
  let state = null;

  desk.pages.handover = {
    begin: function () {
      const query = new URLSearchParams(location.search);
      state = { place: query.get("place") || "", from: "", to: "", key: desk.key(), said: null, text: "" };
      look();
    },
    look: function () { if (state && !state.to) look(true); },
  };

  async function look(again) {
    const mine = state;
    try {
      const said = await desk.ask("/console/handover/sheet?" + new URLSearchParams({ place: mine.place, from: mine.from, to: mine.to }));
      if (mine !== state) return;
      const text = JSON.stringify(Object.assign({}, said, { to: "", words: "", made: "" }));
      if (again && text === mine.text) return;
      mine.text = text;
      mine.said = said;
      draw();
    } catch (error) { if (mine === state && (error.answered || !again)) desk.say(error.message, "late"); }
  }

  function draw() {
    const make = desk.make, words = desk.words.handover, said = state.said, body = desk.part("work-body");
    const note = body.querySelector("textarea"), kept = note ? note.value : "", focused = note && document.activeElement === note;
    const control = function (name, value) {
      return make("label", { class: "field" }, make("span", { class: "field-name" }, words[name]), desk.moment({ name: name, value: value, onchange: function (event) { state[name] = event.target.value; look(); } }).element);
    };
    const places = make("select", { name: "place", onchange: function (event) { state.place = event.target.value; state.from = state.to = ""; look(); } }, said.places.map(function (one) { return make("option", { value: one[0], selected: one[1] === said.name }, one[1]); }));
    body.replaceChildren(make("article", { class: "shift-sheet" },
      make("div", { class: "sheet-controls" }, make("label", { class: "field" }, make("span", { class: "field-name" }, words.place), places), control("from", said.from), control("to", said.to),
        make("button", { type: "button", class: "button", onclick: function () { window.print(); } }, words.print)),
      make("header", {}, make("h1", {}, desk.fill(words.sheet, { place: said.name })), make("p", {}, said.words.join(" – ")), make("p", { class: "quiet" }, desk.fill(words.made, { time: said.made, post: said.post }))),
      make("div", { class: "sheet-numbers" }, group(words.in_shift, said.shift.map(function (one) { return number(one[0], one[1], null); })), group(words.now, said.parts.map(function (part) { return number(part.name, part.n, "#part-" + part.id); }))),
      said.parts.map(part),
      make("section", { class: "sheet-note" }, make("h2", {}, words.note), said.may ? form(words) : make("p", { class: "quiet" }, words.no_right)),
      make("div", { class: "sheet-sign" }, words.sign.map(function (word) { return make("span", {}, word); })),
      make("section", { class: "sheet-earlier" }, make("h2", {}, words.earlier), said.sheets.length ? said.sheets.map(earlier) : make("p", { class: "quiet" }, words.none))));
    const again = body.querySelector("textarea");
    if (again) { again.value = kept; if (focused) again.focus(); }
  }

  function group(name, tiles) { return desk.make("div", { class: "sheet-group" }, desk.make("h2", {}, name), desk.make("div", {}, tiles)); }

  function number(name, n, href) {
    const inner = [desk.make("strong", {}, n.toLocaleString("en")), desk.make("span", {}, name)];
    return href ? desk.make("a", { class: "sheet-number", href: href }, inner) : desk.make("span", { class: "sheet-number" }, inner);
  }

  function part(one) {
    const make = desk.make, words = desk.words.handover;
    const line = function (row) {
      const left = row.due ? desk.countdown(row.due, row.started, row.warn, false) : "";
      return make("tr", {}, make("td", {}, row.id ? make("a", { href: "/case/" + row.id }, row.number) : row.number), make("td", {}, row.category), make("td", {}, row.place), make("td", {}, row.unit), make("td", {}, row.stage), make("td", {}, left), make("td", {}, desk.marks(row.marks)));
    };
    const more = one.n > one.rows.length ? make("span", { class: "quiet" }, desk.fill(words.first, { n: one.rows.length })) : "";
    return make("section", { class: "sheet-part", id: "part-" + one.id }, make("h2", {}, one.name, make("span", { class: one.id === "late" && one.n ? "is-bad" : "" }, desk.fill(words.cases, { n: one.n.toLocaleString("en") })), more),
      one.rows.length ? make("table", {}, make("thead", {}, make("tr", {}, words.columns.map(function (word) { return make("th", { scope: "col" }, word); }))), make("tbody", {}, one.rows.map(line))) : make("p", { class: "quiet" }, words.none));
  }

  function form(words) {
    const make = desk.make;
    const problem = make("div", { class: "form-problem", role: "alert" });
    const text = make("textarea", { name: "note", rows: 4, maxlength: 2000, placeholder: words.note_hint });
    return make("form", { novalidate: true, onsubmit: async function (event) {
      event.preventDefault();
      const mine = state;
      if (!text.value.trim()) { problem.textContent = desk.fill(desk.words.missing, { fields: words.note }); return; }
      try {
        await desk.ask("/console/handover/sheet", { key: mine.key, place: mine.place, from: mine.said.from, to: mine.said.to, note: text.value });
        if (mine !== state) return;
        text.value = "";
        Object.assign(mine, { key: desk.key(), from: "", to: "" });
        desk.say(words.left, "good");
        look();
      } catch (error) { problem.textContent = error.answered ? error.message : desk.words.lost; }
    } }, text, problem, make("div", { class: "form-end" }, make("button", { type: "submit", class: "button is-first" }, words.leave)));
  }

  function earlier(one) {
    const make = desk.make, words = desk.words.handover;
    const take = one.taken ? make("span", { class: "quiet" }, desk.fill(words.taken, { who: one.taken_by, time: one.taken }))
      : state.said.may ? make("button", { type: "button", class: "button", onclick: function () { takes(one.id); } }, words.take) : make("span", { class: "case-mark is-soon" }, words.waiting);
    return make("div", { class: "sheet-left" }, make("div", {}, make("strong", {}, one.shift.join(" – ")), make("span", { class: "quiet" }, desk.fill(words.by, { who: one.by, time: one.made })), take),
      make("p", {}, one.note), make("p", { class: "quiet" }, one.counts.map(function (pair) { return pair[0] + " " + pair[1].toLocaleString("en"); }).join(" · ")));
  }

  async function takes(id) {
    try { await desk.ask("/console/handover/taken", { id: id }); desk.say(desk.words.handover.took, "good"); } catch (error) { desk.say(error.message, "late"); }
    look();
  }
})();
