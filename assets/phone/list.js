// The list: what the post has to do, what is late first (or what is nearest), in groups that come from the definitions.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = jingwei.desk, parts = jingwei.parts;
  const ALL = "all", OTHERS = "others";
  let group = ALL, nearest = false;

  jingwei.list = {
    draw: function (phone) {
      const rows = phone.rows(), words = desk.words;
      const groups = [[ALL, words.all], ...Object.entries((phone.said || {}).groups || {}), [OTHERS, words.others]];
      const of = function (name) { return rows.filter(function (row) { return name === ALL ? row.group !== OTHERS : row.group === name; }); };
      const named = new Set(groups.map(function (one) { return one[0]; }));
      for (const row of rows) if (!named.has(row.group)) { named.add(row.group); groups.splice(-1, 0, [row.group, row.stage]); }
      if (!of(group).length) group = ALL;
      const shown = of(group);
      if (nearest) shown.sort(function (a, b) { return reach(a) - reach(b); });
      return [chips(phone, groups, of), desk.make("div", { class: "cards", role: "list" },
        shown.length ? shown.map(function (row) { return card(phone, row); }) : nothing(phone),
        phone.said && phone.said.cut ? desk.make("p", { class: "empty" }, desk.fill(words.cut, { n: phone.said.cut })) : null)];
    },

    card: card,
  };

  function reach(row) { const metres = jingwei.position.to(row.at); return metres === null ? Infinity : metres; }

  function nothing(phone) {
    return desk.make("p", { class: "empty" }, phone.said ? (group === ALL ? desk.words.empty : desk.words.empty_group) : desk.words.first);
  }

  function chips(phone, groups, of) {
    const made = groups.map(function (one) {
      const n = of(one[0]).length;
      if (!n && one[0] !== ALL) return null;
      return desk.make("button", { type: "button", class: "chip", "aria-pressed": String(one[0] === group), onclick: function () { group = one[0]; phone.draw(); } }, one[1], desk.make("b", {}, String(n)));
    });
    const sort = parts.button([parts.icon("current-location"), nearest ? desk.words.by_time : desk.words.by_distance], async function () {
      if (!nearest) {
        try { await jingwei.position.find(60000); } catch (error) { parts.say(desk.words.no_position, "soon"); return; }
      }
      nearest = !nearest;
      phone.draw();
    }, { class: "chip is-sort" });
    return desk.make("nav", { class: "chips" }, made, sort);
  }

  function card(phone, row) {
    const metres = jingwei.position.to(row.at), quick = row.group === OTHERS ? null : jingwei.form.quick(phone, row);
    const marks = desk.marks(row.marks.concat(row.urgency !== "normal" ? [[row.urgency_name, "late"]] : []));
    return desk.make("article", { class: "card", role: "listitem", data: { id: row.id, pending: row.pending ? "1" : "" } },
      desk.make("a", { href: "#case-" + row.id, class: "card-link" },
        desk.make("span", { class: "card-first" }, desk.make("strong", {}, row.category), desk.countdown(row.due, row.started, row.warn, !row.due && row.suspended)),
        desk.make("span", { class: "card-second" }, row.place, metres === null ? null : desk.make("span", { class: "card-far" }, parts.far(metres))),
        desk.make("span", { class: "card-third" }, parts.stage(phone, row), row.pending ? desk.make("span", { class: "tag is-pending" }, desk.words.pending) : null, marks, desk.make("span", { class: "card-number" }, row.number))),
      quick && parts.button(quick.name, function () { jingwei.form.open(phone, row, quick.move); }, { class: "button is-first card-quick", "aria-label": quick.name + " " + row.number }));
  }
})();
