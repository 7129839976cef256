// A board: columns of cards, the card one is at, the case at hand beside them. Cards that stay keep their element.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  desk.pages = desk.pages || {};
  let state = null;

  desk.pages["board-page"] = { opens: true, begin: begin, look: look, key: key, escape: escape, bring: bring, row: here, rules: function () { return state.said ? state.said.moves : {}; } };

  function begin() {
    const query = new URLSearchParams(location.search);
    state = { kind: decodeURIComponent(location.pathname.split("/")[3] || ""), parts: query.get("parts") === "1", mark: "", said: null, at: null, cards: new Map(), asking: false };
    desk.part("work").hidden = true;
    desk.part("board").replaceChildren(desk.make("p", { class: "queue-empty quiet" }, desk.words.loading));
    desk.part("board").focus({ preventScroll: true });
    look().then(function () { if (query.get("open") && state.said && state.said.opens) open(query.get("place"), query.get("name")); });
  }

  async function look() {
    const mine = state;
    if (!mine || mine.asking) { if (mine) mine.again = true; return; }
    mine.asking = true;
    try {
      const said = await desk.ask("/console/boards?" + new URLSearchParams({ kind: mine.kind, parts: mine.parts ? "1" : "", mark: mine.mark }));
      if (mine === state && said.columns && (!mine.kind || said.kind === mine.kind)) take(said);
    } catch (error) { if (mine === state && error.answered) desk.say(error.message, "late"); }
    mine.asking = false;
    if (mine === state && mine.again) { mine.again = false; look(); }
  }

  function take(said) {
    Object.assign(state, { said: said, mark: said.mark, kind: said.kind });
    const all = said.columns.flatMap(function (column) { return column.rows; });
    if (!all.some(function (row) { return row.id === state.at; })) state.at = all.length ? all[0].id : null;
    draw();
    const shown = desk.caseView, row = all.find(function (one) { return one.id === shown.id; });
    if (shown.id && shown.said && (!row || row.seq !== shown.said.seq)) shown.load();
  }

  function here() { return state.said && state.said.columns.flatMap(function (column) { return column.rows; }).find(function (row) { return row.id === state.at; }); }

  function draw() {
    const make = desk.make, said = state.said;
    head();
    document.title = desk.fill(desk.words.board.title, { kind: said.name });
    const box = desk.part("board"), scrolled = [...box.querySelectorAll(".board-cards")].map(function (one) { return [one.dataset.stage, one.scrollTop]; }), left = box.scrollLeft, kept = new Map();
    const card = function (row) {
      const text = JSON.stringify(row);
      let one = state.cards.get(row.id);
      if (!one || one.text !== text) one = { text: text, element: draw_card(row) };
      kept.set(row.id, one);
      return one.element;
    };
    box.replaceChildren(...said.columns.map(function (column) {
      const more = column.n > column.rows.length ? make("p", { class: "quiet board-more" }, desk.fill(desk.words.board.more, { n: column.rows.length })) : null;
      return make("section", { class: "board-column" + (column.ended ? " is-ended" : ""), "aria-label": column.name },
        make("header", {}, make("h3", {}, column.name), column.ended ? make("span", { class: "quiet" }, desk.words.board.ended) : "", make("span", { class: "tab-count", data: { tone: column.n ? "" : "none" } }, column.n.toLocaleString("en"))),
        make("div", { class: "board-cards", role: "list", data: { stage: column.stage } }, column.rows.map(card), column.rows.length ? null : make("p", { class: "quiet board-none" }, desk.words.board.empty), more));
    }));
    state.cards = kept;
    for (const [stage, top] of scrolled) { const one = box.querySelector('[data-stage="' + stage + '"]'); if (one) one.scrollTop = top; }
    box.scrollLeft = left;
    show();
  }

  function head() {
    const make = desk.make, said = state.said, words = desk.words.board;
    const tab = function (one, i) {
      return make("button", { type: "button", role: "tab", "aria-selected": String(one.kind === said.kind), title: String(i + 1), onclick: function () { turn(one.kind); } }, make("span", {}, one.name), make("span", { class: "tab-count", data: { tone: one.n ? "" : "none" } }, one.n.toLocaleString("en")));
    };
    const side = said.parts === null ? null : make("span", { class: "board-parts", role: "group" }, [["", words.whole], ["1", words.parts]].map(function ([value, word]) {
      return make("button", { type: "button", class: "hand", "aria-pressed": String(Boolean(value) === said.parts), onclick: function () { state.parts = Boolean(value); state.mark = ""; address(); look(); } }, word);
    }));
    const fresh = said.opens ? make("button", { type: "button", class: "tab-intake", onclick: function () { open(); } }, desk.fill(words.new, { kind: said.name }), make("kbd", {}, "n")) : null;
    const text = JSON.stringify([said.kinds, said.kind, said.parts, said.opens]);
    const box = desk.part("board-head");
    if (box.dataset.said === text) return;
    box.dataset.said = text;
    box.replaceChildren(make("div", { class: "queue-tabs", role: "tablist" }, said.kinds.map(tab), fresh ? make("span", { class: "board-tools" }, side, fresh) : side));
  }

  function draw_card(row) {
    const make = desk.make;
    const urgent = row.urgency === "normal" ? null : make("span", { class: "case-mark is-" + (row.urgency === "emergency" ? "late" : "soon") }, row.urgency_name);
    const held = row.held.map(function (part) {
      return make("li", { class: part.late ? "is-bad" : part.state === "done" || part.state === "voided" ? "quiet" : "" }, make("span", {}, part.name), make("span", { class: "quiet" }, part.stage), part.due ? desk.countdown(part.due, null, 0.8, false) : "");
    });
    let bar = null;
    if (row.parts && !held.length) { bar = make("progress", { max: row.parts[1] }); bar.value = row.parts[0]; bar = make("div", { class: "case-progress" }, bar, make("span", {}, desk.fill(desk.words.parts, { done: row.parts[0], all: row.parts[1] }))); }
    return make("article", { class: "board-card", role: "listitem", id: "board-card-" + row.id, data: { id: row.id }, onclick: function () { state.at = row.id; show(); bring(row.id); } },
      make("div", { class: "card-top" }, make("strong", {}, row.title), desk.countdown(row.due, row.started, row.warn, false)),
      make("div", { class: "card-where" }, row.place, row.unit ? make("span", {}, row.unit) : ""),
      held.length ? make("ul", { class: "card-parts" }, held) : "", bar,
      make("div", { class: "card-foot" }, make("span", { class: "quiet" }, row.number), urgent, desk.marks(row.marks)));
  }

  function show() {
    const box = desk.part("board");
    for (const [id, one] of state.cards) {
      one.element.classList.toggle("is-here", id === state.at);
      one.element.classList.toggle("is-open", desk.caseView.id === id);
    }
    if (state.at) box.setAttribute("aria-activedescendant", "board-card-" + state.at);
  }

  // A case beside the board: the columns make room for it.
  function bring(id) { desk.part("work").hidden = false; return desk.open(id).then(show); }

  function open(place, name) {
    desk.part("work").hidden = false;
    desk.opening.open({ kind: state.said.opens, place: place ? { key: place, label: name || place.split("=")[1] } : null });
  }

  function turn(kind) {
    if (kind === state.kind) return;
    desk.caseView.close();
    desk.part("work").hidden = true;
    Object.assign(state, { kind: kind, parts: false, mark: "", at: null, cards: new Map() });
    address();
    look();
    desk.part("board").focus({ preventScroll: true });
  }

  function address() { history.replaceState(history.state, "", "/console/board/" + state.kind + (state.parts ? "?parts=1" : "")); }

  function go(columns, rows) {
    const all = state.said.columns.map(function (column) { return column.rows; });
    let x = all.findIndex(function (column) { return column.some(function (row) { return row.id === state.at; }); });
    if (x < 0) return;
    let y = all[x].findIndex(function (row) { return row.id === state.at; });
    if (rows) y = Math.min(Math.max(y + rows, 0), all[x].length - 1);
    for (let next = x + columns; columns && next >= 0 && next < all.length; next += columns) if (all[next].length) { x = next; y = Math.min(y, all[x].length - 1); break; }
    state.at = all[x][y].id;
    show();
    state.cards.get(state.at).element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function key(event) {
    if (!state.said) return false;
    if (/^[1-9]$/.test(event.key) && state.said.kinds[Number(event.key) - 1]) { turn(state.said.kinds[Number(event.key) - 1].kind); return true; }
    const does = {
      ArrowLeft: function () { go(-1, 0); }, ArrowRight: function () { go(1, 0); }, ArrowDown: function () { go(0, 1); }, ArrowUp: function () { go(0, -1); }, j: function () { go(0, 1); }, k: function () { go(0, -1); },
      Enter: function () { if (state.at) bring(state.at); }, n: function () { if (state.said.opens) open(); },
    }[event.key];
    if (!does || (event.key === "Enter" && event.target.closest("button, a, summary"))) return false;
    does();
    return true;
  }

  function escape() {
    if (desk.part("work").hidden) return false;
    desk.caseView.close();
    desk.say([]);
    desk.part("work").hidden = true;
    show();
    desk.part("board").focus({ preventScroll: true });
    return true;
  }
})();
