// One run: what it is and what may be done with it, and the table with its stacked scores.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const score = (desk.score = desk.score || {});
  const STEP = 200;

  score.load = async function () {
    const mine = score.run, said = await score.ask("/scorecards/runs/" + mine);
    if (!said || mine !== score.run) return;
    score.said = said;
    document.title = said.run.name + " " + said.run.period;
    draw();
    const wanted = Number(new URLSearchParams(location.search).get("row"));
    if (score.open) score.unfold(score.open);
    else if (wanted) score.unfold(wanted);
  };

  function draw() {
    const make = desk.make;
    score.show(make("div", { class: "score-run" }, head(), make("div", { class: "score-split" + (score.open ? " is-open" : "") }, make("div", { class: "score-left" }, tools(), make("div", { class: "score-try" }), make("div", { class: "score-table" }), below()), make("aside", { class: "score-side", "aria-live": "polite" }))));
    table();
    if (score.trying) score.tryWeights();
  }
  score.draw = draw;

  function head() {
    const make = desk.make, words = score.words(), run = score.said.run, may = score.said.may, card = score.said.card;
    const ranked = score.said.items.filter(function (one) { return one.place; }).length;
    const weighty = card.parts.some(function (part) { return part.weight; });
    const facts = [!weighty ? desk.fill(words.rated, { n: score.said.items.length.toLocaleString("en") }) : desk.fill(words.ranked, { n: ranked.toLocaleString("en"), all: score.said.items.length.toLocaleString("en") }), desk.fill(words.counted, { time: run.counted }),
      run.state === "publicity" ? desk.fill(words.until, { time: run.until }) : "", run.final ? desk.fill(words.final_at, { time: run.final }) : ""].filter(Boolean);
    const acts = [may.recount && act("recount"), may.publish && act("publish", "is-first"), may.finish && act("finish", "is-first"), may.withdraw && act("withdraw"),
      card.parts.some(function (part) { return part.weight; }) && score.button(words.what_if, function () { score.trying = !score.trying; score.tried = null; if (score.trying) score.tryWeights(); else draw(); }, { "aria-pressed": String(Boolean(score.trying)) }),
      score.link("/scorecards/" + run.id + "/poster", words.poster)];
    acts[acts.length - 1].className = "button";
    return make("header", { class: "score-head" },
      make("div", {}, make("p", { class: "score-crumb" }, score.link("/scorecards", words.back)), make("h1", {}, run.name, make("span", { class: "quiet" }, run.level + " · " + run.period), make("span", { class: "score-state", data: { state: run.state } }, run.state_word)), make("p", { class: "quiet" }, facts.join(" · "))),
      make("div", { class: "score-acts" }, acts));
  }

  function act(what, kind) {
    const words = score.words();
    return score.button(words[what], async function (event) {
      const sure = words["sure_" + what];
      if (sure && !(await score.confirm(event.target, words[what], sure))) return;
      event.target.disabled = true;
      const done = await score.ask("/scorecards/runs/" + score.run + "/turn", { what: what });
      event.target.disabled = false;
      if (!done) return;
      desk.say(words.done, "good");
      if (what === "withdraw") score.go("/scorecards")(new MouseEvent("click")); else score.load();
    }, { class: "button " + (kind || "") });
  }

  function tools() {
    const make = desk.make, words = score.words(), said = score.said, card = said.card;
    const chosen = function (one) { return said.items.filter(function (item) { return has(item, one); }).length; };
    const options = [["", words.all]].concat(card.lists.map(function (one) { return [one.id, one.name]; }), card.bands.map(function (one) { return ["band:" + one.id, one.name]; }), card.parts.some(function (part) { return part.weight; }) ? [["none", words.unranked]] : []);
    const tabs = options.map(function (pair) {
      const n = pair[0] ? chosen(pair[0]) : said.items.length;
      return make("button", { type: "button", class: "score-tab", "aria-pressed": String(score.list === pair[0]), onclick: function (event) { score.list = pair[0]; score.limit = STEP / 2; for (const tab of event.target.closest(".score-tabs").children) tab.setAttribute("aria-pressed", String(tab === event.target.closest("button"))); table(); } }, pair[1], make("span", {}, n.toLocaleString("en")));
    });
    const peers = said.peers.length > 1 ? make("select", { "aria-label": words.peers, onchange: function (event) { score.peers = event.target.value; table(); } }, make("option", { value: "" }, words.all_peers), said.peers.map(function (pair) { return make("option", { value: pair[0] }, pair[1]); })) : "";
    const find = make("input", { type: "search", placeholder: words.find, "aria-label": words.find, value: score.find, oninput: function (event) { score.find = event.target.value.trim(); table(); } });
    return make("div", { class: "score-tools" }, make("div", { class: "score-tabs" }, tabs), peers, find);
  }

  function has(item, list) {
    if (list === "none") return item.place === null;
    if (list.startsWith("band:")) return item.band === list.slice(5);
    return item.lists.includes(list);
  }

  // Where nothing is weighed, the gravest band comes first: bands are listed from the gravest on.
  function graver() {
    const card = score.said.card, at = Object.fromEntries(card.bands.map(function (band, i) { return [band.id, i]; }));
    if (card.parts.some(function (part) { return part.weight; })) return score.said.items;
    return score.said.items.slice().sort(function (a, b) { return (at[a.band] ?? card.bands.length) - (at[b.band] ?? card.bands.length); });
  }

  function rows() {
    const text = score.find.toLowerCase();
    return graver().filter(function (one) {
      return (!score.list || has(one, score.list)) && (!score.peers || one.peers === score.peers) && (!text || one.name.toLowerCase().includes(text) || one.code.toLowerCase().includes(text));
    });
  }

  function table() {
    const make = desk.make, words = score.words(), box = desk.part("score-table"), found = rows(), card = score.said.card;
    const weighty = card.parts.some(function (part) { return part.weight; }), peers = Object.fromEntries(score.said.peers);
    const legend = weighty ? make("div", { class: "score-legend" }, card.parts.map(function (part, at) { return part.weight ? make("span", {}, make("i", { class: "score-seg p" + at % 8 }), part.name + " " + part.weight) : ""; })) : "";
    const heads = weighty ? [[score.said.peers.length > 1 ? words.peer_rank : words.rank, "is-rank"], [words.name, ""], [words.points, "is-number"], [legend, "is-bar"]] : [[words.name, ""], [words.reasons, ""]];
    const line = function (one) {
      const place = make("td", { class: "is-rank", title: one.place ? desk.fill(words.of, { place: one.place, of: one.of }) : "" }, one.place ? String(one.place) : "–");
      const name = make("td", { class: "is-name" }, make("button", { type: "button", "aria-label": desk.fill(words.open_row, { name: one.name }) }, one.name), one.peers && peers[one.peers] && score.said.peers.length > 1 ? make("span", { class: "quiet" }, peers[one.peers]) : "");
      const marks = [card.bands.filter(function (band) { return band.id === one.band; }).map(function (band) { return score.chip(band.name + (band.note ? " · " + band.note : ""), band.tone); }), card.lists.filter(function (rule) { return one.lists.includes(rule.id); }).map(function (rule) { return score.chip(rule.name, rule.tone); }), one.case ? make("a", { href: "/case/" + one.case[0], class: "score-chip" }, one.case[1]) : ""].flat();
      const flags = one.flags.map(function (flag) { return make("span", { class: "score-flag" }, flag); });
      const cells = weighty ? [place, name, make("td", { class: "is-number is-score" }, score.number(one.score, card.digits)), make("td", { class: "is-bar" }, bar(one))] : [name, make("td", {}, one.reasons.join(" · "))];
      return make("tr", { data: { id: one.id }, "aria-selected": String(one.id === score.open), onclick: function (event) { if (!event.target.closest("a")) score.unfold(one.id); } }, cells, make("td", { class: "score-chips" }, marks), make("td", { class: "score-flags" }, flags));
    };
    const more = found.length > score.limit ? score.button(desk.fill(words.more, { n: Math.min(STEP, found.length - score.limit).toLocaleString("en") }), function () { score.limit += STEP; table(); }) : "";
    box.replaceChildren(make("table", { class: weighty ? "is-weighty" : "" }, make("thead", {}, make("tr", {}, heads.map(function (pair) { return make("th", { scope: "col", class: pair[1] }, pair[0]); }), make("th", { scope: "col" }, card.bands.length && !card.lists.length ? words.band : words.lists), make("th", { scope: "col" }, words.flags))), make("tbody", {}, found.slice(0, score.limit).map(line))),
      found.length ? "" : make("p", { class: "quiet" }, words.nothing), more);
  }
  score.table = table;

  function bar(one) {
    const card = score.said.card, whole = card.total;
    if (one.score === null) return desk.make("span", { class: "score-bar is-none" });
    const parts = one.points.map(function (points, at) { return points ? desk.make("i", { class: "score-seg p" + at % 8, title: card.parts[at].name + " " + score.number(points, 1), data: { w: points } }) : ""; });
    const made = desk.make("span", { class: "score-bar", role: "img", "aria-label": card.parts.map(function (part, at) { return part.name + " " + score.number(one.points[at], 1); }).join(", ") }, parts);
    for (const segment of made.children) segment.style.width = (100 * Number(segment.dataset.w)) / whole + "%";
    return made;
  }

  function below() {
    const make = desk.make, words = score.words(), said = score.said;
    const appeals = said.appeals.length ? make("section", {}, make("h2", {}, words.appeals), said.appeals.map(score.appeal)) : "";
    const steps = make("section", {}, make("h2", {}, words.steps), make("ol", { class: "score-steps" }, said.steps.map(function (one) { return make("li", {}, make("time", {}, one.at), make("strong", {}, one.what), make("span", { class: "quiet" }, [one.who, one.note].filter(Boolean).join(" · "))); })));
    const years = said.card.lists.some(function (one) { return one.years; }) ? make("p", { class: "quiet" }, words.years) : "";
    return make("div", { class: "score-below" }, years, said.effect ? effect(said.effect) : "", appeals, steps);
  }

  function effect(one) {
    const make = desk.make, words = score.words();
    const share = function (value) { return (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(100 * value).toFixed(1) + " %"; };
    if (one.difference === null) return make("section", {}, make("h2", {}, words.effect), make("p", { class: "quiet" }, words.effect_none));
    const points = function (value) { return share(value).replace(" %", ""); };
    const interval = one.interval ? desk.fill(words.effect_interval, { low: points(one.interval[0]), high: points(one.interval[1]) }) : words.effect_few;
    return make("section", {}, make("h2", {}, words.effect), make("p", {}, desk.fill(words.effect_text, { listed: share(one.listed), matched: share(one.matched), difference: points(one.difference), interval: interval })), make("p", { class: "quiet" }, words.effect_hint),
      make("table", { class: "score-small" }, make("thead", {}, make("tr", {}, [words.name, words.since, words.before, words.after, words.matched].map(function (word) { return make("th", { scope: "col" }, word); }))),
        make("tbody", {}, one.pairs.map(function (pair) { return make("tr", {}, make("td", {}, pair[0]), make("td", {}, pair[1]), make("td", {}, String(pair[2])), make("td", {}, String(pair[3])), make("td", {}, pair[4] + " / " + pair[5])); }))));
  }
})();
