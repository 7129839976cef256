// The way to force: where the draft stands, who may do what next, remarks pinned on the map.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  let writing = null; // where a remark is being written

  studio.panels = studio.panels || {};
  studio.panels.review = function () {
    const make = desk.make, words = desk.words.review, said = studio.now.said;
    return [next(), make("section", {}, make("h2", {}, words.comments), writing ? form() : "", said.comments.length ? make("ul", { class: "studio-list" }, said.comments.map(remark)) : writing ? "" : make("p", { class: "quiet" }, words.no_comments)),
      make("section", {}, make("h2", {}, words.history), make("ol", { class: "studio-journal is-steps" }, said.steps.map(function (line) { return make("li", {}, make("time", { class: "quiet" }, line[0]), make("strong", {}, line[1]), make("span", { class: "quiet" }, line[2]), line[3] ? make("span", {}, line[3]) : ""); })))];
  };

  function next() {
    const make = desk.make, words = desk.words.review, said = studio.now.said, state = said.draft.state, may = said.may;
    const note = make("input", { type: "text", maxlength: 500, placeholder: words.note, "aria-label": words.note });
    const step = function (name, more) { return function () { studio.act("step", Object.assign({ step: name, note: note.value }, more ? more() : {})); }; };
    const parts = [];
    if (state === "drawing" && may.plan) parts.push(said.hard_n ? make("p", { class: "is-bad" }, desk.fill(words.hard, { n: studio.count(said.hard_n) })) : "", studio.button(words.review, step("review"), { class: "button is-first", disabled: said.hard_n > 0 || !said.seq }));
    if (state === "review" && may.approve) {
      const day = make("input", { type: "date", "aria-label": words.day });
      parts.push(make("label", { class: "field" }, make("span", { class: "field-name" }, words.day), day), studio.button(words.approve, step("approve", function () { return { day: day.value }; }), { class: "button is-first" }));
    }
    if ((state === "review" || state === "approved") && (may.approve || may.plan)) parts.push(note, studio.button(words.back, step("back")));
    if (state === "approved") parts.unshift(make("p", {}, desk.fill(words.approved_note, { day: said.draft.from })));
    if (["drawing", "review", "approved"].includes(state) && may.plan) parts.push(sure(words.withdraw, words.sure_withdraw, step("withdraw")));
    return make("section", { class: "studio-next" }, make("div", { class: "studio-group" }, studio.state(said.draft)), parts, said.seq ? papers() : "", studio.planFiles("draft:" + studio.now.id));
  }

  // The dossier is written in the background; the line shows how far it is, and it comes down when it is done.
  let writing_ = null;
  function papers() {
    const make = desk.make, words = desk.words.review, id = studio.now.id, address = "/studio/drafts/" + id + "/dossier";
    const box = make("div", { class: "studio-group" });
    if (writing_ && writing_.id === id) { box.replaceChildren(writing_.box); return box; }
    box.replaceChildren(...["pdf", "docx"].map(function (form) {
      return studio.button(words[form], async function () {
        const line = studio.work(await studio.ask(address, { form: form }), function (job) { writing_ = null; studio.fetchFile(address + "." + form + "?job=" + job); studio.panel(); }, function () { writing_ = null; studio.panel(); });
        if (line) { writing_ = { id: id, box: line }; box.replaceChildren(line); }
      });
    }));
    return box;
  }

  // A button that asks once more, in its own place.
  function sure(text, question, does) {
    const make = desk.make, box = make("div", { class: "studio-sure" });
    const ask = function () { box.replaceChildren(make("span", {}, question), studio.button(desk.words.yes, does), studio.button(desk.words.cancel, rest)); };
    const rest = function () { box.replaceChildren(studio.button(text, ask)); };
    rest();
    return box;
  }

  function remark(one) {
    const make = desk.make, words = desk.words.review;
    return make("li", { class: "studio-remark" + (one.settled ? " is-settled" : "") }, make("button", { type: "button", class: "studio-broken", onclick: function () { studio.map.zoomTo([one.lon - 0.002, one.lat - 0.002, one.lon + 0.002, one.lat + 0.002]); } }, one.body),
      make("div", { class: "quiet" }, one.by + " · " + one.at), one.settled ? make("span", { class: "quiet" }, "✓ " + words.settled) : studio.button(words.settle, function () { studio.act("settle", { comment: one.id }); }));
  }

  studio.pinAt = function (latlng) {
    writing = latlng;
    studio.tab = "review";
    studio.panel();
    studio.pins();
    const box = desk.part("studio-side").querySelector("textarea");
    if (box) box.focus();
  };

  function form() {
    const make = desk.make, words = desk.words.review, body = make("textarea", { rows: 3, maxlength: 1000, placeholder: words.write, "aria-label": words.write });
    const away = function () { writing = null; studio.panel(); studio.pins(); };
    return make("form", { class: "studio-remark", onsubmit: async function (event) {
      event.preventDefault();
      if (!body.value.trim()) { body.focus(); return; }
      const at = writing;
      if (await studio.act("comment", { at: [[at.lng, at.lat]], body: body.value })) away();
    } }, body, make("div", { class: "studio-group" }, make("button", { type: "submit", class: "button is-first" }, words.send), studio.button(desk.words.cancel, away)));
  }

  studio.pins = function () {
    const state = studio.now;
    if (!studio.map || !state) return;
    studio.map.pins.clearLayers();
    const pin = function (lat, lon, text, open) {
      const mark = L.circleMarker([lat, lon], { radius: 8, weight: 2.5, color: open ? "#E69F00" : "#7D8DA0", fillColor: open ? "#E69F00" : "#7D8DA0", fillOpacity: open ? 0.9 : 0.3, bubblingMouseEvents: false });
      if (text) mark.bindTooltip(text).on("click", function () { studio.tab = "review"; studio.panel(); });
      studio.map.pins.addLayer(mark);
    };
    for (const one of state.said.comments) { const text = document.createElement("span"); text.textContent = one.body; pin(one.lat, one.lon, text, !one.settled); }
    if (writing) pin(writing.lat, writing.lng, null, true);
  };
})();
