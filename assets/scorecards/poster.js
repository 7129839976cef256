// The publication page (公示): the lists by name, made for A3 paper and readable on the screen.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const score = (desk.score = desk.score || {});

  score.poster = async function () {
    const mine = score.run, said = await score.ask("/scorecards/runs/" + mine);
    if (!said || mine !== score.run) return;
    score.said = said;
    const make = desk.make, words = score.words(), run = said.run, card = said.card;
    document.title = run.name + " " + run.period;
    const groups = card.lists.length ? card.lists.map(function (rule) { return column(rule, said.items.filter(function (one) { return one.lists.includes(rule.id); })); })
      : card.bands.map(function (band) { return column(band, said.items.filter(function (one) { return one.band === band.id; })); });
    const ranked = said.items.filter(function (one) { return one.place; }).length;
    const dates = run.state === "draft" ? run.state_word : run.first_day + " – " + run.last_day;
    score.show(make("article", { class: "score-poster" }, make("div", { class: "score-acts" }, score.link("/scorecards/" + run.id, words.back_to), score.button(words.print, function () { window.print(); }, { class: "button is-first" })),
      make("header", {}, make("p", {}, run.district), make("h1", {}, run.name), make("p", { class: "score-poster-of" }, run.level + " · " + run.period + " · " + (run.state === "final" ? run.state_word : desk.fill(words.publicity_dates, { dates: dates })))),
      make("div", { class: "score-poster-lists", data: { n: Math.min(3, groups.length) } }, groups),
      make("footer", {}, make("p", {}, desk.fill(words.ranked, { n: ranked.toLocaleString("en"), all: said.items.length.toLocaleString("en") }) + (card.least ? " · " + desk.fill(words.least, { n: card.least }) : "") + " · " + desk.fill(words.counted, { time: run.counted })), make("p", {}, card.parts.filter(function (part) { return part.weight; }).map(function (part) { return part.name + " " + part.weight; }).join(" + ")), run.state === "publicity" ? make("p", {}, words.appeal_to) : "", make("p", { class: "quiet" }, run.card + " " + run.version))));
  };

  function column(rule, items) {
    const make = desk.make, words = score.words(), peers = Object.fromEntries(score.said.peers), several = score.said.peers.length > 1;
    const line = function (one) { return make("li", {}, make("span", {}, one.name, several ? make("small", {}, peers[one.peers] || "") : "", one.reasons.length ? make("small", {}, one.reasons.join("；")) : "", (one.place ? [] : one.flags.slice(-1)).map(function (flag) { return make("small", {}, flag); })), make("strong", {}, one.place ? score.number(one.score, score.said.card.digits) : "")); };
    return make("section", { data: { tone: rule.tone } }, make("h2", {}, rule.name, make("span", {}, items.length.toLocaleString("en"))), items.length ? make("ol", {}, items.slice(0, 120).map(line)) : make("p", { class: "quiet" }, words.nobody));
  }
})();
