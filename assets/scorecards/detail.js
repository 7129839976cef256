// A row opened: its parts with the figures they are made of, the cases of each figure, its history, and what may be entered.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const score = (desk.score = desk.score || {});

  score.unfold = async function (id) {
    score.open = id;
    for (const line of desk.root().querySelectorAll(".score-table tr[data-id]")) line.setAttribute("aria-selected", String(Number(line.dataset.id) === id));
    const said = await score.ask("/scorecards/runs/" + score.run + "/subjects/" + id);
    if (!said || score.open !== id) return;
    score.row = said;
    const side = desk.part("score-side");
    desk.part("score-split").classList.add("is-open");
    side.replaceChildren(...panel(said).filter(Boolean));
    side.scrollTop = 0;
  };

  score.shut = function () {
    score.open = 0;
    desk.part("score-split").classList.remove("is-open");
    for (const line of desk.root().querySelectorAll("tr[aria-selected=true]")) line.setAttribute("aria-selected", "false");
  };

  function panel(one) {
    const make = desk.make, words = score.words(), card = score.said.card;
    const band = card.bands.find(function (other) { return other.id === one.band; });
    const chips = [band ? score.chip(band.name + (band.note ? " · " + band.note : ""), band.tone) : "", card.lists.filter(function (rule) { return one.lists.includes(rule.id); }).map(function (rule) { return score.chip(rule.name, rule.tone); })].flat();
    const rank = one.place ? desk.fill(words.of, { place: one.place, of: one.of }) + (one.peers ? " · " + one.peers : "") : words.unranked;
    return [
      make("header", {}, make("h2", {}, one.name), make("button", { type: "button", class: "said-close", "aria-label": words.cancel, onclick: score.shut }, "×"),
        make("p", {}, make("strong", { class: "score-big" }, one.score === null ? "" : score.number(one.score, card.digits)), make("span", { class: "quiet" }, one.score === null && !card.parts.some(function (part) { return part.weight; }) ? one.code : rank), chips)),
      one.flags.length ? make("p", { class: "score-flags" }, one.flags.map(function (flag) { return make("span", { class: "score-flag" }, flag); })) : "",
      one.reasons.length ? make("ul", { class: "score-reasons" }, one.reasons.map(function (reason) { return make("li", {}, reason); })) : "",
      parts(one), next(one), score.listing(one), score.measures(one), history(one), ledger(one), vetoes(one), score.forms(one), make("div", { class: "score-cases" }),
    ];
  }

  function parts(one) {
    const make = desk.make, words = score.words(), weighty = score.said.card.parts.some(function (part) { return part.weight; });
    let group = "";
    const rows = one.parts.flatMap(function (part, at) {
      const open = function (which) { return function () { cases(part, which); }; };
      const made = [];
      if (part.group && part.group !== group) { group = part.group; made.push(make("tr", { class: "is-group" }, make("th", { colspan: weighty ? 4 : 2, scope: "rowgroup" }, group))); }
      const under = [part.pair, part.percentile === null ? "" : desk.fill(words.percentile, { n: part.peers_n, p: (100 * part.percentile).toFixed(0) })].filter(Boolean).join(" · ");
      made.push(make("tr", {}, make("td", {}, weighty ? make("i", { class: "score-seg p" + at % 8 }) : "", make("strong", {}, part.name), make("div", { class: "quiet" }, part.source)),
        make("td", { class: "is-number" }, part.cases ? make("button", { type: "button", class: "score-open", onclick: open("numerator"), title: words.cases }, part.value) : part.value, make("div", { class: "quiet" }, under, part.pairs && part.pair ? make("button", { type: "button", class: "score-open is-small", onclick: open("denominator") }, words.denominator) : "")),
        weighty ? make("td", { class: "is-number quiet" }, part.weight ? score.number(part.weight, 1) : "–", part.weight && Math.abs(part.weight - part.own_weight) > 0.05 ? make("div", {}, "(" + part.own_weight + ")") : "") : "",
        weighty ? make("td", { class: "is-number" }, make("strong", {}, part.own_weight ? score.number(part.points, 1) : "–")) : ""));
      return made;
    });
    return make("table", { class: "score-parts" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, words.part), make("th", { scope: "col", class: "is-number" }, words.value), weighty ? make("th", { scope: "col", class: "is-number" }, words.weight) : "", weighty ? make("th", { scope: "col", class: "is-number" }, words.earned) : "")), make("tbody", {}, rows));
  }

  async function cases(part, which) {
    const make = desk.make, words = score.words(), box = desk.part("score-cases"), id = score.open;
    const said = await score.ask("/scorecards/runs/" + score.run + "/cases?" + new URLSearchParams({ subject: id, part: part.id, which: which }));
    if (!said || id !== score.open) return;
    box.replaceChildren(make("h3", {}, part.name + " · " + (part.pairs ? words[which] + " · " : "") + desk.fill(words.cases_n, { n: said.total.toLocaleString("en") }), said.total > said.rows.length ? make("span", { class: "quiet" }, desk.fill(words.first, { n: said.rows.length })) : ""),
      make("table", { class: "score-small" }, make("thead", {}, make("tr", {}, words.columns.map(function (word) { return make("th", { scope: "col" }, word); }))), make("tbody", {}, said.rows.map(function (row) {
        return make("tr", {}, make("td", {}, make("a", { href: "/case/" + row[0] }, row[1])), row.slice(2).map(function (cell) { return make("td", {}, cell); }));
      }))));
    box.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  function next(one) {
    const make = desk.make, words = score.words();
    if (!one.next) return "";
    if (!one.next.band) return make("p", { class: "score-next" }, words.best);
    const room = one.next.room.map(function (pair) { return pair[0] + " +" + score.number(pair[1], 1); }).join(" · ");
    return make("p", { class: "score-next" }, desk.fill(words.next, { n: score.number(one.next.points, score.said.card.digits), band: one.next.band }), one.next.grant ? " · " + desk.fill(words.grant, { n: one.next.grant.toLocaleString("en") }) : "", room ? make("span", { class: "quiet" }, words.room + " · " + room) : "");
  }

  function history(one) {
    const make = desk.make, words = score.words();
    if (one.history.length < 2) return "";
    const line = function (past) {
      const marks = [past.band ? score.chip(past.band[0], past.band[1]) : "", past.lists.map(function (pair) { return score.chip(pair[0], pair[1]); })].flat();
      return make("tr", {}, make("td", {}, score.link("/scorecards/" + past.run + "?row=" + one.id, past.period)), make("td", { class: "is-number" }, score.number(past.score, score.said.card.digits)), make("td", { class: "is-number" }, past.place ? desk.fill(words.of, { place: past.place, of: past.of }) : "–"), make("td", { class: "score-chips" }, marks));
    };
    return make("section", {}, make("h3", {}, words.history), make("table", { class: "score-small" }, make("tbody", {}, one.history.map(line))));
  }

  function ledger(one) {
    const make = desk.make, words = score.words();
    if (!one.ledger) return "";
    const line = function (row) {
      return make("tr", { class: row.gone ? "is-gone" : "" }, make("td", { class: "is-number" }, (row.value > 0 ? "+" : "−") + Math.abs(row.value)), make("td", {}, row.reason, make("div", { class: "quiet" }, row.gone ? desk.fill(words.gone, { why: row.gone }) : words.evidence + " " + row.evidence)), make("td", { class: "quiet" }, row.since + (row.until ? " – " + row.until : "")),
        make("td", {}, one.ledger.may && !row.gone ? score.button(words.withdraw_entry, function () { score.form(words.withdraw_entry, [["reason", words.reason, "text"]], "register", { withdraw: row.id }); }) : ""));
    };
    return make("section", {}, make("h3", {}, words.ledger), one.ledger.rows.length ? make("table", { class: "score-small" }, make("tbody", {}, one.ledger.rows.map(line))) : make("p", { class: "quiet" }, "–"));
  }

  function vetoes(one) {
    const make = desk.make, words = score.words();
    if (!one.vetoes.length) return "";
    return make("section", {}, make("h3", {}, words.vetoes), one.vetoes.map(function (veto) {
      return make("p", { class: veto.gone ? "is-gone" : "" }, make("strong", {}, veto.name), " " + veto.day + " · " + veto.evidence, veto.gone ? make("span", { class: "quiet" }, desk.fill(words.gone, { why: veto.gone })) : one.may_withdraw && score.said.may.enter ? score.button(words.withdraw_entry, function () { score.form(words.withdraw_entry, [["reason", words.reason, "text"]], "veto", { withdraw: veto.id }); }) : "");
    }));
  }
})();
