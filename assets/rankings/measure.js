// 督办 and 约谈 from a row of a ranking or of a list: what stands beside it, and the dialog that opens one.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {}), desk = (jingwei.desk = jingwei.desk || {});
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  let dialog = null, back = null;

  // The cell: a chip a case, and the button for those who may.
  components.Measures = function (props) {
    const make = window.React.createElement, row = props.data;
    if (!row) return null;
    const stop = function (event) { event.stopPropagation(); };
    const parts = (row.measures || []).map(function (one) {
      return make("a", { key: one.id, href: "/case/" + one.id, className: "measure-chip is-" + one.tone, title: one.number, onClick: stop }, one.text);
    });
    if (props.may) parts.push(make("button", { key: "new", type: "button", className: "measure-new", title: props.words.measure, "aria-label": props.words.measure + " " + row.name,
      onClick: function (event) {
        stop(event);
        jingwei.measure({ subject: props.subject, code: row.code, name: row.name }, function (found) {
          if (!props.api.isDestroyed()) props.node.setDataValue("measures", found);
        });
      } }, "＋"));
    return make("span", { className: "measure-cell" }, parts);
  };

  function close() {
    if (!dialog) return;
    dialog.remove();
    dialog = null;
    if (back && back.isConnected) back.focus();
  }

  // about: { subject, code, name }; done: gets what stands beside it then.
  jingwei.measure = async function (about, done) {
    close();
    back = document.activeElement;
    let said;
    try { said = await desk.ask("/rankings/measures?" + new URLSearchParams(about)); } catch (error) { show(about.name, [desk.make("p", { role: "alert" }, error.message)]); return; }
    form(about, said, done);
  };

  function show(title, inside) {
    const page = document.querySelector("#page") || document.body;
    dialog = desk.make("div", { class: "measure-dialog", role: "dialog", "aria-modal": "true", "aria-label": title, onclick: function (event) { if (event.target === dialog) close(); },
      onkeydown: function (event) { if (event.key === "Escape") { event.stopPropagation(); close(); } } }, desk.make("form", { novalidate: true }, inside));
    page.append(dialog);
    const first = dialog.querySelector("input:not([type=hidden]), select, textarea, button");
    if (first) first.focus();
    return dialog.firstChild;
  }

  function form(about, said, done) {
    const make = desk.make, words = said.words, key = desk.key();
    const shut = make("button", { type: "button", class: "button", onclick: close }, words.cancel);
    if (!said.kinds.length) { show(words.title, [make("h2", {}, words.title), make("p", {}, words.none), make("div", { class: "measure-acts" }, shut)]); return; }
    const select = function (name, pairs) { return make("select", { name: name }, pairs.map(function (pair) { return make("option", { value: pair[0] }, pair[1]); })); };
    const kind = select("kind", said.kinds), unit = select("unit", said.units), note = make("textarea", { name: "note", rows: 4, maxlength: 2000, placeholder: words.note_hint });
    const due = desk.moment({ name: "due_at", end: true, value: said.due, words: words.moment });
    const will = make("p", { class: "measure-will", role: "status" }), problem = make("div", { class: "form-problem", role: "alert" });
    const send = make("button", { type: "submit", class: "button is-first" }, words.send);
    const tell = function () { will.textContent = desk.fill(words.what[kind.value], { unit: unit.options[unit.selectedIndex].text, due: due.input.value }); };
    const field = function (name, control) { return make("label", { class: "field" }, make("span", { class: "field-name" }, words[name]), control); };
    const element = show(words.title, [make("h2", {}, words.title), field("kind", kind), field("unit", unit), field("due", due.element), field("note", note), will, problem, make("div", { class: "measure-acts" }, send, shut)]);
    for (const control of [kind, unit, due.input]) for (const what of ["change", "input", "blur"]) control.addEventListener(what, tell);
    tell();
    element.addEventListener("submit", async function (event) {
      event.preventDefault();
      if (!note.value.trim() || !due.input.value.trim()) { problem.textContent = words.needed; return; }
      send.disabled = true;
      problem.textContent = "";
      try {
        const made = await desk.ask("/rankings/measures", { subject: about.subject, code: about.code, kind: kind.value, unit: Number(unit.value), due_at: due.input.value, note: note.value, key: key });
        close();
        if (done) done(made.measures);
      } catch (error) {
        problem.textContent = error.answered ? error.message : words.lost;
        send.disabled = false;
      }
    });
  }

  // The same on a list: chips and a button under the row that is open (dashboard/scorecards/detail.py).
  (desk.score = desk.score || {}).measures = function (one) {
    const said = one.measures;
    if (!said || !(said.rows.length || said.may)) return "";
    const make = desk.make, box = make("section", { class: "measure-list" });
    const draw = function (rows) {
      box.replaceChildren(make("h3", {}, said.title), make("p", { class: "measure-cell" }, rows.map(function (row) { return make("a", { href: "/case/" + row.id, class: "measure-chip is-" + row.tone, title: row.number }, row.text); }),
        said.may ? make("button", { type: "button", class: "button", onclick: function () { jingwei.measure({ subject: said.subject, code: one.code, name: one.name }, draw); } }, said.word) : ""));
    };
    draw(said.rows);
    return box;
  };
})();
