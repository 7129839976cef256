// The scorecards' pages: which of them the address means, requests with a word where something fails, and the list of all runs.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const score = (desk.score = desk.score || {});
  desk.pages = desk.pages || {};

  desk.pages.scorecards = {
    begin: begin,
    escape: function () { if (score.closeForm && score.closeForm()) return true; if (score.open) { score.shut(); return true; } return false; },
  };

  function begin() {
    const [, , id, poster] = location.pathname.split("/");
    Object.assign(score, { said: null, run: Number(id) || 0, open: 0, limit: 100, peers: "", list: "", find: "", trying: false, tried: null });
    if (!score.run) every();
    else if (poster) score.poster();
    else score.load();
  }

  // Turn to another of these pages without loading everything anew.
  score.go = function (href) {
    return function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      history.pushState({}, "", href);
      desk.say([]);
      begin();
    };
  };

  score.words = function () { return desk.words.score; };
  score.link = function (href, ...inside) { return desk.make("a", { href: href, onclick: score.go(href) }, ...inside); };
  score.button = function (text, does, more) { return desk.make("button", Object.assign({ type: "button", class: "button", onclick: does }, more || {}), text); };
  score.chip = function (text, tone) { return desk.make("span", { class: "score-chip", data: { tone: tone || "" } }, text); };
  score.number = function (value, digits) { return value === null || value === undefined ? "–" : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }); };
  score.show = function (...parts) { const body = desk.part("score-body"); if (body) body.replaceChildren(...parts.flat().filter(Boolean)); };

  // Ask, and say what went wrong; null then.
  score.ask = async function (address, body) {
    try { return await desk.ask(address, body); } catch (error) { desk.say(error.answered ? error.message : desk.words.lost, "late"); return null; }
  };

  async function every() {
    const said = await score.ask("/scorecards/runs");
    if (!said || score.run) return;
    const make = desk.make, words = score.words();
    const groups = said.cards.map(function (card) { return group(card, said.runs.filter(function (run) { return run.card === card.id; })); }).filter(Boolean);
    score.show(make("div", { class: "score-all" },
      make("header", { class: "score-head" }, make("div", {}, make("h1", {}, words.title), make("p", { class: "quiet" }, words.hint))),
      drafting(said.cards), said.runs.length ? make("div", { class: "score-groups" }, groups) : make("p", { class: "quiet" }, words.none)));
  }

  function drafting(cards) {
    const make = desk.make, words = score.words(), own = cards.filter(function (card) { return card.may; });
    if (!own.length) return make("p", { class: "quiet" }, words.no_right);
    const select = function (name, pairs) { return make("select", { name: name, "aria-label": words[name] }, pairs.map(function (pair) { return make("option", { value: pair[0] }, pair[1]); })); };
    const card = select("card", own.map(function (one) { return [one.id, one.name]; }));
    const field = function (name, control) { return make("label", { class: "field" }, make("span", { class: "field-name" }, words[name]), control); };
    const level = make("select", { name: "level" }), period = make("select", { name: "period" });
    const fill = function () {
      const one = own.find(function (other) { return other.id === card.value; });
      level.replaceChildren(...one.levels.map(function (pair) { return make("option", { value: pair[0] }, pair[1]); }));
      period.replaceChildren(...one.periods.map(function (name, at) { return make("option", { value: name, selected: at === 1 }, name); }));
    };
    card.addEventListener("change", fill);
    fill();
    const send = make("button", { type: "submit", class: "button is-first" }, words.draft);
    return make("form", { class: "score-draft", onsubmit: async function (event) {
      event.preventDefault();
      send.disabled = true;
      send.textContent = words.counting;
      const made = await score.ask("/scorecards/runs", { card: card.value, level: level.value, period: period.value });
      send.disabled = false;
      send.textContent = words.draft;
      if (made) score.go("/scorecards/" + made.id)(new MouseEvent("click"));
    } }, field("card", card), field("level", level), field("period", period), send);
  }

  function group(card, runs) {
    if (!runs.length) return null;
    const make = desk.make, words = score.words(), go = function (run) { return score.go("/scorecards/" + run.id); };
    const line = function (run) {
      const counts = run.counts.filter(function (one) { return one[2]; }).map(function (one) { return score.chip(one[0] + " " + one[2].toLocaleString("en"), one[1]); });
      return make("tr", { onclick: go(run) }, make("td", { class: "is-period" }, score.link("/scorecards/" + run.id, run.period)), make("td", {}, run.level), make("td", {}, make("span", { class: "score-state", data: { state: run.state } }, run.state_word)),
        make("td", { class: "is-number" }, desk.fill(words.ranked, { n: run.ranked.toLocaleString("en"), all: run.n.toLocaleString("en") })), make("td", { class: "score-chips" }, counts),
        make("td", { class: "quiet" }, run.until ? desk.fill(words.until, { time: run.until }) : desk.fill(words.counted, { time: run.counted })));
    };
    return make("section", { class: "score-group" }, make("h2", {}, card.name, make("span", { class: "quiet" }, card.unit)), make("table", { class: "score-runs" }, make("tbody", {}, runs.map(line))));
  }
})();
