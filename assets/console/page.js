// The console as a whole: where it begins, its keys, and when it looks again. After every commit the server's beat comes within a
// second (assets/live.js); without a socket it comes with the plain requests.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const REST = 1000; // milliseconds between two looks
  let looked = 0, waiting = 0, keysShown = null;

  desk.open = function (id) { return desk.caseView.open(id); };

  // What each page of the desk does: begin(), look() after a commit, key(event) and escape(), which say whether they did anything.
  const pages = (desk.pages = desk.pages || {});
  const page = function () { const root = desk.root(); return (root && pages[root.id]) || {}; };
  desk.page = page;

  function begin(words) {
    const root = desk.root(), still = window.dash_clientside.no_update;
    if (!root) return still;
    desk.words = JSON.parse(words);
    desk.intake.shown = false;
    desk.opening.shown = false;
    desk.form.element = null;
    desk.caseView.end();
    Object.assign(desk.caseView, { id: null, said: null, text: "" });
    ways();
    page().begin();
    return still;
  }

  // Which of the desk's pages this is.
  function ways() {
    for (const link of document.querySelectorAll(".desk-way")) {
      const own = link.getAttribute("href"), here = location.pathname;
      const on = own === "/console" ? ["/console", "/console/intake"].includes(here) : here.startsWith(own);
      if (on) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
  }

  pages["case-page"] = {
    begin: function () { const id = Number(location.pathname.split("/")[2]); if (id) desk.open(id); },
    look: function () { desk.caseView.load(); },
    escape: function () { window.location.assign("/console"); return true; },
  };

  pages.console = { opens: true, begin: consoleBegins, look: function () { desk.queue.refresh(); }, key: inQueue, escape: leaveQueue,
    row: function () { return desk.queue.row(desk.queue.at); }, rules: function () { return desk.queue.rules; } };

  function consoleBegins() {
    const named = new URLSearchParams(location.search);
    try { desk.queue.tab = named.get("tab") || sessionStorage.getItem("jingwei-queue") || "new"; } catch (error) { /* storage is off */ }
    if (!desk.words.tabs[desk.queue.tab]) desk.queue.tab = "new";
    desk.queue.reset();
    desk.head();
    desk.caseView.nothing();
    desk.queue.refresh();
    if (location.pathname === "/console/intake" && desk.intake.may()) desk.intake.open();
    else desk.part("queue-rows").focus();
  }

  // A beat: look again, at most once a second.
  document.addEventListener("jingwei:beat", function () {
    if (!desk.root() || waiting) return;
    waiting = setTimeout(function () {
      waiting = 0;
      looked = Date.now();
      if (!desk.root() || document.hidden) return;
      desk.look();
    }, Math.max(0, REST - (Date.now() - looked)));
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden && desk.root()) desk.look(); });

  // Looks again at whatever the page shows.
  desk.look = function () { if (page().look) page().look(); };

  function typing(target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox" || target.isContentEditable; }

  function escape() {
    if (keysShown) { hideKeys(); return true; }
    if (desk.form.element) { desk.form.close(); return true; }
    const said = desk.part("work-said");
    if (desk.intake.shown) { desk.intake.close(); return true; }
    if (desk.opening.shown) { desk.opening.close(); return true; }
    if (page().escape && page().escape()) return true;
    if (said && said.childElementCount) { desk.say([]); return true; }
    return false;
  }

  function leaveQueue() {
    if (desk.queue.selected.size) { desk.queue.selected.clear(); desk.queue.show(); return true; }
    if (desk.caseView.id) { desk.caseView.close(); desk.queue.show(); desk.part("queue-rows").focus(); desk.say([]); return true; }
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
    const row = page().row ? page().row() : null;
    const rules = row ? page().rules()[row.digest] || {} : {};
    const one = row && row.moves.find(function (name) { return (rules[name] || {}).key === letter; });
    if (one) (page().bring || desk.open)(row.id).then(function () { if (desk.caseView.said && desk.caseView.said.moves.includes(one)) desk.form.openFor(one, [desk.caseView.said]); });
    return Boolean(one);
  }

  function inQueue(event) {
    const queue = desk.queue;
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
    if ((page().key && page().key(event)) || (/^[a-z]$/.test(event.key) && move(event.key))) event.preventDefault();
  });

  function hideKeys() { keysShown.remove(); keysShown = null; const rows = desk.part("queue-rows"); if (rows) rows.focus({ preventScroll: true }); }

  function showKeys() {
    const make = desk.make, said = desk.caseView.said, row = page().row ? page().row() : null;
    const rules = said ? said.rules[said.digest] : row ? page().rules()[row.digest] || {} : {};
    const own = desk.part("board") ? desk.words.board.keys : desk.words.keys;
    const moves = (said || row || { moves: [] }).moves.filter(function (name) { return rules[name] && rules[name].key; }).map(function (name) { return [rules[name].key, rules[name].name]; });
    const line = function (pair) { return [make("dt", {}, make("kbd", {}, pair[0])), make("dd", {}, pair[1])]; };
    keysShown = make("div", { class: "keys", role: "dialog", "aria-label": desk.words.keys_title, tabindex: -1, onclick: hideKeys, onkeydown: function (event) { if (event.key === "Escape" || event.key === "?") { event.preventDefault(); event.stopPropagation(); hideKeys(); } } },
      make("div", {}, make("h2", {}, desk.words.keys_title), make("dl", {}, own.flatMap(line)), moves.length ? [make("h3", {}, desk.words.moves), make("dl", {}, moves.flatMap(line))] : ""));
    desk.root().append(keysShown);
    keysShown.focus();
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { console: { begin: begin } });
})();
