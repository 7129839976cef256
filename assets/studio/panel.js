// Beside the map: the figures of the draft, the rules it breaks, the optimiser, the way to force, the journal.
(function () {
  const jingwei = window.jingwei;
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  const MOST_ROWS = 120;
  let filter = "changed", find = "";

  studio.panels = studio.panels || {};

  studio.panel = function () {
    const box = desk.part("studio-side"), make = desk.make, words = desk.words, state = studio.now;
    if (!box || !state) return;
    const counts = { broken: state.said.broken_n, journal: state.said.journal.length, review: state.said.comments.filter(function (one) { return !one.settled; }).length };
    const names = Object.entries(words.tabs).filter(function ([name]) { return name !== "solve" || state.said.may.draw; });
    if (!names.some(function ([name]) { return name === studio.tab; })) studio.tab = "figures";
    const tabs = make("div", { class: "studio-tabs", role: "tablist" }, names.map(function ([name, text]) {
      return make("button", { type: "button", role: "tab", "aria-selected": String(studio.tab === name), onclick: function () { studio.tab = name; studio.panel(); } }, text, counts[name] ? make("span", {}, studio.count(counts[name])) : "");
    }));
    const old = box.querySelector(".studio-panel"), at = old && old.dataset.tab === studio.tab ? old.scrollTop : 0;
    const panel = make("div", { class: "studio-panel", role: "tabpanel", data: { tab: studio.tab } }, studio.panels[studio.tab]());
    const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.dataset.keep : null;
    box.replaceChildren(tabs, panel);
    panel.scrollTop = at;
    if (focused) { const back = box.querySelector('[data-keep="' + focused + '"]'); if (back) { back.focus(); if (back.setSelectionRange && back.type === "search") back.setSelectionRange(back.value.length, back.value.length); } }
  };

  // Figures: the whole plan first, then its grids.
  studio.panels.figures = function () { return studio.unit === "community" ? communities() : [totals(), grids()]; };

  // Communities: grids and households, before and now.
  function communities() {
    const make = desk.make, words = desk.words, state = studio.now, rows = new Map();
    const row = function (label) { if (!rows.has(label)) rows.set(label, { grids: new Set(), load: 0, firstGrids: new Set(), firstLoad: 0 }); return rows.get(label); };
    for (let i = 0; i < state.n; i++) {
      const now = row(state.community[i]), was = row(state.firstCommunity[i]);
      now.grids.add(state.grid[i]); now.load += state.households[i];
      was.firstGrids.add(state.first[i]); was.firstLoad += state.households[i];
    }
    const pair = function (now, was) { return [make("span", {}, studio.count(now)), was !== now ? make("span", { class: "quiet studio-was" }, studio.count(was)) : ""]; };
    const changed = function ([, one]) { return one.load !== one.firstLoad || one.grids.size !== one.firstGrids.size; };
    const sorted = [...rows].sort(function (a, b) { return changed(b) - changed(a) || studio.communityName(a[0]).localeCompare(studio.communityName(b[0]), "zh"); });
    return make("section", { class: "studio-grids" }, make("table", {}, make("thead", {}, make("tr", {}, words.community_columns.map(function (text, i) { return make("th", { scope: "col", class: i ? "is-number" : "" }, text); }))),
      make("tbody", {}, sorted.map(function ([label, one]) {
        const gone = !one.grids.size;
        return make("tr", { class: gone ? "is-gone" : "", "aria-selected": String(state.chosen.has(label)), onclick: function (event) { if (!gone) { studio.choose(label, event.shiftKey || event.ctrlKey); show(label); } } },
          make("td", {}, make("button", { type: "button", class: "studio-name" }, studio.communityName(label)), gone ? make("span", { class: "studio-chip" }, words.gone) : changed([label, one]) ? make("span", { class: "studio-chip" }, words.filters.changed) : ""),
          make("td", { class: "is-number" }, pair(one.grids.size, one.firstGrids.size)), make("td", { class: "is-number" }, pair(one.load, one.firstLoad)));
      }))));
  }

  function totals() {
    const make = desk.make, words = desk.words, said = studio.now.said, preview = studio.preview && studio.preview.total;
    const now = preview || said.total, before = said.total_before;
    const card = function (name, value, was, shown, better, unit) {
      const change = value - was, same = Math.abs(change) < 0.0005;
      const tone = same || better === 0 ? "" : (change > 0) === (better > 0) ? "good" : "late";
      return make("div", { class: "studio-card" }, make("div", { class: "quiet" }, words.total[name]), make("div", { class: "studio-value" }, make("strong", {}, shown(value)), unit ? make("span", { class: "quiet" }, unit) : ""),
        make("div", { class: "studio-change", data: { tone: tone } }, same ? words.no_change : (change > 0 ? "↑ " : "↓ ") + shown(Math.abs(change)) + " · " + desk.fill(words.was, { n: shown(was) })));
    };
    const sum = function (figures) { return figures.staffed.reduce(function (all, n, i) { return all + (figures.homes[i] ? n : 0); }, 0); };
    const whole = studio.count, percent = function (value) { return studio.number(100 * value, 1) + "%"; };
    const share = function (one) { return one.homes ? one.in_band / one.homes : 0; };
    return make("div", { class: "studio-cards" },
      card("homes", now.homes, before.homes, whole, 0, words.units.homes), card("in_band", share(now), share(before), percent, 1), card("roundness", now.roundness, before.roundness, function (v) { return studio.number(v, 3); }, 1),
      card("contiguous", now.homes ? now.contiguous / now.homes : 0, before.homes ? before.contiguous / before.homes : 0, percent, 1), card("estates_split", now.estates_split, before.estates_split, whole, -1, words.units.estates_split), card("moved", now.moved, 0, whole, 0, words.units.households),
      card("posts", now.posts, before.posts, whole, 0, desk.fill(words.units.posts, { n: whole(sum(said.figures)) })), card("workload", now.workload / Math.max(1, now.homes), before.workload / Math.max(1, before.homes), function (v) { return studio.number(v, 1); }, 0, words.units.workload));
  }

  function grids() {
    const make = desk.make, words = desk.words, state = studio.now, figures = state.said.figures, before = state.said.before;
    const broken = new Set(state.said.broken.filter(function (one) { return ["grid", "walls", "contiguous", "compactness"].includes(one.rule); }).map(function (one) { return one.label; }));
    const rows = [];
    figures.label.forEach(function (label, i) {
      const was = state.rowBefore[label];
      const changed = was === undefined || figures.came[i] || figures.left[i];
      if (!figures.homes[i] && !changed && !state.chosen.has(label)) return;
      const name = studio.gridName(label);
      if (find ? !(name + studio.gridCode(label)).includes(find) : filter === "changed" ? !changed : filter === "broken" ? !broken.has(label) : filter === "chosen" && !state.chosen.has(label)) return;
      rows.push({ label: label, name: name, i: i, was: was });
    });
    const gone = find || filter !== "changed" ? [] : before.label.filter(function (label) { return !(label in state.row); });
    const pick = Object.entries(words.filters).map(function ([name, text]) { return make("button", { type: "button", class: "studio-filter", "aria-pressed": String(filter === name && !find), onclick: function () { filter = name; find = ""; studio.panel(); } }, text); });
    const search = make("input", { type: "search", placeholder: words.search, "aria-label": words.search, data: { keep: "find" }, oninput: function (event) { find = event.target.value.trim(); studio.panel(); } });
    search.value = find;
    const band = state.said.rules.grid.band;
    const pair = function (now, was, shown) { return was === undefined || was === now ? make("span", {}, shown(now)) : make("span", {}, shown(now), make("span", { class: "quiet studio-was" }, shown(was))); };
    const line = function (row) {
      const i = row.i, w = row.was, f = figures, bad = f.homes[i] && (f.households[i] < band[0] || f.households[i] > band[1]);
      const of = function (name) { return w === undefined ? undefined : before[name][w]; };
      return make("tr", { "aria-selected": String(state.chosen.has(row.label)), onclick: function (event) { studio.choose(row.label, event.shiftKey || event.ctrlKey); show(row.label); } },
        make("td", {}, make("button", { type: "button", class: "studio-name", title: studio.gridCode(row.label) }, row.name), state.locked.has(row.label) ? make("span", { class: "studio-chip" }, words.lock) : ""),
        make("td", { class: "is-number" + (bad ? " is-bad" : "") }, pair(f.households[i], of("households"), studio.count)),
        make("td", { class: "is-number" }, pair(f.roundness[i], of("roundness"), function (v) { return studio.number(v, 2); })),
        make("td", { class: "is-number" }, pair(f.micro[i], of("micro"), studio.count)), make("td", { class: "is-number" }, pair(f.workload[i], of("workload"), function (v) { return studio.number(v, 1); })),
        make("td", { class: "is-number" + (f.homes[i] && f.staffed[i] < f.posts[i] ? " is-soft" : "") }, pair(f.staffed[i] + " / " + f.posts[i], w === undefined ? undefined : of("staffed") + " / " + of("posts"), String)), make("td", { class: "is-number" }, f.came[i] || f.left[i] ? "+" + studio.count(f.came[i]) + " −" + studio.count(f.left[i]) : "–"));
    };
    const lost = gone.map(function (label) { const i = state.rowBefore[label]; return make("tr", { class: "is-gone" }, make("td", {}, make("span", { class: "studio-name" }, studio.gridName(label)), make("span", { class: "studio-chip" }, words.gone)), make("td", { class: "is-number" }, make("span", { class: "quiet studio-was" }, studio.count(before.households[i]))), make("td", { colspan: 5 })); });
    const many = rows.length > MOST_ROWS;
    return make("section", { class: "studio-grids" }, make("div", { class: "studio-filters" }, pick, search),
      rows.length || lost.length ? make("table", {}, make("thead", {}, make("tr", {}, Object.entries(words.columns).map(function ([name, text]) { return make("th", { scope: "col", class: name === "name" ? "" : "is-number" }, text); }))), make("tbody", {}, rows.slice(0, MOST_ROWS).map(line), lost.slice(0, MOST_ROWS))) : make("p", { class: "quiet" }, words.no_rows),
      many ? make("p", { class: "quiet" }, desk.fill(words.more_rows, { n: studio.count(rows.length - MOST_ROWS) })) : "");
  }

  function show(label) {
    const cells = studio.cellsOf(new Set([label]));
    if (!cells.length) return;
    const names = studio.now.names, lon = cells.map(function (i) { return names.lon[i]; }), lat = cells.map(function (i) { return names.lat[i]; });
    studio.map.zoomTo([Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)]);
  }

  // Rules: what is asked, softer or harder, and where it is broken.
  studio.panels.broken = function () {
    const make = desk.make, words = desk.words, said = studio.now.said, may = said.may.draw;
    const set = function (rule, values) { studio.act("rule", { rule: rule, set: values }); };
    const number = function (value, does, step) { const box = make("input", { type: "number", step: step || 1, min: 0, disabled: !may }); box.value = value; box.onchange = function () { if (box.value !== "") does(Number(box.value)); }; return box; };
    const limits = function (name, rule) {
      if (rule.band) return [words.target, number(rule.target, function (v) { set(name, { target: v }); }), number(rule.band[0], function (v) { set(name, { band: [v, rule.band[1]] }); }), words.to, number(rule.band[1], function (v) { set(name, { band: [rule.band[0], v] }); }), words.rule_limits[name]];
      if (rule.most !== undefined) return [words.at_most, number(Math.round(rule.most * 1000) / 10, function (v) { set(name, { most: v / 100 }); }, 0.5), "%"];
      if (rule.least !== undefined) return [words.at_least, number(rule.least, function (v) { set(name, { least: v }); }, 0.05)];
      return [];
    };
    const counts = {};
    for (const one of said.broken) counts[one.rule] = (counts[one.rule] || 0) + 1;
    const rules = Object.entries(words.rule_names).map(function ([name, text]) {
      const rule = said.rules[name];
      const hard = make("select", { disabled: !may, "aria-label": text, onchange: function (event) { set(name, { hard: event.target.value === "hard" }); } }, [["hard", words.hard], ["soft", words.soft]].map(function (pair) { return make("option", { value: pair[0], selected: (pair[0] === "hard") === rule.hard }, pair[1]); }));
      return make("div", { class: "studio-rule" }, make("strong", {}, text), make("span", { class: "studio-limits" }, limits(name, rule)), hard, make("span", { class: "is-number " + (counts[name] ? (rule.hard ? "is-bad" : "is-soft") : "quiet") }, desk.fill(words.broken_n, { n: counts[name] || 0 })));
    });
    const list = said.broken.map(function (one) {
      const value = one.rule === "moved" ? studio.number(100 * one.value, 1) : one.rule === "compactness" ? studio.number(one.value, 2) : studio.count(one.value);
      const name = ["estates", "micro_estates"].includes(one.rule) ? studio.now.names.places[one.label] : one.rule === "micro_grid" ? microName(one.label) : one.label < 0 ? "" : studio.gridName(one.label);
      return make("li", {}, make("button", { type: "button", class: "studio-broken", data: { hard: one.hard ? "1" : "" }, onclick: function () {
        studio.map.zoomTo(one.box);
        if (["grid", "walls", "contiguous", "compactness"].includes(one.rule)) { studio.now.chosen.clear(); studio.choose(one.label); }
      } }, make("span", { class: "studio-chip" }, one.hard ? words.hard : words.soft), desk.fill(words.rule_values[one.rule], { name: name, n: value })));
    });
    return [make("div", { class: "studio-rules" }, rules), list.length ? make("ul", { class: "studio-list" }, list) : make("p", { class: "quiet" }, words.none_broken),
      said.broken_n > said.broken.length ? make("p", { class: "quiet" }, desk.fill(words.more_broken, { n: studio.count(said.broken.length), all: studio.count(said.broken_n) })) : ""];
  };

  function microName(label) { const known = studio.now.names.labels[label]; return known ? known[1] : desk.words.new_micro; }

  studio.panels.journal = function () {
    const make = desk.make, words = desk.words, lines = studio.now.said.journal;
    if (!lines.length) return make("p", { class: "quiet" }, words.journal.nothing);
    return make("ol", { class: "studio-journal" }, lines.map(function (line) {
      return make("li", {}, make("span", { class: "is-number quiet" }, String(line[0])), make("strong", {}, line[3]), make("span", {}, line[4] ? desk.fill(words.journal.cells, { n: studio.count(line[4]) }) : ""), make("span", { class: "quiet" }, line[2]), make("time", { class: "quiet" }, line[1]));
    }));
  };
})();
