// The console as a whole: where it begins, its keys, and when it looks again. After every commit the server's beat comes within a
// second (assets/live.js); without a socket it comes with the plain requests.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const REST = 1000; // milliseconds between two looks
  let looked = 0, waiting = 0, keysShown = null;

  desk.open = function (id) { return desk.caseView.open(id); };

  function begin(words) {
    const root = desk.root();
    if (!root) return window.dash_clientside.no_update;
    desk.words = JSON.parse(words);
    desk.intake.shown = false;
    desk.form.element = null;
    desk.caseView.end();
    Object.assign(desk.caseView, { id: null, said: null, text: "" });
    if (root.id === "console") console_begins();
    else { const id = Number(location.pathname.split("/")[2]); if (id) desk.open(id); }
    return "console-root";
  }

  function console_begins() {
    const named = new URLSearchParams(location.search);
    try { desk.queue.tab = named.get("tab") || sessionStorage.getItem("jingwei-queue") || "new"; } catch (error) { /* storage is off */ }
    if (!desk.words.tabs[desk.queue.tab]) desk.queue.tab = "new";
    desk.queue.reset();
    desk.head();
    desk.caseView.nothing();
    desk.queue.refresh();
    if (location.pathname === "/console/intake") desk.intake.open();
    else desk.part("queue-rows").focus();
  }

  // A beat: look again, at most once a second.
  document.addEventListener("jingwei:beat", function () {
    if (!desk.root() || waiting) return;
    waiting = setTimeout(function () {
      waiting = 0;
      looked = Date.now();
      if (!desk.root() || document.hidden) return;
      if (desk.part("queue-rows")) desk.queue.refresh();
      else desk.caseView.load();
    }, Math.max(0, REST - (Date.now() - looked)));
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden && desk.part("queue-rows")) desk.queue.refresh(); });

  function typing(target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox" || target.isContentEditable; }

  function escape() {
    if (keysShown) { hideKeys(); return true; }
    if (desk.form.element) { desk.form.close(); return true; }
    const said = desk.part("work-said");
    if (desk.intake.shown) { desk.intake.close(); return true; }
    if (desk.part("queue-rows")) {
      if (desk.queue.selected.size) { desk.queue.selected.clear(); desk.queue.show(); return true; }
      if (desk.caseView.id) { desk.caseView.close(); desk.queue.show(); desk.part("queue-rows").focus(); desk.say([]); return true; }
    } else { window.location.assign("/console"); return true; }
    if (said && said.childElementCount) { desk.say([]); return true; }
    return false;
  }

  function move(letter) {
    const here = desk.part("queue-rows") ? desk.queue.chosen() : [];
    if (here.length) {
      const one = desk.queue.common(here).find(function (name) { return desk.queue.rule(here[0], name).key === letter; });
      if (one) desk.form.openFor(one);
      return Boolean(one);
    }
    const said = desk.caseView.said;
    if (said) {
      const one = said.moves.find(function (name) { return said.rules[said.digest][name].key === letter; });
      if (one) desk.form.openFor(one, [said]);
      return Boolean(one);
    }
    const row = desk.queue.row(desk.queue.at);
    const one = row && row.moves.find(function (name) { return (desk.queue.rule(row, name) || {}).key === letter; });
    if (one) desk.open(row.id).then(function () { if (desk.caseView.said && desk.caseView.said.moves.includes(one)) desk.form.openFor(one, [desk.caseView.said]); });
    return Boolean(one);
  }

  function inQueue(event) {
    const queue = desk.queue;
    if (!desk.part("queue-rows")) return false;
    const tabs = Object.keys(desk.words.tabs);
    if (/^[1-9]$/.test(event.key) && tabs[Number(event.key) - 1]) { queue.turn(tabs[Number(event.key) - 1]); return true; }
    const does = {
      j: function () { queue.go(1); }, ArrowDown: function () { queue.go(1); }, k: function () { queue.go(-1); }, ArrowUp: function () { queue.go(-1); },
      PageDown: function () { queue.go(10); }, PageUp: function () { queue.go(-10); }, Home: function () { queue.go(-1e9); }, End: function () { queue.go(1e9); },
      x: function () { queue.select(queue.at); }, X: queue.selectAll, n: function () { desk.intake.open(); },
      Enter: function () { if (queue.at) desk.open(queue.at); },
    }[event.key];
    if (!does) return false;
    if (event.key === "Enter" && event.target.closest("button, a, summary")) return false;
    does();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (!desk.root() || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(".header, [role=dialog]")) return;
    if (event.key === "Escape") { if (escape()) event.preventDefault(); return; }
    if (typing(event.target)) return;
    if (event.key === "?") { event.preventDefault(); if (keysShown) hideKeys(); else showKeys(); return; }
    if (inQueue(event) || (/^[a-z]$/.test(event.key) && move(event.key))) event.preventDefault();
  });

  function hideKeys() { keysShown.remove(); keysShown = null; const rows = desk.part("queue-rows"); if (rows) rows.focus({ preventScroll: true }); }

  function showKeys() {
    const make = desk.make, said = desk.caseView.said, row = desk.part("queue-rows") && desk.queue.row(desk.queue.at);
    const rules = said ? said.rules[said.digest] : row ? desk.queue.rules[row.digest] : {};
    const moves = (said || row || { moves: [] }).moves.filter(function (name) { return rules[name] && rules[name].key; }).map(function (name) { return [rules[name].key, rules[name].name]; });
    const line = function (pair) { return [make("dt", {}, make("kbd", {}, pair[0])), make("dd", {}, pair[1])]; };
    keysShown = make("div", { class: "keys", role: "dialog", "aria-label": desk.words.keys_title, tabindex: -1, onclick: hideKeys, onkeydown: function (event) { if (event.key === "Escape" || event.key === "?") { event.preventDefault(); event.stopPropagation(); hideKeys(); } } },
      make("div", {}, make("h2", {}, desk.words.keys_title), make("dl", {}, desk.words.keys.flatMap(line)), moves.length ? [make("h3", {}, desk.words.moves), make("dl", {}, moves.flatMap(line))] : ""));
    desk.root().append(keysShown);
    keysShown.focus();
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { console: { begin: begin, beginCase: begin } });
})();
