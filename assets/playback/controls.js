// The playback's controls: play, speed, interval, place, level, colour. They only say what a person wants; assets/playback/page.js does it.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});

  class Controls {
    // does: { toggle(), speed(n), show(changes), figure(name), busy(), full() }
    constructor(box, words, places, does) {
      const make = jingwei.desk.make;
      Object.assign(this, { box: box, words: words, places: places, does: does });
      this.play = make("button", { type: "button", class: "pb-play", onclick: does.toggle });
      this.speeds = make("div", { class: "pb-speeds", role: "group", "aria-label": words.speed });
      this.length = make("span", { class: "pb-length quiet" });
      const from = jingwei.desk.moment({ "aria-label": words.from, required: true, words: words.moment }), to = jingwei.desk.moment({ "aria-label": words.to, required: true, words: words.moment });
      this.from = from.input;
      this.to = to.input;
      this.place = this.select(words.place, (code) => does.show({ place: code, level: "" }));
      this.level = this.select(words.level, (level) => does.show({ level: level }));
      this.figure = this.select(words.figure, does.figure);
      const interval = make("form", { class: "pb-interval", onsubmit: (event) => { event.preventDefault(); this.choose(); } },
        from.element, make("span", { class: "quiet" }, "–"), to.element, make("button", { type: "submit", class: "button" }, words.show));
      box.replaceChildren(this.play, this.speeds, this.length, interval, this.named(words.place, this.place), this.named(words.level, this.level),
        this.named(words.figure, this.figure), make("button", { type: "button", class: "button", onclick: does.busy }, words.busy),
        make("button", { type: "button", class: "button", title: words.keys, onclick: does.full }, words.full));
    }

    select(label, chosen) { return jingwei.desk.make("select", { "aria-label": label, onchange: function (event) { chosen(event.target.value); event.target.blur(); } }); }
    named(label, control) { return jingwei.desk.make("label", { class: "pb-named" }, jingwei.desk.make("span", { class: "quiet" }, label), control); }

    fill(select, options, value) {
      const make = jingwei.desk.make;
      select.replaceChildren(...options.map(function (one) { return make("option", { value: one[0] }, one[1]); }));
      select.value = value;
    }

    // An interval was loaded.
    show(outline, clock, figure) {
      const { words } = this, indent = { street: "　", community: "　　" };
      this.from.value = clock.local(outline.start).slice(0, 16).replace("T", " ");
      this.to.value = clock.local(outline.end).slice(0, 16).replace("T", " ");
      const listed = this.places.some(function (one) { return one[0] === outline.place.code; });
      const places = listed ? this.places : this.places.concat([[outline.place.code, outline.place.name, ""]]);
      this.fill(this.place, places.map(function (one) { return [one[0], (indent[one[2]] || "") + one[1]]; }), outline.place.code);
      this.fill(this.level, outline.levels, outline.level);
      this.fill(this.figure, words.coloured.map(function (name) { return [name, words.counts[name][0]]; }), figure);
    }

    choose() {
      if (!(jingwei.desk.momentText(this.from.value) < (jingwei.desk.momentText(this.to.value) || ""))) { this.to.setCustomValidity(this.words.wrong); this.to.reportValidity(); this.to.setCustomValidity(""); return; }
      const text = (input) => jingwei.desk.momentText(input.value).replace(" ", "T");
      this.does.show({ from: text(this.from), to: text(this.to) });
    }

    running(playing, ended) {
      this.play.classList.toggle("is-playing", playing);
      this.play.setAttribute("aria-label", playing ? this.words.pause : ended ? this.words.again : this.words.play);
      this.play.title = this.play.getAttribute("aria-label");
    }

    fast(speed, milliseconds) {
      const make = jingwei.desk.make, words = this.words, all = words.speeds.slice();
      if (!all.some(function (one) { return one === speed; })) all.push(speed);
      this.speeds.replaceChildren(...all.sort(function (a, b) { return a - b; }).map((one) => make("button", { type: "button", "aria-pressed": String(one === speed),
        onclick: () => this.does.speed(one) }, Number(one.toPrecision(3)).toLocaleString("en-US") + "×")));
      const seconds = Math.round(milliseconds / 1000 / speed);
      const time = seconds < 3600 ? jingwei.desk.fill(words.minute_second, { m: Math.floor(seconds / 60), s: seconds % 60 })
        : jingwei.desk.fill(words.hour_minute, { h: Math.floor(seconds / 3600), m: Math.round((seconds % 3600) / 60) });
      this.length.textContent = jingwei.desk.fill(words.lasts, { time: time });
    }
  }

  jingwei.PlayControls = Controls;
})();
