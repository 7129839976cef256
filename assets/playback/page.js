// The playback page: loads an interval, lets time run, and tells the map, the figures, the feed and the scrubber where it stands. A
// frame asks the server nothing; pieces are fetched ahead (assets/playback/tape.js). The address always says what is shown.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const LONGEST_FRAME = 250; // milliseconds: a page that slept goes on from where it was
  const HOLD = 8; // seconds a wall stands at the end before it begins again
  const WRITE = 400; // milliseconds before a change is written into the address
  const RETRY = 5000; // milliseconds until an interval that did not come is asked for again
  let player = null;

  class Player {
    constructor(root) {
      const words = JSON.parse(root.dataset.words);
      Object.assign(this, { root: root, words: words, wall: root.classList.contains("is-wall"), clock: jingwei.playClock(root.dataset.zone, words), playing: false, t: 0 });
      const part = function (name) { return root.querySelector("." + name); };
      this.note = part("pb-note");
      this.legend = part("pb-legend");
      this.map = new jingwei.PlayMap(part("pb-canvas"), JSON.parse(root.dataset.map), (polygon) => this.tip(polygon), (polygon) => this.open("open", polygon));
      this.side = new jingwei.PlaySide(root, words, this.clock, (count, polygon) => this.open(count, polygon));
      this.scrubber = new jingwei.Scrubber(part("pb-scrubber"), words, (t) => this.seek(t));
      this.controls = new jingwei.PlayControls(part("pb-controls"), words, JSON.parse(root.dataset.places), {
        toggle: () => this.toggle(), speed: (n) => this.run(n), show: (changes) => this.show(changes), figure: (name) => this.colour(name), busy: () => this.busy(), full: () => this.full(),
      });
      this.keys = (event) => this.key(event);
      this.popped = () => this.load(new URLSearchParams(location.search));
      document.addEventListener("keydown", this.keys);
      window.addEventListener("popstate", this.popped);
      this.watchdog = setInterval(() => { if (!root.isConnected) this.end(); }, 2000);
      this.load(new URLSearchParams(location.search));
    }

    end() {
      clearInterval(this.watchdog);
      clearTimeout(this.writing);
      clearTimeout(this.later);
      cancelAnimationFrame(this.frame);
      document.removeEventListener("keydown", this.keys);
      window.removeEventListener("popstate", this.popped);
      this.scrubber.finish();
      this.map.end();
      this.ended = true;
      if (player === this) player = null;
    }

    ask(what, query) {
      return fetch("/playback/" + what + "?" + query, { signal: AbortSignal.timeout(60000) }).then(async function (answer) {
        if (answer.ok) return answer.json();
        const said = await answer.json().catch(function () { return {}; });
        throw Object.assign(new Error([said.what, said.todo].filter(Boolean).join(" ")), { answered: answer.status < 500 });
      });
    }

    // An interval: its outline, then its first piece. keep: where playback stood, if it is to go on there.
    async load(given, keep) {
      const mine = (this.loading = {});
      clearTimeout(this.later);
      this.pause();
      this.say(this.words.waiting);
      const query = new URLSearchParams([...given].filter(function (pair) { return ["place", "level", "from", "to", "figure"].includes(pair[0]) && pair[1]; }));
      if (this.root.dataset.place) query.set("place", this.root.dataset.place); // a wall's address names it before the question mark
      try {
        const outline = await this.ask("outline", query);
        if (mine !== this.loading || this.ended) return;
        this.begin(given, outline, keep);
      } catch (error) {
        if (mine !== this.loading || this.ended) return;
        this.say(error.message || this.words.failed);
        if (!error.answered) this.later = setTimeout(() => this.load(given, keep), RETRY);
      }
    }

    begin(given, outline, keep) {
      this.outline = outline;
      this.given = given;
      this.asked = new URLSearchParams({ place: outline.place.code, level: outline.level, from: new Date(outline.start).toISOString(), to: new Date(outline.end).toISOString() });
      this.tape = new jingwei.Tape(outline, (since, until) => this.ask("piece", this.asked + "&since=" + since + "&until=" + until));
      this.tape.heard = () => this.wake();
      this.told = {}; // part of the page → what it has shown of the tape's changes
      this.figure = outline.figure;
      this.speed = Math.max(1, Math.min(3600, Number(given.get("speed")) || (this.speed || 60)));
      this.controls.show(outline, this.clock, this.figure);
      this.run(this.speed);
      this.map.show(outline.map, outline.classes[this.figure], outline.level);
      this.key_to_colours();
      this.scrubber.show(outline, this.clock);
      this.side.nothing();
      this.root.dataset.loaded = "yes";
      const at = keep ? keep.t : given.get("at") ? this.fromLocal(given.get("at")) : outline.start;
      this.seek(Math.max(outline.start, Math.min(outline.end, at || outline.start)));
      if (keep ? keep.playing : this.wall || (given.has("from") && !given.has("at"))) this.play();
      else if (!given.has("from") && !this.wall) this.busy();
    }

    // A local time of the deployment's zone, whatever the browser's own is.
    fromLocal(text) {
      const guess = Date.parse(text + "Z");
      return Number.isNaN(guess) ? 0 : guess - this.clock.offset(guess);
    }

    say(text) {
      this.note.textContent = text || "";
      this.note.hidden = !text;
    }

    // Time.

    play() {
      if (!this.outline) return;
      clearTimeout(this.later);
      if (this.t >= this.outline.end) this.seek(this.outline.start);
      this.playing = true;
      this.last = 0;
      this.controls.running(true);
      this.root.dataset.state = "playing";
      this.wake();
    }

    pause() {
      this.playing = false;
      this.controls.running(false, this.outline && this.t >= this.outline.end);
      this.root.dataset.state = "paused";
      this.write();
      this.wake();
    }

    toggle() { if (this.playing) this.pause(); else this.play(); }

    run(speed) {
      this.speed = speed;
      this.controls.fast(speed, this.outline.end - this.outline.start);
      this.side.rate.textContent = Number(speed.toPrecision(3)).toLocaleString("en-US") + "×";
      if (this.shown !== undefined) this.side.moment(this.shown, speed);
      this.write();
    }

    seek(t) {
      if (!this.outline) return;
      this.t = Math.max(this.outline.start, Math.min(this.outline.end, t));
      this.jumped = true;
      this.write();
      this.wake();
    }

    wake() { if (!this.frame && !this.ended) this.frame = requestAnimationFrame((now) => { this.frame = 0; this.tick(now); }); }

    tick(now) {
      if (!this.tape || !this.root.isConnected) return;
      const before = Math.floor(this.t), passed = this.last ? Math.min(LONGEST_FRAME, now - this.last) : 0;
      this.last = now;
      const next = this.playing && !this.jumped ? Math.min(this.outline.end, this.t + passed * this.speed) : this.t;
      if (!this.tape.to(Math.floor(next))) {
        this.say(this.tape.failed ? this.words.failed : this.words.waiting);
        this.last = 0;
        setTimeout(() => this.wake(), 200);
        return;
      }
      this.t = next;
      this.show_now(before);
      if (this.playing && this.t >= this.outline.end) this.over();
      if (this.playing) this.wake();
    }

    show_now(before) {
      const { tape } = this, t = Math.floor(this.t), still = !this.playing || this.jumped;
      this.say(tape.piece.whole ? "" : this.words.too_many);
      this.side.moment(t, this.speed);
      this.scrubber.at(this.t, this.clock(t));
      this.happened(before, t);
      const tell = (part, shown) => { if ((this.told[part] !== tape.changed || still) && shown()) this.told[part] = tape.changed; };
      tell("map", () => this.map.count(tape.counts[tape.names.indexOf(this.figure)], still));
      tell("points", () => this.map.points(tape.piece.cases, tape.state, still));
      tell("cards", () => this.side.count(tape.all, tape.names, still));
      this.side.look(still);
      this.shown = t;
      this.jumped = false;
      this.root.dataset.at = String(t);
    }

    happened(before, t) {
      const { tape, map, side } = this, names = map.names.names, piece = tape.piece;
      if (this.jumped) { // what led here
        const [, last] = tape.lines(t, t);
        side.lines = [];
        side.happen(piece, 0, last, names);
        side.stale = true;
        return;
      }
      const [first, last] = tape.lines(before, t);
      if (last === first) return;
      side.happen(piece, first, last, names);
      const reported = this.words.codes.indexOf("reported"), fresh = [];
      for (let i = first; i < last; i++) if (piece.lines.action[i] === reported) fresh.push([piece.cases.lon[piece.lines.case[i]], piece.cases.lat[piece.lines.case[i]]]);
      map.pulse(fresh);
    }

    over() {
      this.pause();
      this.root.dispatchEvent(new Event("jingwei:playback-over", { bubbles: true }));
      if (!this.wall) return;
      this.say(jingwei.desk.fill(this.words.restarts, { n: HOLD }));
      this.later = setTimeout(() => this.play(), 1000 * HOLD);
    }

    // What a person wants.

    show(changes) {
      const given = new URLSearchParams(this.address());
      for (const [name, value] of Object.entries(changes)) if (value) given.set(name, value); else given.delete(name);
      const same = !("from" in changes) && this.outline;
      const keep = same ? { t: this.t, playing: this.playing } : null;
      if (!same) given.delete("at");
      history.pushState(history.state, "", "?" + given);
      this.load(given, keep);
    }

    colour(name) {
      this.figure = name;
      this.map.classes = this.outline.classes[name];
      this.key_to_colours();
      this.jumped = true;
      this.write();
      this.wake();
    }

    async busy() {
      try { this.side.list_busy(await this.ask("episodes", this.asked), (link) => { history.pushState(history.state, "", link); this.load(new URLSearchParams(location.search)); }); }
      catch (error) { this.say(error.message || this.words.failed); }
    }

    full() {
      if (document.fullscreenElement) document.exitFullscreen();
      else if (this.root.requestFullscreen) this.root.requestFullscreen();
    }

    async open(count, polygon) {
      if (!this.outline || this.wall) return;
      this.pause();
      const code = polygon === null ? "" : this.map.names.codes[polygon], name = polygon === null ? "" : this.map.names.names[polygon];
      try {
        const found = await this.ask("cases", this.asked + "&at=" + Math.min(Math.floor(this.t), this.outline.end - 1) + "&count=" + count + "&polygon=" + encodeURIComponent(code));
        const index = this.tape.names.indexOf(count), n = polygon === null ? this.tape.all[index] : this.tape.counts[index][polygon];
        const said = { place: name, name: this.words.counts[count][0], n: n.toLocaleString("en-US") };
        this.side.list_cases(jingwei.desk.fill(polygon === null ? this.words.cases : this.words.cases_in, said), found.cases, n);
      } catch (error) { this.say(error.message || this.words.failed); }
    }

    key(event) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !this.outline) return;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.closest(".header, [role=dialog]")) return;
      if (event.key === " " && event.target.closest("button, a")) return;
      const step = (this.outline.end - this.outline.start) / (event.shiftKey ? 20 : 100), speeds = this.words.speeds;
      const does = {
        " ": () => this.toggle(), ArrowLeft: () => this.seek(this.t - step), ArrowRight: () => this.seek(this.t + step), Home: () => this.seek(this.outline.start), End: () => this.seek(this.outline.end),
        ArrowUp: () => this.run(speeds.find((one) => one > this.speed) || speeds[speeds.length - 1]), ArrowDown: () => this.run([...speeds].reverse().find((one) => one < this.speed) || speeds[0]), f: () => this.full(),
      }[event.key];
      if (!does) return;
      event.preventDefault();
      does();
    }

    // What is said.

    tip(polygon) {
      const { tape, words } = this, name = this.map.names.names[polygon];
      if (!tape || !tape.piece) return name ? [name] : [];
      return (name ? [name] : []).concat(words.coloured.map(function (count) {
        return words.counts[count][0] + " " + tape.counts[tape.names.indexOf(count)][polygon].toLocaleString("en-US") + " " + words.unit;
      }));
    }

    key_to_colours() {
      const make = jingwei.desk.make, classes = this.outline.classes[this.figure], words = this.words;
      const swatch = function (i) { const one = make("span", { class: "swatch" }); one.style.setProperty("--light", classes.colours.light[i]); one.style.setProperty("--dark", classes.colours.dark[i]); return one; };
      const rows = classes.words.map(function (text, i) { return make("div", { class: "legend-line" }, swatch(i), make("span", {}, text)); }).reverse();
      const dots = ["open", "overdue", "suspended"].map(function (name) { return make("div", { class: "legend-line" }, make("span", { class: "pb-dot is-" + name }), make("span", {}, words.legend[name])); });
      this.legend.replaceChildren(make("div", { class: "legend-title" }, make("strong", {}, words.counts[this.figure][0]), make("span", { class: "quiet" }, words.unit)), make("div", { class: "legend-lines" }, rows), make("div", { class: "legend-lines" }, dots));
    }

    address() {
      const { outline, given } = this, made = new URLSearchParams();
      const say = function (name, value) { if (value) made.set(name, value); };
      if (!this.wall) say("place", given && given.get("place"));
      if (outline && given.get("level")) say("level", outline.level);
      say("from", this.clock.local(outline.start));
      say("to", this.clock.local(outline.end));
      say("speed", String(Number(this.speed.toPrecision(4))));
      if (this.figure !== "open") say("figure", this.figure);
      if (!this.playing && this.t > outline.start && !this.wall) say("at", this.clock.local(this.t));
      return made;
    }

    write() {
      clearTimeout(this.writing);
      this.writing = setTimeout(() => { if (this.outline && !this.ended && this.root.isConnected) history.replaceState(history.state, "", "?" + this.address()); }, WRITE);
    }
  }

  function begin() {
    const root = document.getElementById("playback");
    if (!root) return window.dash_clientside.no_update;
    if (player) player.end();
    player = jingwei.player = new Player(root);
    return root.className;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { playback: { begin: begin } });
  document.addEventListener("DOMContentLoaded", function () { if (document.getElementById("playback")) begin(); }); // a wall's page, which has no Dash
})();
