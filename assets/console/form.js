// A move's form: exactly what the move needs or takes. What it sends names the line it was decided on and a key of its own, so a
// second press does nothing twice and whoever was slower learns who was first.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};

  // The units that may get a case; asked once while it is on screen.
  let unitsAsked = { id: null, answer: null };
  desk.unitsOf = function (id) {
    if (unitsAsked.id !== id) {
      const answer = desk.ask("/console/cases/" + id + "/units");
      unitsAsked = { id: id, answer: answer };
      answer.catch(function () { unitsAsked = { id: null, answer: null }; });
    }
    return unitsAsked.answer;
  };

  const form = (desk.form = {
    element: null, move: "", rule: null, cases: [], keys: {}, many: false,

    // The cases a letter or a button means: those selected, else the one on the right, else the row one is at.
    openFor: function (move, given) {
      const chosen = desk.part("queue-rows") ? desk.queue.chosen() : [];
      const cases = given || (chosen.length ? chosen : []);
      if (!cases.length) return;
      const rule = (cases[0].rules || desk.queue.rules)[cases[0].digest][move];
      if (!rule) return;
      form.close();
      Object.assign(form, { move: move, rule: rule, cases: cases, many: !given, keys: Object.fromEntries(cases.map(function (one) { return [one.id, desk.key()]; })) });
      draw();
    },

    close: function () {
      if (!form.element) return;
      form.element = null;
      desk.caseView.buttons();
      const rows = desk.part("queue-rows");
      if (rows) rows.focus({ preventScroll: true });
    },

    // The case was drawn anew around the form.
    refresh: function () { if (!form.many && desk.caseView.said) form.cases = [desk.caseView.said]; },

    sendNow: async function (move, said, values) {
      const rule = said.rules[said.digest][move];
      await post(rule, [Object.assign({ case_id: said.id, move: move, key: desk.key(), expected_seq: said.seq }, values)]);
    },
  });

  async function draw() {
    const title = form.many && form.cases.length > 1 ? desk.fill(desk.words.for_many, { move: form.rule.name, n: form.cases.length }) : form.rule.name + " · " + form.cases[0].number;
    const fields = form.rule.fields.map(field);
    const element = desk.make("form", { class: "move-form", novalidate: true, onsubmit: function (event) { event.preventDefault(); send(); } },
      desk.make("h3", {}, title), fields, desk.make("div", { class: "form-problem", role: "alert" }),
      desk.make("div", { class: "form-end" }, desk.make("button", { type: "submit", class: "button is-first" }, desk.words.send, desk.make("kbd", {}, "Enter")),
        desk.make("button", { type: "button", class: "button", onclick: form.close }, desk.words.cancel, desk.make("kbd", {}, "Esc"))));
    form.element = element;
    const body = desk.part("work-body"), place = body.querySelector(".case-actions, .move-form");
    if (place) place.replaceWith(element);
    else body.prepend(element);
    (element.querySelector("textarea, input, select") || element.querySelector(".is-first")).focus();
    element.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && event.target.tagName === "TEXTAREA" && !event.shiftKey && !event.isComposing) { event.preventDefault(); element.requestSubmit(); }
    });
  }

  // A category that is known need not be given again.
  function hasCategory() { return form.cases.every(function (one) { return one.category && one.category !== one.kind_name; }); }

  function field(given) {
    const said = given.name === "category" && hasCategory() ? { name: "category", needed: false } : given.name === "evidence" ? { name: "evidence", needed: least() > 0 } : given;
    const label = desk.words.field[said.name];
    const head = desk.make("span", { class: "field-name" }, label, said.needed ? desk.make("span", { class: "field-needed" }, desk.words.needed) : "");
    const made = (FIELDS[said.name] || text)(said);
    return desk.make(["answer", "unit", "evidence"].includes(said.name) ? "div" : "label", { class: "field is-" + said.name, data: { field: said.name } }, head, made);
  }

  // How many pictures it takes: what the definition says, or what the order asked for.
  function least() { return Math.max(form.rule.pictures, form.rule.reports ? Math.max(...form.cases.map(function (one) { return one.wanted || 0; })) : 0); }

  function text(said) { return desk.make("textarea", { name: said.name, rows: 2, maxlength: 2000 }); }
  function moment(said) { return desk.moment({ name: said.name, end: true }).element; }

  function pick(said) {
    const box = desk.make("select", { name: said.name }, desk.make("option", { value: "" }, "–"));
    desk.lists().then(function (lists) { box.append(...lists[said.name].map(function (one) { return desk.make("option", { value: one[0] }, one[1]); })); });
    return box;
  }

  // A field with suggestions; what is written must be one of the names. data-found holds its number.
  let made = 0;
  function named(name, list, hint) {
    const id = "console-list-" + (made += 1);
    const input = desk.make("input", { type: "text", name: name, list: id, autocomplete: "off", placeholder: hint || null });
    const options = desk.make("datalist", { id: id });
    desk.lists().then(function (lists) { options.append(...lists[list].map(function (one) { return desk.make("option", { value: one[1] }, one[2] || ""); })); });
    return [input, options];
  }
  desk.named = named;

  function units(said) {
    const cards = desk.make("div", { class: "unit-cards" });
    const ask = form.cases.length === 1 ? desk.unitsOf(form.cases[0].id) : Promise.resolve([]);
    const owner = form.cases[0].id;
    ask.then(function (found) {
      if (!form.element || form.cases[0].id !== owner) return;
      cards.replaceChildren(...(found.length ? found.map(function (one, i) { return card(said, one, i === 0 && one.lead); }) : [desk.make("p", { class: "quiet" }, desk.words.no_candidates)]));
      const first = cards.querySelector("input:checked");
      if (first && (document.activeElement === document.body || document.activeElement.name === "unit_name")) first.focus();
    }).catch(function () { cards.replaceChildren(); });
    if (form.cases.length === 1) cards.append(desk.make("p", { class: "quiet" }, desk.words.loading));
    return [cards, ...named("unit_name", "units", desk.words.other_unit)];
  }

  function card(said, one, first) {
    const radio = desk.make("input", { type: "radio", name: "unit", value: one.id });
    radio.checked = first;
    const part = one.lead ? desk.words.lead + (one.level ? " · " + one.level : "") : desk.words.helps;
    return desk.make("label", { class: "unit-card" }, radio, desk.make("strong", {}, one.name), desk.make("span", { class: "quiet" }, part), desk.make("span", {}, one.load), desk.make("span", {}, one.record));
  }

  function several() {
    const chosen = desk.make("div", { class: "chosen" });
    const [input, options] = named("co_unit_name", "units", desk.words.other_unit);
    input.addEventListener("change", async function () {
      const found = (await desk.lists()).units.find(function (one) { return one[1] === input.value.trim(); });
      if (!found) return;
      input.value = "";
      const tag = desk.make("button", { type: "button", class: "button", data: { unit: found[0] }, onclick: function () { tag.remove(); } }, found[1], " ×");
      chosen.append(tag);
    });
    return [chosen, input, options];
  }
  desk.unitsField = several;

  function answer() {
    const words = desk.words.answer;
    const choose = function (name, values) {
      return desk.make("label", {}, desk.make("span", { class: "quiet" }, words[name]), desk.make("select", { name: "answer_" + name }, values.map(function (value) { return desk.make("option", { value: value }, words[value || "unsaid"]); })));
    };
    return desk.make("div", { class: "answer" }, choose("contacted", ["yes", "no"]), choose("resolved", ["", "yes", "no"]), choose("satisfaction", ["", "satisfied", "basic", "unsatisfied"]));
  }

  const FIELDS = {
    unit: units, co_units: several, category: function () { return named("category_name", "categories", form.cases.length === 1 && hasCategory() ? form.cases[0].category : desk.words.category_hint); }, urgency: pick, level: pick, due_at: moment, handle_due_at: moment,
    evidence: function () { return desk.picturesField(); },
    other: function (said) { return desk.make("input", { type: "text", name: said.name, autocomplete: "off" }); }, answer: answer,
  };

  // What the form says. Throws a text where something stands that is none of the list.
  async function values() {
    const element = form.element, found = {};
    const get = function (name) { const one = element.elements[name]; return one ? String(one.value || "").trim() : ""; };
    for (const said of form.rule.fields) {
      if (said.name === "unit") {
        const written = get("unit_name");
        found.unit = written ? await chosen("units", written) : get("unit");
      } else if (said.name === "category") found.category = get("category_name") ? await chosen("categories", get("category_name")) : "";
      else if (said.name === "co_units") found.co_units = [...element.querySelectorAll("[data-unit]")].map(function (tag) { return Number(tag.dataset.unit); });
      else if (said.name === "evidence") found.evidence = desk.picturesOf(element, least());
      else if (said.name === "answer") found.answer = { contacted: get("answer_contacted"), resolved: get("answer_resolved"), satisfaction: get("answer_satisfaction") };
      else found[said.name] = get(said.name);
    }
    const lacking = form.rule.fields.filter(function (said) { return said.needed && said.name !== "evidence" && !(said.name === "category" && hasCategory()) && (!found[said.name] || found[said.name].length === 0); });
    if (lacking.length) throw desk.fill(desk.words.missing, { fields: lacking.map(function (said) { return desk.words.field[said.name]; }).join(" ") });
    return found;
  }

  async function chosen(list, written) {
    const found = (await desk.lists())[list].find(function (one) { return one[1] === written; });
    if (!found) throw desk.fill(desk.words.unknown, { text: written });
    return found[0];
  }
  desk.chosen = chosen;

  async function send() {
    const element = form.element, problem = element.querySelector(".form-problem");
    let said;
    try { said = await values(); } catch (why) { problem.textContent = String(why.message || why); return; }
    const orders = form.cases.map(function (one) { return Object.assign({ case_id: one.id, move: form.move, key: form.keys[one.id], expected_seq: one.seq }, said); });
    problem.textContent = desk.words.sending;
    element.querySelector(".is-first").disabled = true;
    const ok = await post(form.rule, orders, form.many);
    if (form.element !== element) return;
    if (ok) { form.close(); return; }
    element.querySelector(".is-first").disabled = false;
    problem.textContent = form.lost ? desk.words.lost : "";
  }

  // Sends, tells what was done and what was not, looks again. Whether the form has done its work.
  async function post(rule, orders, many) {
    form.lost = false;
    let results;
    try { results = (await desk.ask("/console/orders", { orders: orders })).results; } catch (error) {
      form.lost = !error.answered;
      desk.say(error.answered ? error.message : desk.words.lost, "late");
      return false;
    }
    const done = results.filter(function (one) { return one.ok; }), not = results.filter(function (one) { return !one.ok; });
    const stale = not.some(function (one) { return one.stale; });
    const refused = not.map(function (one) { return one.number + " " + one.text + (one.stale ? " " + desk.words.stale : ""); });
    const holes = { move: rule.name, number: done.length ? done[0].number : "", n: done.length, ok: done.length, no: not.length };
    if (!not.length) desk.say(desk.fill(done.length === 1 ? desk.words.done : desk.words.done_many, holes), "good");
    else desk.say([desk.fill(done.length ? desk.words.some : desk.words.refused, holes), ...refused], "late");
    if (many) for (const one of done) desk.queue.selected.delete(one.case_id);
    await desk.caseView.load();
    desk.look();
    return !not.length || stale || many;
  }
})();
