// A move's form: exactly what the definition says it needs or takes. A move that asks nothing is made by the tap itself.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = jingwei.desk, parts = jingwei.parts;

  const form = (jingwei.form = {
    rules: function (phone, row) { return ((phone.said || {}).rules || {})[row.digest] || {}; },

    // Whether a tap is all it takes.
    plain: function (rule) { return rule.tone === "on" && !rule.camera && !rule.fields.some(function (field) { return field.needed; }); },

    // The first move that leads on, where a tap makes it.
    quick: function (phone, row) {
      const rules = form.rules(phone, row), move = row.moves.find(function (one) { return rules[one] && rules[one].tone === "on"; });
      return move && form.plain(rules[move]) ? { move: move, name: rules[move].name } : null;
    },

    // given: { note, pictures, entry }: what is there already, and the refused entry it takes the place of.
    open: function (phone, row, move, given) {
      const rule = form.rules(phone, row)[move];
      if (!rule) return;
      if (form.plain(rule) && !given) { phone.tap(row, move, rule, {}, []); return; }
      draw(phone, row, move, rule, given || {});
    },
  });

  function draw(phone, row, move, rule, given) {
    const make = desk.make, words = desk.words, problem = make("p", { class: "problem", role: "alert" });
    const fields = rule.fields.map(function (field) { return [field, control(field.name, phone, row, given)]; });
    const least = Math.max(rule.pictures, (rule.reports && row.wanted) || 0);
    const pictures = rule.camera || least ? parts.pictures(words.add_picture) : null;
    if (pictures && given.pictures) pictures.put(given.pictures);
    const send = parts.button(rule.name, submit, { class: "button is-first is-wide" + (rule.tone === "back" ? " is-back" : "") });
    const close = parts.slip(rule.name + " · " + row.category,
      make("div", { class: "slip-body" },
        fields.map(function (one) { return make("label", { class: "field", data: one[0].needed ? { needed: "1" } : {} }, label(one[0]), one[1].element); }),
        pictures && make("div", { class: "field" }, make("span", { class: "field-name" }, words.pictures, least ? make("em", {}, desk.fill(words.pictures_needed, { n: least })) : null), pictures.element),
        problem),
      make("div", { class: "slip-end" }, send));

    async function submit() {
      const body = {}, missing = [];
      for (const [field, one] of fields) {
        const value = await one.value();
        if (value !== null && value !== "" && !(Array.isArray(value) && !value.length)) body[field.name] = value;
        else if (field.needed) missing.push(words.field[field.name]);
      }
      const taken = pictures ? pictures.taken : [];
      if (taken.length < least) missing.push(desk.fill(words.pictures_needed, { n: least }));
      if (missing.length) { problem.textContent = desk.fill(words.missing, { fields: missing.join(" ") }); return; }
      send.disabled = true;
      if (await phone.tap(row, move, rule, body, taken, given.entry)) close();
      else send.disabled = false;
    }
  }

  function label(field) {
    return desk.make("span", { class: "field-name" }, desk.words.field[field.name], field.needed ? desk.make("em", {}, desk.words.needed) : null);
  }

  // { element, value() }
  function control(name, phone, row, given) {
    const make = desk.make, words = desk.words, old = (given.body || {})[name];
    if (name === "note" || name === "reason") {
      const field = make("textarea", { rows: 3, maxlength: 2000, name: name, placeholder: words[name + "_hint"] });
      field.value = old || (name === "note" && given.note) || "";
      return { element: field, value: function () { return field.value.trim(); } };
    }
    if (name === "unit" || name === "co_units") return units(name === "co_units", row, phone, old);
    if (name === "level") {
      const field = make("select", { name: name });
      phone.choices().then(function (found) { field.append(...found.level.map(function (one) { return make("option", { value: one[0] }, one[1]); })); }).catch(function () {});
      return { element: field, value: function () { return field.value; } };
    }
    const timed = name === "due_at" || name === "handle_due_at";
    const field = make("input", { type: timed ? "datetime-local" : "text", name: name, value: old || "", autocomplete: "off" });
    return { element: field, value: function () { return field.value.trim(); } };
  }

  // Units: those on the responsibility list first, any other by its name.
  function units(several, row, phone, old) {
    const make = desk.make, chosen = new Map(), box = make("div", { class: "options" });
    const field = make("input", { type: "search", placeholder: desk.words.unit_hint, autocomplete: "off", oninput: draw });
    let all = [], likely = [];
    function draw() {
      const text = field.value.trim();
      const found = text ? all.filter(function (one) { return one[1].includes(text); }) : likely.length ? likely : all;
      const shown = [...[...chosen].map(function (one) { return [one[0], one[1]]; }), ...found.filter(function (one) { return !chosen.has(one[0]); })].slice(0, 12);
      box.replaceChildren(...shown.map(function (one) {
        return make("button", { type: "button", class: "option", "aria-pressed": String(chosen.has(one[0])), onclick: function () {
          const was = chosen.has(one[0]);
          if (!several) chosen.clear();
          if (was) chosen.delete(one[0]); else chosen.set(one[0], one[1]);
          draw();
        } }, make("span", {}, one[1]), one[2] ? make("small", {}, one[2]) : null);
      }));
    }
    phone.choices().then(function (found) {
      all = found.units;
      for (const id of [].concat(old || [])) { const one = all.find(function (unit) { return unit[0] === id; }); if (one) chosen.set(one[0], one[1]); }
      draw();
    }).catch(function () {});
    if (navigator.onLine) {
      desk.ask("/console/cases/" + row.id + "/units").then(function (found) {
        likely = found.filter(function (one) { return one.name !== row.unit; }).map(function (one) { return [one.id, one.name, [one.level, one.load].filter(Boolean).join(" · ")]; });
        draw();
      }).catch(function () {});
    }
    return { element: make("div", { class: "choose" }, field, box), value: function () { const ids = [...chosen.keys()]; return several ? ids : ids[0] || null; } };
  }
})();
