// What if: each grid's figures of the last twelve months on the draft, and whose building would be moved, from where to where and why.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  const MOST = 200;
  let found = null, of = 0, asking = false, filter = "changed";

  studio.panels = studio.panels || {};
  studio.panels.what_if = function () {
    const make = desk.make, words = desk.words.what_if;
    if (of !== studio.id) { found = null; of = studio.id; }
    if (!found) { ask(); return make("p", { class: "quiet" }, words.counting); }
    const stale = found.seq !== studio.now.said.seq;
    return [make("div", { class: "studio-said" }, found.said.map(function (line) { return make("p", {}, line); }), make("p", { class: "quiet" }, words.hint)),
      stale ? make("div", { class: "studio-group" }, make("span", { class: "is-soft" }, words.stale), studio.button(words.again, function () { found = null; studio.panel(); })) : "", grids(), moved()];
  };

  async function ask() {
    if (asking) return;
    asking = true;
    const id = studio.id, said = await studio.ask("/studio/drafts/" + id + "/what-if");
    asking = false;
    if (said && id === studio.id) { found = said; if (studio.tab === "what_if") studio.panel(); }
  }

  function grids() {
    const make = desk.make, words = desk.words.what_if, rows = [];
    for (const [label, now] of Object.entries(found.grids)) {
      const was = found.before[label], turn = now.turn || 0;
      const changed = !was || was.events !== now.events || was.per_100 !== now.per_100;
      if (filter === "changed" ? changed : filter === "up" ? turn > 0 : turn < 0) rows.push({ label: Number(label), now: now, was: was, turn: turn });
    }
    rows.sort(function (a, b) { return Math.abs(b.turn) - Math.abs(a.turn) || a.label - b.label; });
    const pair = function (now, was, shown) { return [make("span", {}, shown(now)), was !== undefined && was !== now ? make("span", { class: "quiet studio-was" }, shown(was)) : ""]; };
    const rate = function (v) { return v === null ? words.few : studio.number(100 * v, 1) + "%"; }, tenth = function (v) { return v === null ? "–" : studio.number(v, 1); }, rank = function (v) { return v === null ? "–" : String(v); };
    const line = function (row) {
      const of_ = function (name) { return row.was ? row.was[name] : undefined; };
      return make("tr", { onclick: function () { studio.now.chosen.clear(); if (row.label in studio.now.row) studio.choose(row.label); } }, make("td", {}, make("button", { type: "button", class: "studio-name" }, studio.gridName(row.label))),
        make("td", { class: "is-number" }, pair(row.now.events, of_("events"), studio.count)), make("td", { class: "is-number" }, pair(row.now.per_100, of_("per_100"), tenth)), make("td", { class: "is-number" }, pair(row.now.on_time, of_("on_time"), rate)),
        make("td", { class: "is-number" + (row.turn > 0 ? " is-up" : row.turn < 0 ? " is-down" : "") }, pair(row.now.rank, of_("rank"), rank), row.turn ? (row.turn > 0 ? "↑" : "↓") + Math.abs(row.turn) : ""));
    };
    return make("section", { class: "studio-grids" }, make("h2", {}, words.grids), make("div", { class: "studio-filters" }, Object.entries(words.filters).map(function ([name, text]) { return make("button", { type: "button", class: "studio-filter", "aria-pressed": String(filter === name), onclick: function () { filter = name; studio.panel(); } }, text); })),
      rows.length ? make("table", {}, make("thead", {}, make("tr", {}, Object.entries(words.columns).map(function ([name, text]) { return make("th", { scope: "col", class: name === "name" ? "" : "is-number" }, text); }))), make("tbody", {}, rows.slice(0, MOST).map(line))) : make("p", { class: "quiet" }, words.none));
  }

  function cells(row) { return [row[0] || row[5], row[1], studio.gridName(row[2]), studio.gridName(row[3]), row[4]]; }

  function moved() {
    const make = desk.make, words = desk.words.what_if;
    if (!found.moved.length) return "";
    return make("section", { class: "studio-grids" }, make("h2", {}, words.moved, studio.button(words.save, save)),
      make("table", {}, make("thead", {}, make("tr", {}, words.moved_columns.map(function (text, i) { return make("th", { scope: "col", class: i === 1 ? "is-number" : "" }, text); }))),
        make("tbody", {}, found.moved.slice(0, MOST).map(function (row) { return make("tr", {}, cells(row).map(function (value, i) { return make("td", { class: i === 1 ? "is-number" : "" }, String(value)); })); }))),
      found.moved.length > MOST ? make("p", { class: "quiet" }, desk.fill(words.more, { n: studio.count(found.moved.length - MOST) })) : "");
  }

  function save() { studio.saveCsv(studio.now.said.draft.name, [desk.words.what_if.moved_columns].concat(found.moved.map(cells))); }

  // Quoted as spreadsheets want it; a cell that would be read as a formula is kept text.
  studio.saveCsv = function (name, rows) {
    const quoted = function (value) { const text = String(value); return '"' + (/^[=+\-@]/.test(text) ? "'" + text : text).replace(/"/g, '""') + '"'; };
    const lines = rows.map(function (line) { return line.map(quoted).join(","); });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n")], { type: "text/csv" }));
    link.download = name + ".csv";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  };
})();
