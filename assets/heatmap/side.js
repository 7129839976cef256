// Beside the map: the legend with n, the places as a list (the map for whoever does not use a pointer), and the topic of the month.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const heat = (jingwei.heat = jingwei.heat || {});
  const ROWS = 60; // of the list, at a time

  heat.Side = class {
    constructor(element, page) {
      const make = jingwei.desk.make;
      this.page = page;
      this.legend = make("div", { class: "heat-legend" });
      this.body = make("div", { class: "heat-body", id: "heat-body" });
      this.tabs = ["table", "topics"].map((name) => make("button", { type: "button", role: "tab", class: "heat-tab", data: { tab: name }, "aria-controls": "heat-body", onclick: () => page.change({ side: name === "table" ? "" : name, topic: "" }) || this.tell() }, page.words[name]));
      element.replaceChildren(this.legend, make("div", { class: "heat-tabs", role: "tablist" }, this.tabs), this.body);
      this.topics = new heat.Topics(this.body, page);
      this.down = true; // the greatest first
      this.rows = ROWS;
    }

    show(found) {
      this.found = found;
      this.rows = ROWS;
      if (found.lens !== "hexagons") this.legends(found.maps);
      this.tell();
    }

    tell() {
      const tab = this.page.query.get("side") || "table";
      for (const one of this.tabs) one.setAttribute("aria-selected", String(one.dataset.tab === tab));
      if (tab === "topics") this.topics.show(); else this.list();
    }

    legends(maps) {
      const make = jingwei.desk.make, two = maps.length > 1;
      this.legend.replaceChildren(...maps.map((one, i) => make("section", {},
        make("div", { class: "legend-title" }, make("strong", {}, (two ? [this.page.words.first, this.page.words.second][i] + " · " : "") + one.figure.name), make("span", { class: "quiet" }, one.figure.word)),
        one.note ? make("div", { class: "quiet hint" }, one.note) : null, this.lines(one.legend), make("div", { class: "quiet hint" }, one.about.join(" · ")))));
    }

    lines(legend) {
      const make = jingwei.desk.make;
      return make("div", { class: "legend-lines" }, legend.map(function (line) {
        const swatch = make("span", { class: "swatch" + (line.hatch ? " is-hatched" + (line.hatch === "few" ? " is-few" : "") : "") });
        if (!line.hatch) { swatch.style.setProperty("--light", line.light); swatch.style.setProperty("--dark", line.dark); }
        return make("div", { class: "legend-line" }, swatch, make("span", {}, line.text), make("span", { class: "quiet legend-n" }, line.n.toLocaleString("en-US")));
      }));
    }

    density(found) {
      const make = jingwei.desk.make;
      this.legend.replaceChildren(make("section", {}, make("div", { class: "legend-title" }, make("strong", {}, found.title)), this.lines(found.legend), make("div", { class: "quiet hint" }, "n = " + found.n.toLocaleString("en-US"))));
    }

    // The little maps by name.
    parts() {
      const make = jingwei.desk.make, words = this.page.words, cells = this.found.cells;
      this.body.replaceChildren(make("table", { class: "heat-table" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, words.view), make("th", { scope: "col", class: "is-number" }, words.n))),
        make("tbody", {}, cells.map((cell) => make("tr", {}, make("td", {}, make("button", { type: "button", class: "link", onclick: () => this.page.change(cell.query, performance.now()) }, cell.name)), make("td", { class: "is-number" }, cell.n.toLocaleString("en-US")))))));
    }

    // The places of the first map, by value.
    list() {
      if (!this.found || (this.page.query.get("side") || "table") !== "table") return;
      const map = this.page.stage.maps[0], make = jingwei.desk.make, words = this.page.words;
      if (this.found.cells) { this.parts(); return; }
      if (!map || !map.names.codes.length || !map.values) { this.body.replaceChildren(make("p", { class: "quiet heat-empty" }, words.waiting)); return; }
      const order = [];
      for (let i = 0; i < map.values.length; i++) if (map.values[i] !== 253) order.push(i);
      const value = function (i) { const v = map.numbers[i]; return Number.isNaN(v) ? null : v; }, turn = this.down ? -1 : 1;
      // What is hatched stands at the end; what has a kind (new, growing …) by its kind first.
      const kind = function (i) { return map.values[i] > 250 ? -1 : map.said.words.length && map.said.kinds ? map.values[i] : 0; };
      order.sort(function (a, b) {
        const [x, y] = [value(a), value(b)];
        if ((kind(a) < 0) !== (kind(b) < 0)) return kind(a) < 0 ? 1 : -1;
        return turn * (kind(a) - kind(b)) || (x === null ? (y === null ? 0 : 1) : y === null ? -1 : turn * (x - y));
      });
      const figure = map.said.figure;
      const row = (i) => make("tr", {},
        make("td", {}, make("button", { type: "button", class: "link", onclick: () => this.page.down(map.names.codes[i]), onfocus: () => map.hover.choose(map.names.codes[i]), onmouseenter: () => map.hover.choose(map.names.codes[i]) }, map.names.names[i])),
        make("td", { class: "is-number" }, heat.number(map.numbers[i], figure, words.none), map.said.words.length && map.values[i] < map.said.words.length ? make("div", { class: "quiet hint" }, map.said.words[map.values[i]]) : null),
        make("td", { class: "is-number" }, make("button", { type: "button", class: "link", title: words.open, "aria-label": map.names.names[i] + " " + words.open, onclick: () => this.page.open(map.names.codes[i]) }, (map.counts[i] || 0).toLocaleString("en-US"))));
      const sort = make("button", { type: "button", class: "link", title: words.sort, onclick: () => { this.down = !this.down; this.list(); } }, words.value_of + (this.down ? " ↓" : " ↑"));
      const rest = order.length - this.rows;
      this.body.replaceChildren(make("table", { class: "heat-table" }, make("caption", { class: "only-heard" }, map.said.title),
        make("thead", {}, make("tr", {}, make("th", { scope: "col" }, words.place), make("th", { scope: "col", class: "is-number", "aria-sort": this.down ? "descending" : "ascending" }, sort), make("th", { scope: "col", class: "is-number" }, words.n))),
        make("tbody", {}, order.slice(0, this.rows).map(row))),
      rest > 0 ? make("button", { type: "button", class: "button", onclick: () => { this.rows += 4 * ROWS; this.list(); } }, jingwei.desk.fill(words.more, { n: Math.min(rest, 4 * ROWS) })) : "");
    }
  };

  // 每月一题: the categories by score; one of them in full; a listing opened about it.
  heat.Topics = class {
    constructor(body, page) {
      this.body = body;
      this.page = page;
    }

    async show() {
      const name = this.page.query.get("topic"), key = String(this.page.query);
      if (this.key === key && this.body.querySelector(".topics")) return;
      this.key = key;
      const waiting = jingwei.desk.make("p", { class: "quiet heat-empty" }, this.page.words.waiting);
      this.body.replaceChildren(waiting);
      try {
        const found = await (name ? this.page.ask("topic", { name: name }) : this.page.ask("topics"));
        if (this.key !== key) return;
        this.body.replaceChildren(name ? this.one(found) : this.all(found));
      } catch (error) { waiting.textContent = error.message || this.page.words.failed; this.key = ""; }
    }

    all(found) {
      const make = jingwei.desk.make, words = this.page.words;
      if (!found.rows.length) return make("p", { class: "quiet heat-empty topics" }, words.nothing);
      const part = function (one, name) {
        const bar = make("span", { class: "topic-bar" });
        bar.style.setProperty("--share", one.place === null ? 0 : one.place);
        return make("div", { class: "topic-part" }, make("span", { class: "quiet" }, name), make("span", {}, one.text || words.none), bar, make("span", { class: "quiet" }, words.n + " " + one.n.toLocaleString("en-US")));
      };
      const line = (row, i) => make("li", {}, make("button", { type: "button", class: "topic", onclick: () => { this.page.change({ topic: row.name }); } },
        make("span", { class: "topic-head" }, make("span", { class: "topic-rank" }, row.score === null ? "–" : String(i + 1)), make("strong", {}, row.name), make("span", { class: "quiet" }, row.above),
          make("span", { class: "topic-score", title: words.score }, row.score === null ? words.unranked : row.score.toFixed(1))),
        make("span", { class: "topic-parts" }, found.parts.map(function (one) { return part(row.parts[one[0]], one[1]); }))));
      return make("div", { class: "topics" }, make("p", { class: "quiet hint" }, found.period + " · " + found.how), make("ol", {}, found.rows.map(line)));
    }

    one(found) {
      const make = jingwei.desk.make, words = this.page.words, fill = jingwei.desk.fill, late = found.delay;
      const table = function (name, rows, also) {
        return make("table", { class: "heat-table" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, name), make("th", { scope: "col", class: "is-number" }, words.n), make("th", { scope: "col", class: "is-number" }, words.on_time), also ? make("th", { scope: "col", class: "is-number" }, words.hours) : null)),
          make("tbody", {}, rows.map(function (row) { return make("tr", {}, make("td", {}, row.name), make("td", { class: "is-number" }, row.n.toLocaleString("en-US")), make("td", { class: "is-number" }, row.on_time || words.none), also ? make("td", { class: "is-number" }, row.hours || words.none) : null); })));
      };
      const box = make("div", { class: "topics is-one" },
        make("button", { type: "button", class: "link", onclick: () => this.page.change({ topic: "" }) }, "‹ " + words.back),
        make("h2", {}, found.name), make("p", { class: "quiet hint" }, found.period),
        make("div", { class: "topic-acts" }, make("button", { type: "button", class: "button", onclick: () => this.page.change({ category: found.name, figure: "reported", lens: "", view: "" }) }, words.see),
          found.form && found.places.length ? make("button", { type: "button", class: "button", onclick: (event) => this.listing(box, found, event.currentTarget) }, words.listing) : null),
        make("h3", {}, words.delay), make("p", {}, late.n ? fill(words.median, { median: late.median, ninth: late.ninth, n: late.n.toLocaleString("en-US") }) : words.none),
        make("p", {}, late.late ? fill(words.over, { n: late.late.toLocaleString("en-US"), over: late.over || words.none }) : words.no_late),
        make("h3", {}, found.level), table(found.level, found.places, false), make("h3", {}, words.units), table(words.units, found.units, true));
      return box;
    }

    // What the kind needs: a place, a unit, a note. The server asks for the role once more.
    async listing(box, found, button) {
      const make = jingwei.desk.make, words = this.page.words, key = jingwei.desk.key();
      if (box.querySelector("form")) return;
      const lists = await jingwei.desk.lists();
      const place = make("select", { name: "place" }, found.places.map(function (one) { return make("option", { value: found.place_key + "=" + one.code }, one.name); }));
      const unit = make("select", { name: "unit" }, make("option", { value: "" }, ""), lists.units.map(function (one) { return make("option", { value: one[0] }, one[1]); }));
      const note = make("textarea", { name: "note", rows: 3 });
      note.value = jingwei.desk.fill(words.listing_note, { name: found.name, period: found.period, n: found.places[0].n });
      place.addEventListener("change", function () { note.value = jingwei.desk.fill(words.listing_note, { name: found.name, period: found.period, n: found.places[place.selectedIndex].n }); });
      const problem = make("div", { class: "form-problem", role: "alert" });
      const field = function (name, input) { return make("label", { class: "heat-field" }, make("span", { class: "quiet" }, name), input); };
      const form = make("form", { class: "topic-form", novalidate: true, onsubmit: async (event) => {
        event.preventDefault();
        if (!unit.value || !note.value.trim()) { problem.textContent = words.needed; return; }
        try {
          const made = await jingwei.desk.ask("/console/openings", { kind: "listing", key: key, place: place.value, unit: unit.value, note: note.value.trim() });
          form.replaceWith(make("p", { class: "topic-said", role: "status" }, make("a", { href: "/case/" + made.case_id }, jingwei.desk.fill(words.opened, { number: made.number }))));
        } catch (error) { problem.textContent = error.message; }
      } }, field(words.place, place), field(words.unit, unit), field(words.note_field, note), problem,
      make("div", { class: "topic-acts" }, make("button", { type: "submit", class: "button is-first" }, words.send), make("button", { type: "button", class: "button", onclick: function () { form.remove(); button.focus(); } }, words.cancel)));
      button.parentElement.after(form);
      unit.focus();
    }
  };
})();
