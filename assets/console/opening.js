// Opening a case of any kind: exactly what its definition says it must or may carry. `about`: the case it is opened about, which gives
// it its place.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  let element = null, kind = null, about = null, where = null, key = "", fields = [];

  const opening = (desk.opening = {
    shown: false,

    // how: { kind, about: a case as its page has it, place: { key, label } }
    open: function (how) {
      kind = desk.words.openings.find(function (one) { return one.kind === how.kind; });
      if (!kind) return;
      if (kind.spread) { window.location.assign("/console/dispatch?kind=" + kind.kind); return; }
      desk.form.close();
      if (desk.intake.shown) desk.intake.close(true);
      about = how.about || null;
      where = how.place || null;
      key = desk.key();
      if (!about) desk.caseView.close();
      desk.say([]);
      opening.shown = true;
      draw();
    },

    close: function (quiet) {
      if (!opening.shown) return;
      opening.shown = false;
      if (element) element.remove();
      element = null;
      desk.part("work-body").classList.remove("has-form");
      if (quiet) return;
      if (about && desk.caseView.said) desk.caseView.draw();
      else desk.caseView.nothing();
      const rows = desk.part("queue-rows") || desk.part("board");
      if (rows) rows.focus({ preventScroll: true });
    },

    // The kinds one may open about a case.
    kindsAbout: function () { return (desk.words.openings || []).filter(function (one) { return one.about; }); },
  });

  function draw() {
    const make = desk.make, words = desk.words;
    fields = kind.fields.filter(function (one) { return !(about && (one.name === "other" || one.name === "place")); });
    element = make("form", { class: "intake opening", novalidate: true, onsubmit: function (event) { event.preventDefault(); send(); } },
      make("h2", {}, desk.fill(words.open_kind, { kind: kind.name })),
      about ? make("p", { class: "quiet" }, [desk.fill(words.about, { number: about.number }), about.path.slice(1).map(function (one) { return one.name; }).join(" › ")].filter(Boolean).join(" · ")) : "",
      fields.map(field),
      make("div", { class: "form-problem", role: "alert" }),
      make("div", { class: "form-end" }, make("button", { type: "submit", class: "button is-first" }, words.open_one, make("kbd", {}, "Ctrl+Enter")),
        make("button", { type: "button", class: "button", onclick: function () { opening.close(); } }, words.cancel, make("kbd", {}, "Esc"))));
    desk.part("work-body").replaceChildren(element);
    element.addEventListener("keydown", function (event) {
      if (event.isComposing) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); }
    });
    (element.querySelector("textarea, input, select") || element).focus();
  }

  function field(said) {
    const make = desk.make;
    const head = make("span", { class: "field-name" }, desk.words.field[said.name], said.needed ? make("span", { class: "field-needed" }, desk.words.needed) : "");
    return make(["place", "units", "evidence"].includes(said.name) ? "div" : "label", { class: "field is-" + said.name }, head, (FIELDS[said.name] || text)(said));
  }

  function text(said) { return desk.make("textarea", { name: said.name, rows: 3, maxlength: 2000 }); }
  function moment(said) { return desk.moment({ name: said.name, end: true }).element; }

  const FIELDS = {
    place: function () {
      const made = desk.placeField("where", desk.words.where_hint, function (item) { where = item ? { key: item.level + "=" + item.place, label: item.label } : null; return item ? item.label : ""; });
      if (where) made.input.value = where.label;
      return made.element;
    },
    units: function () { return desk.unitsField(); },
    unit: function () { return desk.named("unit_name", "units", desk.words.other_unit); },
    category: function () { return desk.named("category_name", "categories", desk.words.category_hint); },
    urgency: function (said) {
      const box = desk.make("select", { name: said.name });
      desk.lists().then(function (lists) { box.append(...lists.urgency.map(function (one) { return desk.make("option", { value: one[0] }, one[1]); })); });
      return box;
    },
    due_at: moment, handle_due_at: moment,
    pictures: function () { return desk.make("input", { type: "number", name: "pictures", min: 0, max: 9, value: "0" }); },
    evidence: function () { return desk.picturesField(); },
    other: function () { return desk.make("input", { type: "text", name: "other", autocomplete: "off" }); },
  };

  async function values() {
    const found = { kind: kind.kind, key: key };
    const get = function (name) { const one = element.elements[name]; return one ? String(one.value || "").trim() : ""; };
    for (const said of fields) {
      if (said.name === "unit") found.unit = get("unit_name") ? await desk.chosen("units", get("unit_name")) : "";
      else if (said.name === "category") found.category = get("category_name") ? await desk.chosen("categories", get("category_name")) : "";
      else if (said.name === "units") found.units = [...element.querySelectorAll("[data-unit]")].map(function (tag) { return Number(tag.dataset.unit); });
      else if (said.name === "evidence") found.evidence = desk.picturesOf(element, said.needed ? 1 : 0);
      else if (said.name === "place") found.place = where ? where.key : "";
      else found[said.name] = get(said.name);
    }
    if (about) found.other = about.number;
    const lacking = fields.filter(function (said) { return said.needed && (!found[said.name] || found[said.name].length === 0); });
    if (lacking.length) throw desk.fill(desk.words.missing, { fields: lacking.map(function (said) { return desk.words.field[said.name]; }).join(" ") });
    return found;
  }

  async function send() {
    const problem = element.querySelector(".form-problem"), button = element.querySelector(".is-first"), mine = element;
    let said;
    try { said = await values(); } catch (why) { problem.textContent = String(why.message || why); return; }
    problem.textContent = desk.words.sending;
    button.disabled = true;
    try {
      const made = await desk.ask("/console/openings", said);
      if (mine !== element) return;
      opening.close(true);
      await desk.open(made.case_id);
      desk.say(desk.fill(made.parts ? desk.words.opened_parts : desk.words.opened, { kind: kind.name, number: made.number, n: made.parts }), "good");
      desk.look();
    } catch (error) {
      if (mine !== element) return;
      problem.textContent = error.answered ? error.message : desk.words.lost;
      button.disabled = false;
    }
  }
})();
