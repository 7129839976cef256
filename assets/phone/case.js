// One case: what it is about, how long still, its pictures and what happened; at the thumb what is to be done next.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = jingwei.desk, parts = jingwei.parts;
  const LINES = 4, BESIDE = 2;
  let detail = null, open = false, said = "";

  const view = (jingwei.caseView = {
    // Asked for anew whenever the case is opened or has moved; what the phone has of it is shown meanwhile.
    load: async function (phone, id) {
      if (detail && detail.id !== id) { detail = null; open = false; }
      said = navigator.onLine ? "" : desk.words.kept_only;
      if (!navigator.onLine) return;
      try { detail = await desk.ask("/my/cases/" + id); said = ""; }
      catch (error) { detail = null; said = error.answered ? error.message : desk.words.kept_only; }
      phone.draw();
    },

    forget: function () { detail = null; open = false; },

    draw: function (phone, id) {
      const row = phone.row(id), known = detail && detail.id === id ? detail : null, shown = row || known;
      const bar = parts.bar(shown ? shown.category : desk.words.title, phone.back);
      if (!shown) return [bar, desk.make("p", { class: "empty" }, said || (phone.said && !navigator.onLine ? desk.words.gone : desk.words.loading))];
      return [bar, desk.make("main", { class: "case" }, head(phone, row, known, shown), said && desk.make("p", { class: "quiet" }, said),
        known && known.text ? part(desk.words.text, desk.make("p", { class: "case-text" }, known.text)) : null,
        known && known.pictures.length ? part(desk.words.pictures, thumbs(known.pictures)) : null,
        known ? part(desk.words.ledger, lines(phone, known)) : null), actions(phone, row, known)];
    },
  });

  function part(title, ...content) { return desk.make("section", { class: "part" }, desk.make("h2", {}, title), content.flat()); }

  function head(phone, row, known, shown) {
    const metres = jingwei.position.to(shown.at);
    const clocks = known && !(row && row.pending) ? known.clocks : row && row.due ? [{ name: row.clock, started: row.started, due: row.due, warn: row.warn, standing: false }] : [];
    const path = known ? known.path.join(" › ") : shown.place;
    return desk.make("section", { class: "case-head" },
      desk.make("div", { class: "card-third" }, parts.stage(phone, row, known), row && row.pending ? desk.make("span", { class: "tag is-pending" }, desk.words.pending) : null,
        row ? desk.marks(row.marks) : null, desk.make("span", { class: "card-number" }, shown.number)),
      desk.make("p", { class: "case-path" }, parts.icon("map-pin"), desk.make("span", {}, path, metres === null ? null : desk.make("b", {}, desk.fill(desk.words.distance, { far: parts.far(metres) })))),
      clocks.length ? desk.make("ul", { class: "clocks" }, clocks.map(function (clock) {
        return desk.make("li", {}, desk.make("span", {}, clock.name), desk.countdown(clock.due, clock.started, clock.warn, clock.standing));
      })) : null,
      shown.unit ? desk.make("p", { class: "quiet" }, desk.words.field.unit + " " + shown.unit) : null);
  }

  function thumbs(pictures) {
    return desk.make("div", { class: "thumbs" }, pictures.map(function (address, i) {
      return desk.make("a", { href: address, target: "_blank", rel: "noopener" }, desk.make("img", { src: address, loading: "lazy", alt: desk.fill(desk.words.picture, { n: i + 1 }) }));
    }));
  }

  function lines(phone, known) {
    const shown = open ? known.ledger : known.ledger.slice(0, LINES);
    return [desk.make("ol", { class: "lines" }, shown.map(function (line) {
      return desk.make("li", { class: line.alarm ? "is-alarm" : "" }, desk.make("div", {}, desk.make("strong", {}, line.what), desk.make("time", {}, line.at)),
        desk.make("div", { class: "quiet" }, [line.unit, line.by].filter(Boolean).join(" · ")), line.note ? desk.make("p", {}, line.note) : null);
    })), known.ledger.length > shown.length ? parts.button(desk.fill(desk.words.all_lines, { n: known.ledger.length }), function () { open = true; phone.draw(); }, { class: "button is-plain" }) : null];
  }

  // What may be done: the row's moves, which also know what waits to be sent; a case that is not in the list has its own.
  function actions(phone, row, known) {
    const subject = row || known, rules = row ? jingwei.form.rules(phone, row) : known.rules[known.digest];
    const moves = subject.moves.filter(function (move) { return rules[move]; });
    const on = moves.filter(function (move) { return rules[move].tone === "on"; }).sort(function (a, b) { return Number(rules[a].helps) - Number(rules[b].helps); }), back = moves.filter(function (move) { return rules[move].tone === "back"; });
    const noting = moves.find(function (move) { return rules[move].notes && rules[move].camera; });
    const rest = moves.filter(function (move) { return rules[move].tone === "more" && move !== noting; });
    const beside = [...on.slice(1), ...back].slice(0, noting ? BESIDE : BESIDE + 1), more = [...on.slice(1), ...back].slice(beside.length).concat(rest, noting ? [noting] : []);
    if (!moves.length || !row) return desk.make("footer", { class: "actions" }, desk.make("p", { class: "quiet" }, known && known.over ? known.over : desk.words.no_moves));
    const go = function (move) { return function () { jingwei.form.open(phone, row, move); }; };
    return desk.make("footer", { class: "actions" },
      desk.make("div", { class: "actions-beside" },
        beside.map(function (move) { return parts.button(rules[move].name, go(move)); }),
        noting ? photo(phone, row, noting) : null,
        more.length ? parts.button(desk.words.more_moves, function () { all(phone, row, rules, more); }) : null),
      on.length ? parts.button(rules[on[0]].name, go(on[0]), { class: "button is-first is-wide", data: { move: on[0] } }) : null);
  }

  // The camera first, the words after: a picture with a note that need not be written.
  function photo(phone, row, move) {
    const camera = parts.camera(desk.words.photo, function (blob) { jingwei.form.open(phone, row, move, { note: desk.words.photo_note, pictures: [{ blob: blob }] }); });
    camera.element.querySelector("button").className = "button";
    return camera.element;
  }

  function all(phone, row, rules, moves) {
    const close = parts.slip(desk.words.more_moves, desk.make("div", { class: "slip-body slip-list" },
      moves.map(function (move) { return parts.button(rules[move].name, function () { close(); jingwei.form.open(phone, row, move); }); })));
  }
})();
