// How far an order has come: its grids coloured by the state of their part, the counts, the parts of one state. Looked at again after every
// commit.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  desk.pages = desk.pages || {};
  const ORDER = ["late", "waiting", "accepted", "handled", "done", "voided"];
  const MOST = 300; // parts in the list; the map shows all
  let state = null;

  desk.pages["task-page"] = {
    begin: function () {
      state = { id: Number(location.pathname.split("/")[2]), said: null, mark: "", only: "", map: null, order: null };
      desk.part("work-body").replaceChildren(desk.make("p", { class: "work-empty quiet" }, desk.words.loading));
      look();
      desk.ask("/console/cases/" + state.id).then(function (order) { state.order = order; draw(); }).catch(function (error) { desk.say(error.message, "late"); });
    },
    look: look,
    escape: function () { if (!state.only) return false; state.only = ""; draw(); return true; },
  };

  async function look() {
    const mine = state;
    try {
      const said = await desk.ask("/console/cases/" + mine.id + "/parts?" + new URLSearchParams({ mark: mine.mark }));
      if (mine !== state || !said.parts) return;
      mine.mark = said.mark;
      mine.said = said;
      desk.root().classList.toggle("has-no-map", !said.parts.some(function (part) { return part.code; }));
      if (!mine.began && said.parts.some(function (part) { return part.code; })) { mine.began = true; begin(mine); }
      draw();
    } catch (error) { if (error.answered && mine === state) desk.say(error.message, "late"); }
  }

  async function begin(mine) {
    const map = await desk.gridMap(desk.part("dispatch-map"), { pick: function (code) { const part = of(code); if (part) window.location.assign("/case/" + part.id); }, lines: function (code) { const part = of(code); return part ? [word(part), part.number] : []; } }).catch(function (error) { desk.say(error.message, "late"); return null; });
    if (mine !== state || !map) return;
    mine.map = map;
    if (mine.said.bounds) map.fit(mine.said.bounds);
    colour();
  }

  function of(code) { return state.said && state.said.parts.find(function (part) { return part.code === code; }); }
  function shown(part) { return part.late ? "late" : part.state; }
  function word(part) { const states = desk.words.dispatch.states; return part.late ? states.late + " · " + states[part.state] : states[part.state]; }

  function colour() {
    if (!state.map || !state.said) return;
    const parts = state.said.parts.filter(function (part) { return part.code && (!state.only || matches(part)); });
    state.map.colour(parts.map(function (part) { return [part.code, shown(part)]; }));
    const counted = function (name) { return state.said.parts.filter(function (part) { return shown(part) === name; }).length; };
    desk.legend(state.map, ORDER.map(function (name) { return [name, desk.words.dispatch.states[name], counted(name)]; }).filter(function (one) { return one[2]; }));
  }

  function matches(part) { return state.only === "late" ? part.late : part.state === state.only; }

  function draw() {
    if (!state.said) return;
    const make = desk.make, words = desk.words.dispatch, said = state.said, order = state.order;
    const body = desk.part("work-body"), before = body.querySelector(".order-grids"), scrolled = before ? before.scrollTop : 0;
    const c = said.counts, ended = c.done + c.voided;
    const bar = make("progress", { max: Math.max(1, c.all), "aria-label": desk.words.parts_title });
    bar.value = ended;
    const filter = function (name, label, n) { return make("button", { type: "button", class: "state-count", "aria-pressed": String(state.only === name), onclick: function () { state.only = state.only === name ? "" : name; draw(); } }, make("strong", { class: name === "late" && n ? "is-bad" : "" }, n.toLocaleString("en")), make("span", {}, label)); };
    const parts = said.parts.filter(function (part) { return !state.only || matches(part); });
    const due = order && order.clocks[0];
    body.replaceChildren(make("div", { class: "order" },
      make("header", { class: "order-head" }, make("h2", {}, order ? order.kind_name + " " + said.number : said.number, due ? desk.countdown(due.due, due.started, due.warn, due.standing) : ""),
        order && order.text ? make("p", { class: "case-text" }, order.text) : "",
        make("a", { class: "button", href: "/case/" + said.id }, words.case)),
      make("div", { class: "case-progress" }, bar, make("span", {}, desk.fill(desk.words.parts_done, { done: ended.toLocaleString("en"), all: c.all.toLocaleString("en") }))),
      make("div", { class: "state-counts" }, filter("", words.all_states, c.all), ORDER.map(function (name) { return name === "voided" && !c.voided ? null : filter(name, words.states[name], c[name]); })),
      make("ul", { class: "order-grids" }, parts.slice(0, MOST).map(line), parts.length > MOST ? make("li", { class: "quiet" }, desk.fill(desk.words.more, { n: MOST, all: parts.length.toLocaleString("en") })) : "")));
    desk.part("order-grids").scrollTop = scrolled;
    document.title = desk.fill(words.task_title, { number: said.number });
    colour();
  }

  function line(part) {
    const make = desk.make;
    return make("li", { onmouseenter: function () { if (state.map && part.code) state.map.ring(part.code); } }, make("a", { href: "/case/" + part.id },
      make("span", { class: "grid-name" }, part.place || part.number, make("span", { class: "quiet" }, part.number)),
      make("span", { class: "grid-people" }, part.stage, part.due ? desk.countdown(part.due, null, 0.8, false) : ""),
      make("span", { class: "grid-tags" }, make("span", { class: "case-mark is-" + (part.late ? "late" : "info") }, word(part)))));
  }
})();
