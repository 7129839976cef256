// The emergency page: state of each place, warnings with the task they propose, alarms, past records. A section in which somebody is
// filling in a form is left alone until the form is closed.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const desk = (jingwei.desk = jingwei.desk || {});
  let words = {}, zone = "UTC", said = null, asking = false, open = null, problem = "";

  function root() { return document.getElementById("emergency"); }
  function fill(text, holes) { return desk.fill(text, holes); }

  function begin(told) {
    const box = root();
    if (!box) return window.dash_clientside.no_update;
    words = JSON.parse(told);
    zone = box.dataset.zone;
    said = null;
    open = null;
    load();
    return "emergency";
  }

  async function load() {
    if (asking || !root()) return;
    asking = true;
    try { said = await desk.ask("/emergency/page"); draw(); } catch (error) { /* the clock says that the server is away */ }
    asking = false;
  }

  function when(at) {
    if (!at) return "";
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false })
      .formatToParts(at).map(function (part) { return [part.type, part.value]; }));
    return parts.month + "-" + parts.day + " " + parts.hour + ":" + parts.minute;
  }

  function span(milliseconds) { return jingwei.alarms.age((jingwei.now() || 0) - milliseconds, words); }
  function number(n) { return Number(n).toLocaleString("en-US"); }

  async function send(address, body, control) {
    problem = "";
    control.disabled = true;
    try {
      said = await desk.ask(address, body);
      if (said.plans === undefined) said = await desk.ask("/emergency/page"); // an acknowledgement answers with what stands
      open = null;
      jingwei.alarms.look();
    } catch (error) { problem = error.answered ? error.message : words.failed; }
    control.disabled = false;
    draw(true);
  }

  // Sections.

  function draw(all) {
    const box = root();
    if (!box || !said) return;
    if (!box.querySelector(".emergency-state")) {
      box.replaceChildren(...[["state", "warnings"], ["alarms", "past"]].map(function (names) {
        return desk.make("div", { class: "emergency-column" }, names.map(function (name) { return desk.make("section", { class: "emergency-" + name }); }));
      }));
    }
    for (const [name, made] of Object.entries({ state: state, warnings: warnings, alarms: alarms, past: past })) {
      const section = box.querySelector(".emergency-" + name);
      if (open && open.section === name && !all && section.childElementCount) continue;
      const made_now = made();
      section.replaceChildren(desk.make("h2", {}, words[name]), ...made_now);
    }
  }

  function state() {
    const make = desk.make;
    const cards = said.emergencies.map(card);
    if (!cards.length) cards.push(make("p", { class: "emergency-peace" }, make("strong", {}, words.peace), make("span", { class: "quiet" }, words.peace_text)));
    if (!said.places.length) return [...cards, make("p", { class: "quiet hint" }, words.no_right)];
    const form = open && open.section === "state" && open.what === "declare" ? declareForm() :
      make("button", { type: "button", class: "button emergency-declare", onclick: function () { turn("state", "declare"); } }, words.declare);
    return [...cards, form];
  }

  function card(one) {
    const make = desk.make;
    const ending = open && open.section === "state" && open.what === "end" && open.id === one.id;
    return make("article", { class: "emergency-card", data: { colour: one.colour } },
      make("header", {}, make("span", { class: "alarm-colour" }, one.name), make("strong", {}, one.place), make("span", { class: "quiet" }, one.reason)),
      make("p", { class: "quiet" }, fill(words.since, { time: when(one.since), span: span((jingwei.now() || one.since) - one.since) }), " · ",
        one.role === one.by ? one.by : fill(words.by, { role: one.role, who: one.by }), " · ", fill(words.on_duty, { n: number(one.on_duty[0]), of: number(one.on_duty[1]) })),
      one.levels.length ? make("p", {}, make("span", { class: "quiet" }, words.levels + " "), one.levels.join(words.semicolon)) : "",
      make("div", { class: "emergency-acts" }, make("a", { class: "button", href: "/emergency/" + one.id }, words.record),
        one.may && !ending ? make("button", { type: "button", class: "button", onclick: function () { turn("state", "end", one.id); } }, words.stand_down) : ""),
      ending ? reasonForm(fill(words.stand_down_sure, { place: one.place, plan: one.name }), words.stand_down, function (reason, control) {
        send("/emergency/" + one.id + "/stand-down", { reason: reason }, control);
      }) : "");
  }

  function declareForm() {
    const make = desk.make;
    const plan = make("select", { onchange: tell }, said.plans.map(function (one) { return make("option", { value: one.id }, one.name); }));
    const place = make("select", { onchange: tell }, said.places.map(function (one) {
      return make("option", { value: one.code }, "\u2003".repeat({ district: 0, street: 1, community: 2 }[one.level]) + one.name);
    }));
    const told = make("p", { class: "emergency-changes quiet" });
    const sure = make("strong", {});
    function tell() {
      const one = said.plans.find(function (p) { return p.id === plan.value; });
      const named = said.places.find(function (p) { return p.code === place.value; });
      told.textContent = [words.levels + words.colon + one.levels.join(words.semicolon), words.layers + words.colon + one.layers.join(words.comma)].join("\n");
      sure.textContent = fill(words.declare_sure, { place: named.name, plan: one.name });
    }
    if (open.plan) plan.value = open.plan;
    tell();
    return make("div", { class: "emergency-form" },
      make("div", { class: "emergency-two" }, label(words.plan, plan), label(words.place, place)), told,
      reasonForm(sure, words.declare, function (reason, control) { send("/emergency/declare", { plan: plan.value, place: place.value, reason: reason }, control); }, true));
  }

  function reasonForm(sure, name, act, bare) {
    const make = desk.make;
    const why = make("textarea", { rows: 2, maxlength: 500, placeholder: words.reason_hint });
    const go = make("button", { type: "submit", class: "button is-first" }, name);
    const form = make("form", { class: bare ? "" : "emergency-form", onsubmit: function (event) { event.preventDefault(); if (why.value.trim()) act(why.value, go); else why.focus(); } },
      label(words.reason, why), make("p", { class: "emergency-sure" }, sure), problem ? make("p", { class: "form-problem", role: "alert" }, problem) : "",
      make("div", { class: "emergency-acts" }, go, make("button", { type: "button", class: "button", onclick: shut }, words.cancel)));
    requestAnimationFrame(function () { why.focus({ preventScroll: true }); });
    return form;
  }

  function label(text, control) { return desk.make("label", { class: "field" }, desk.make("span", { class: "field-name" }, text), control); }
  function turn(section, what, id, plan) { open = { section: section, what: what, id: id, plan: plan }; problem = ""; draw(true); }
  function shut() { open = null; problem = ""; draw(true); }

  function warnings() {
    if (!said.warnings.length) return [desk.make("p", { class: "quiet" }, words.no_warnings)];
    return said.warnings.map(warning);
  }

  function warning(one) {
    const make = desk.make;
    const asked = open && open.section === "warnings" && open.id === one.id;
    return make("article", { class: "emergency-card", data: { colour: one.colour } },
      make("header", {}, make("span", { class: "alarm-colour" }, words.colours[one.colour]), make("strong", {}, one.title),
        one.exercise ? make("span", { class: "mark" }, words.exercise) : "", make("span", { class: "quiet" }, fill(words.until, { time: when(one.until) }))),
      one.text ? make("p", {}, one.text) : "",
      make("p", {}, one.grids ? fill(words.touched, { n: number(one.grids), households: number(one.households) }) : words.untouched, make("span", { class: "quiet" }, " · " + one.area)),
      one.where.length ? make("details", {}, make("summary", { class: "quiet" }, words.more),
        make("ul", { class: "emergency-where" }, one.where.map(function (row) { return make("li", {}, make("span", {}, row[0]), make("span", { class: "quiet" }, fill(words.touched, { n: number(row[1]), households: number(row[2]) }))); }))) : "",
      make("div", { class: "emergency-acts" },
        one.ordered ? make("a", { class: "button", href: "/case/" + one.ordered.case }, fill(words.ordered, { number: one.ordered.number })) :
          one.task && !asked ? make("button", { type: "button", class: "button", onclick: function () { turn("warnings", "task", one.id); } }, words.propose) : "",
        one.plan && one.grids && said.places.length && !said.emergencies.some(function (held) { return held.plan === one.plan; }) ?
          make("button", { type: "button", class: "button", onclick: function () { turn("state", "declare", null, one.plan); root().scrollTo({ top: 0 }); } }, words.declare) : ""),
      asked && one.task && !one.ordered ? taskForm(one) : "");
  }

  function taskForm(one) {
    const make = desk.make;
    const note = make("textarea", { rows: 4, maxlength: 2000, value: one.task.note });
    const hours = make("input", { type: "number", min: 0.5, max: 336, step: 0.5, value: one.task.hours });
    const go = make("button", { type: "submit", class: "button is-first" }, fill(words.order, { n: number(one.grids) }));
    return make("form", { class: "emergency-form", onsubmit: function (event) {
      event.preventDefault();
      send("/emergency/warnings/" + one.id + "/task", { note: note.value, hours: Number(hours.value) }, go);
    } }, label(words.task, note), label(words.hours, hours), problem ? make("p", { class: "form-problem", role: "alert" }, problem) : "",
    make("div", { class: "emergency-acts" }, go, make("button", { type: "button", class: "button", onclick: shut }, words.cancel)));
  }

  function alarms() {
    const make = desk.make;
    if (!said.alarms.length) return [make("p", { class: "quiet" }, words.no_alarms)];
    return [make("ul", { class: "alarm-list" }, said.alarms.map(function (one) {
      const status = one.waits ? words.waits : one.by ? fill(words.acknowledged, { who: one.by }) : words.ended;
      return make("li", { class: one.waits ? "is-waiting" : "", data: { colour: one.colour } },
        make("span", { class: "alarm-colour" }, words.colours[one.colour]),
        make("div", {}, make("strong", {}, one.title), make("span", { class: "alarm-place" }, one.place),
          make("span", { class: "alarm-text" }, one.case ? make("a", { href: "/case/" + one.case }, one.text) : one.text)),
        make("div", { class: "alarm-when" }, make("time", {}, when(one.raised)), make("span", { class: one.waits ? "is-bad" : "quiet" }, status),
          one.up && one.waits ? make("span", { class: "alarm-up" }, fill(words.up, { level: one.up })) : ""),
        one.may ? make("button", { type: "button", class: "button is-first", onclick: function (event) { send("/emergency/alarms/" + one.id, {}, event.currentTarget); } }, words.acknowledge) : make("span", {}));
    }))];
  }

  function past() {
    const make = desk.make;
    if (!said.past.length) return [make("p", { class: "quiet" }, words.no_past)];
    return [make("ul", { class: "past-list" }, said.past.map(function (one) {
      return make("li", {}, make("a", { href: "/emergency/" + one.id }, when(one.since) + "  " + one.place + "  " + one.name),
        make("span", { class: "quiet" }, [fill(words.lasted, { span: span(one.minutes * 60000) }), fill(words.cases, { n: number(one.reported || 0) })].join(" · ")));
    }))];
  }

  document.addEventListener("jingwei:watched", function () { if (root() && (!said || said.mark !== jingwei.watched.mark)) load(); });
  setInterval(function () { if (root() && said && !document.hidden) draw(); }, 60000); // how long things last

  window.dash_clientside = Object.assign({}, window.dash_clientside, { emergency: { begin: begin } });
})();
