// Beside the map: the moment that is played, what is counted, and what happens; or the cases behind one of the counts.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const SHOWN = 40; // lines of the feed
  const FEED = 250, CARDS = 100; // milliseconds between two looks
  const CARD = ["open", "overdue_open", "suspended_open", "reported", "closed", "on_time"];
  const TONE = { overdue_open: "late" };
  const NOWHERE = 0xffffffff;

  function put(element, text) { if (element.textContent !== text) element.textContent = text; }

  // Times as they are written in the deployment's zone.
  jingwei.playClock = function (zone, words) {
    const whole = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    const text = function (t) { return whole.format(new Date(t)); }; // 2026-06-17 04:20:00
    const clock = function (t) { return text(t).slice(0, 16); };
    clock.date = function (t) { return text(t).slice(0, 10); };
    clock.time = function (t, seconds) { return text(t).slice(11, seconds ? 19 : 16); };
    clock.local = function (t) { return text(t).replace(" ", "T"); };
    clock.short = function (t, day) { return day ? text(t).slice(5, 10) : text(t).slice(11, 16); };
    clock.offset = function (t) { return Date.parse(text(t).replace(" ", "T") + "Z") - Math.floor(t / 1000) * 1000; };
    clock.weekday = function (t) { return words.weekdays[new Date(text(t).slice(0, 10) + "T00:00:00Z").getUTCDay()]; };
    return clock;
  };

  class Side {
    // ask(count, polygon): the cases behind a count were asked for; moment(): where playback stands.
    constructor(root, words, clock, ask) {
      const make = jingwei.desk.make;
      Object.assign(this, { words: words, clock: clock, lines: [], looked: 0, counted: 0 });
      this.date = make("div", { class: "pb-date" });
      this.time = make("div", { class: "pb-time" });
      this.rate = make("div", { class: "pb-rate quiet" });
      root.querySelector(".pb-when").replaceChildren(
        make("div", { class: "pb-mark" }, make("strong", {}, words.mark), make("span", {}, words.not_now), root.classList.contains("is-wall") && root.dataset.simulated ? make("span", { class: "mark" }, root.dataset.simulated) : ""), make("div", { class: "pb-moment" }, this.time, make("div", {}, this.date, this.rate)));
      this.cards = {};
      root.querySelector(".pb-cards").replaceChildren(...CARD.map((name) => {
        const value = make("span", { class: "card-value" }, "–"), unit = make("span", { class: "card-unit" }), foot = make("div", { class: "card-foot quiet" }, words.counts[name][1]);
        this.cards[name] = { value: value, unit: unit, foot: foot };
        return make("button", { class: "card", type: "button", data: { count: name, tone: TONE[name] || "" }, onclick: function () { ask(name, null); } },
          make("div", { class: "card-name" }, words.counts[name][0]), make("div", {}, value, unit), foot);
      }));
      this.feed = root.querySelector(".pb-feed");
      this.nothing();
    }

    nothing() {
      const make = jingwei.desk.make;
      this.lines = [];
      this.list = make("ol", { class: "pb-lines" }, make("li", { class: "quiet" }, this.words.feed_empty));
      this.feed.replaceChildren(make("h2", {}, this.words.feed), this.list);
      this.cases = false;
    }

    moment(t, speed) {
      put(this.time, this.clock.time(t, speed <= 60));
      put(this.date, this.clock.date(t) + " " + this.clock.weekday(t));
    }

    count(all, names, still) {
      const now = performance.now();
      if (!still && now - this.counted < CARDS) return false;
      this.counted = now;
      const of = function (name) { return all[names.indexOf(name)]; };
      for (const name of CARD) {
        const { value, unit, foot } = this.cards[name];
        if (name === "on_time") {
          const n = of("on_time"), decided = of("decided");
          put(value, decided ? (100 * n / decided).toFixed(1) : this.words.none);
          put(unit, decided ? "%" : "");
          value.classList.toggle("is-none", !decided);
          put(foot, jingwei.desk.fill(this.words.counts.on_time[1], { n: n.toLocaleString("en-US"), all: decided.toLocaleString("en-US") }));
        } else {
          put(value, of(name).toLocaleString("en-US"));
          put(unit, this.words.unit);
        }
      }
      return true;
    }

    // Lines that have just happened: of the piece, [first, last). Only the last ones are ever seen.
    happen(piece, first, last, names) {
      for (let i = Math.max(first, last - SHOWN); i < last; i++) this.lines.push(this.said(piece, i, names));
      if (this.lines.length > SHOWN) this.lines.splice(0, this.lines.length - SHOWN);
      this.stale = this.stale || last > first;
    }

    said(piece, i, names) {
      const { lines, cases } = piece, number = lines.case[i];
      return { t: piece.start + lines.t[i], id: cases.id[number], action: lines.action[i], category: piece.categories[cases.category[number]] || this.words.unknown,
        place: cases.place[number] === NOWHERE ? "" : names[cases.place[number]] || "", unit: piece.units[lines.unit[i]] || "" };
    }

    look(still) {
      const now = performance.now();
      if (!this.stale || this.cases || (!still && now - this.looked < FEED)) return;
      this.looked = now;
      this.stale = false;
      const room = Math.max(3, Math.floor((this.feed.getBoundingClientRect().bottom - this.list.getBoundingClientRect().top) / (1.75 * parseFloat(getComputedStyle(this.list).fontSize))));
      this.list.replaceChildren(...this.lines.slice(-Math.min(SHOWN, room)).reverse().map((line) => this.line(line)));
    }

    line(said) {
      const make = jingwei.desk.make, code = this.words.codes[said.action] || "noted", alarm = this.words.alarms.includes(said.action);
      return make("li", { class: "pb-happened is-" + code + (alarm ? " is-alarm" : "") },
        make("span", { class: "pb-when-line quiet" }, this.clock.time(said.t, true)), make("strong", {}, this.words.actions[said.action]),
        make("a", { href: "/case/" + said.id }, said.category), make("span", { class: "quiet" }, [said.place, said.unit].filter(Boolean).join(" · ")));
    }

    // The cases behind a count, in place of the feed.
    list_cases(title, cases, n) {
      const make = jingwei.desk.make;
      this.cases = true;
      const rows = cases.map((one) => make("li", {}, make("span", { class: "pb-when-line quiet" }, this.clock(one.reported).slice(5)),
        make("a", { href: "/case/" + one.id }, one.number), make("span", {}, one.category)));
      this.feed.replaceChildren(make("h2", {}, make("button", { type: "button", class: "button", onclick: () => this.nothing() }, this.words.back), make("span", {}, title)),
        make("ol", { class: "pb-lines is-cases" }, rows), n > cases.length ? make("p", { class: "quiet" }, jingwei.desk.fill(this.words.cases_more, { shown: cases.length })) : "");
    }

    // The episodes worth playing. go(link): one was chosen.
    list_busy(episodes, go) {
      const make = jingwei.desk.make, words = this.words;
      this.cases = true;
      const rows = episodes.map(function (one) {
        return make("li", { class: "pb-episode" }, make("a", { href: one.link, onclick: function (event) { event.preventDefault(); go(one.link); } }, make("strong", {}, one.name), make("span", {}, words.in_minutes)),
          make("span", { class: "quiet" }, one.when), make("span", {}, one.n), make("span", { class: "quiet" }, one.about));
      });
      this.feed.replaceChildren(make("h2", {}, words.busy), rows.length ? make("ol", { class: "pb-episodes" }, rows) : make("p", { class: "quiet" }, words.busy_none));
    }
  }

  jingwei.PlaySide = Side;
})();
