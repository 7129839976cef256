// What is entered or decided on a list, one small dialog for all of it; and trying other weights, which saves nothing.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const score = (desk.score = desk.score || {});
  let dialog = null;

  // fields: [name, label, kind, choices]; kind: text number date select file. After it is sent everything is read anew.
  score.form = function (title, fields, what, more) {
    const make = desk.make, words = score.words(), key = desk.key(), problem = make("div", { class: "form-problem", role: "alert" });
    const controls = fields.map(function (field) {
      const control = field[2] === "select" ? make("select", { name: field[0] }, field[3].map(function (pair) { return make("option", { value: pair[0] }, pair[1]); }))
        : field[2] === "long" ? make("textarea", { name: field[0], rows: 3, maxlength: 1000 }) : make("input", { name: field[0], type: field[2] === "number" ? "text" : field[2], inputmode: field[2] === "number" ? "decimal" : null, accept: field[2] === "file" ? ".xlsx,.xls,.ods,.csv" : null, maxlength: field[2] === "file" ? null : 1000, value: field[3] && field[2] !== "file" ? field[3] : "" });
      return [field, control];
    });
    const form = make("form", { novalidate: true, onsubmit: async function (event) {
      event.preventDefault();
      const lacking = controls.filter(function (pair) { return !pair[1].value.trim() && pair[0][4] !== "may"; }).map(function (pair) { return pair[0][1]; });
      if (lacking.length) { problem.textContent = desk.fill(words.missing_field, { fields: lacking.join("、") }); return; }
      try {
        const made = what.send ? await what.send(controls.map(function (pair) { return pair[1]; }), key) : await desk.ask("/scorecards/runs/" + score.run + "/" + what, Object.assign({ key: key }, more, Object.fromEntries(controls.map(function (pair) { return [pair[0][0], pair[1].value]; }))));
        score.closeForm();
        desk.say(made.number ? desk.fill(words.opened, { number: made.number }) : made.n ? desk.fill(words.entered, { n: made.n.toLocaleString("en") }) : words.done, "good");
        score.load();
      } catch (error) { problem.textContent = error.answered ? error.message : desk.words.lost; }
    } }, make("h2", {}, title), what.hint ? make("p", { class: "quiet" }, what.hint) : "", controls.map(function (pair) { return make("label", { class: "field" }, make("span", { class: "field-name" }, pair[0][1]), pair[1]); }), problem,
      make("div", { class: "score-acts" }, make("button", { type: "submit", class: "button is-first" }, words.sure), score.button(words.cancel, function () { score.closeForm(); })));
    open(form, title);
  };

  score.confirm = function (_button, title, text) {
    return new Promise(function (settle) {
      const make = desk.make, words = score.words();
      open(make("form", { onsubmit: function (event) { event.preventDefault(); score.closeForm(); settle(true); } }, make("h2", {}, title), make("p", {}, text), make("div", { class: "score-acts" }, make("button", { type: "submit", class: "button is-first" }, words.sure), score.button(words.cancel, function () { score.closeForm(); settle(false); }))), title);
    });
  };

  function open(form, title) {
    score.closeForm();
    const before = document.activeElement;
    dialog = desk.make("div", { class: "score-dialog", role: "dialog", "aria-modal": "true", "aria-label": title, onkeydown: function (event) { if (event.key === "Escape") { event.stopPropagation(); score.closeForm(); } } }, form);
    dialog.back = before;
    desk.root().append(dialog);
    const first = form.querySelector("input, select, textarea, button");
    if (first) first.focus();
  }

  score.closeForm = function () {
    if (!dialog) return false;
    const back = dialog.back;
    dialog.remove();
    dialog = null;
    if (back && back.isConnected) back.focus();
    return true;
  };

  // What may be entered about the open row.
  score.forms = function (one) {
    const make = desk.make, words = score.words(), said = score.said, card = said.card, may = said.may, buttons = [];
    const reason = ["reason", words.reason, "long", "", "may"];
    if (may.enter) for (const mark of card.marks) if (mark[4]) buttons.push(score.button(words.mark + " · " + mark[1], function () { score.form(one.name, [["value", mark[1] + "（" + mark[2] + " – " + mark[3] + "）", "number"], reason], "mark", { mark: mark[0], code: one.code }); }));
    if (may.enter && card.marks.some(function (mark) { return mark[4]; })) buttons.push(score.button(words.marks_file, function () { score.form(words.marks_file, [["mark", words.mark, "select", card.marks.filter(function (mark) { return mark[4]; })], ["file", words.marks_file, "file"]], { send: file, hint: words.marks_hint }); }));
    if (may.enter && card.vetoes.length) buttons.push(score.button(words.veto, function () { score.form(words.veto + " · " + one.name, [["kind", words.kind, "select", card.vetoes], ["day", words.day, "date"], ["evidence", words.evidence, "long"]], "veto", { code: one.code }); }));
    if (may.appeal) buttons.push(score.button(words.appeal, function () { score.form(words.appeal + " · " + one.name, [["reason", words.reason, "long"]], "appeal", { subject: one.id }); }));
    if (one.ledger && one.ledger.may) buttons.push(score.button(words.credit_entry, function () { score.form(words.credit_entry + " · " + one.name, [["points", words.credit_points, "number"], ["reason", words.reason, "text"], ["evidence", words.evidence, "text"], ["since", words.since, "date"], ["until", words.expires, "date", "", "may"]], "register", { subject: one.id }); }));
    return buttons.length ? make("div", { class: "score-acts is-entering" }, buttons) : "";
  };

  async function file(controls, key) {
    const one = controls[1].files[0], query = new URLSearchParams({ mark: controls[0].value, key: key });
    const answer = await fetch("/scorecards/runs/" + score.run + "/marks-file?" + query, { method: "POST", headers: { "x-file-name": encodeURIComponent(one.name) }, body: one });
    const said = await answer.json();
    if (answer.ok) return said;
    throw Object.assign(new Error([said.where, said.what, said.todo].filter(Boolean).join(" ")), { answered: true });
  }

  score.listing = function (one) {
    const make = desk.make, words = score.words();
    if (!one.listing) return "";
    if (one.listing.case) return make("p", { class: "score-next" }, words.listing + " ", make("a", { href: "/case/" + one.listing.case[0] }, one.listing.case[1]));
    return make("p", { class: "score-next" }, score.button(words.open_listing, function () { score.form(words.open_listing + " · " + one.name, [["unit", words.unit, "select", one.listing.units], ["note", words.note, "long"]], "listing", { subject: one.id }); }));
  };

  score.appeal = function (one) {
    const make = desk.make, words = score.words(), said = score.said;
    const decide = function (upheld) { return function () { score.form(words.decision, [["decision", words.decision, "long"]], "appeal", { appeal: one.id, upheld: upheld }); }; };
    const state = one.upheld === null ? (said.may.decide ? [score.button(words.uphold, decide(true)), score.button(words.reject, decide(false))] : score.chip(words.waiting, "soon")) : score.chip(one.upheld ? words.uphold : words.reject, one.upheld ? "good" : "");
    return make("div", { class: "score-appeal" }, make("div", {}, make("button", { type: "button", class: "score-open", onclick: function () { score.unfold(one.subject); } }, one.name), make("time", { class: "quiet" }, one.at), state), make("p", {}, one.reason), one.decision ? make("p", { class: "quiet" }, words.decision + "：" + one.decision) : "");
  };

  // Other weights: who moves. Nothing is saved.
  score.tryWeights = function () {
    const make = desk.make, words = score.words(), card = score.said.card, box = desk.part("score-try");
    const own = card.parts.filter(function (part) { return part.weight; }), inputs = {};
    const sliders = own.map(function (part) {
      const value = score.tried ? score.tried.weights[part.id] : part.weight, shown = make("output", {}, String(value));
      inputs[part.id] = make("input", { type: "range", min: 0, max: card.total, step: 1, value: String(value), oninput: function (event) { shown.textContent = event.target.value; }, onchange: send, "aria-label": part.name });
      return make("label", {}, make("span", {}, make("i", { class: "score-seg p" + card.parts.indexOf(part) % 8 }), part.name), inputs[part.id], shown);
    });
    box.replaceChildren(make("div", { class: "score-weights" }, make("p", { class: "quiet" }, desk.fill(words.what_if_hint, { total: card.total })), make("div", {}, sliders), score.button(words.reset, function () { score.tried = null; score.tryWeights(); })), make("div", { class: "score-moved" }));
    if (score.tried) moved(score.tried.said);

    async function send() {
      const weights = Object.fromEntries(own.map(function (part) { return [part.id, Number(inputs[part.id].value)]; }));
      const said = await score.ask("/scorecards/runs/" + score.run + "/what-if", { weights: weights });
      if (!said || !score.trying) return;
      score.tried = { weights: weights, said: said };
      moved(said);
    }
  };

  function moved(said) {
    const make = desk.make, words = score.words(), card = score.said.card, name = function (id) { const rule = card.lists.find(function (one) { return one.id === id; }); return rule ? rule.name : id; };
    if (!said.moved.length) { desk.part("score-moved").replaceChildren(make("p", {}, words.no_move)); return; }
    const line = function (one) {
      const up = one.was !== null && one.now !== null ? one.was - one.now : 0;
      const marks = [one.in.map(function (id) { return score.chip(desk.fill(words.in, { list: name(id) }), "info"); }), one.out.map(function (id) { return score.chip(desk.fill(words.out, { list: name(id) }), ""); })].flat();
      return make("tr", {}, make("td", {}, one.name, one.peers ? make("span", { class: "quiet" }, " " + one.peers) : ""), make("td", { class: "is-number" }, (one.was === null ? "–" : one.was) + " → " + (one.now === null ? "–" : one.now)), make("td", { class: "is-number" }, up ? (up > 0 ? "↑" : "↓") + Math.abs(up) : ""), make("td", { class: "is-number" }, score.number(one.score_was, card.digits) + " → " + score.number(one.score, card.digits)), make("td", { class: "score-chips" }, marks));
    };
    desk.part("score-moved").replaceChildren(make("p", {}, desk.fill(words.moved, { n: said.n.toLocaleString("en"), lists: said.lists.toLocaleString("en") })), make("table", { class: "score-small" }, make("tbody", {}, said.moved.slice(0, 30).map(line))));
  }
})();
