// The heatmap's page: the address says everything; a change is written into it, asked of the server and drawn.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const heat = (jingwei.heat = jingwei.heat || {});
  const RETRY = 5000; // milliseconds until what did not come is asked for again
  let page = null;

  class Page {
    constructor(root) {
      const part = function (name) { return root.querySelector("." + name); };
      Object.assign(this, { root: root, words: JSON.parse(root.dataset.words), options: JSON.parse(root.dataset.options), ground: JSON.parse(root.dataset.map), may_export: Boolean(root.dataset.export) });
      this.note = part("heat-note");
      this.head = part("heat-head");
      this.controls = new heat.Controls(part("heat-bar"), this);
      this.stage = new heat.Stage(part("heat-stage"), this);
      this.side = new heat.Side(part("heat-side"), this);
      this.popped = () => this.load();
      window.addEventListener("popstate", this.popped);
      this.watchdog = setInterval(() => { if (!root.isConnected) this.end(); }, 2000);
      this.load();
    }

    end() {
      clearInterval(this.watchdog);
      clearTimeout(this.later);
      window.removeEventListener("popstate", this.popped);
      this.stage.end();
      this.ended = true;
      if (page === this) page = null;
    }

    get query() { return new URLSearchParams(location.search); }

    // changes: parameter → value, list of values, or "" to leave it out.
    change(changes, began) {
      const query = this.query;
      for (const [name, value] of Object.entries(changes)) {
        query.delete(name);
        for (const one of [].concat(value)) if (one !== "" && one !== null && one !== undefined) query.append(name, one);
      }
      this.went(query, began);
    }

    went(query, began) {
      const text = String(query);
      if (text === String(this.query)) return;
      history.pushState(history.state, "", location.pathname + (text ? "?" + text : ""));
      this.load(began);
    }

    ask(what, more) {
      const query = this.query;
      for (const [name, value] of Object.entries(more || {})) query.set(name, value);
      return jingwei.desk.ask("/heatmap/" + what + "?" + query);
    }

    async load(began) {
      const mine = (this.loading = {}), from = began || performance.now();
      clearTimeout(this.later);
      this.controls.show(this.query);
      if (!this.shown) this.say(this.words.waiting);
      try {
        const found = await this.ask("shown");
        if (mine !== this.loading || this.ended) return;
        this.say("");
        this.show(found);
        requestAnimationFrame(() => setTimeout(() => { this.root.dataset.took = String(Math.round(performance.now() - from)); }, 0));
      } catch (error) {
        if (mine !== this.loading || this.ended) return;
        this.say(error.message || this.words.failed);
        this.root.classList.toggle("is-refused", Boolean(error.answered));
        if (!error.answered) this.later = setTimeout(() => this.load(), RETRY);
      }
    }

    show(found) {
      this.shown = found;
      this.root.classList.remove("is-refused");
      this.controls.levels(found.levels, found.level);
      this.title(found);
      this.stage.show(found);
      this.side.show(found);
      this.root.dataset.loaded = String(Number(this.root.dataset.loaded || 0) + 1);
    }

    title(found) {
      const make = jingwei.desk.make, lead = found.maps[0];
      const crumbs = found.crumbs.map((one, i) => {
        const last = i === found.crumbs.length - 1;
        return make("button", { type: "button", class: "crumb", "aria-current": last ? "true" : null, disabled: last, onclick: () => this.up(one, i) }, one[1]);
      });
      this.head.replaceChildren(
        make("h1", {}, found.lens === "hexagons" ? this.words.density : lead.title), make("span", { class: "quiet" }, lead.subtitle),
        make("nav", { class: "crumbs", "aria-label": this.words.crumbs }, crumbs.flatMap(function (one, i) { return i ? [make("span", { class: "quiet", "aria-hidden": "true" }, "›"), one] : [one]; }), make("span", { class: "chip" }, lead.level_name)),
        this.may_export ? make("div", { class: "heat-files" }, ["png", "pdf"].map((form) => make("a", { class: "button", "data-form": form, href: this.file(form) }, this.words[form]))) : null,
      );
    }

    file(form) { return "/export/map." + form + "?heatmap=1&" + this.query; }

    // The paper's hexagons are as wide as those on the screen.
    hexagon(width) {
      for (const link of this.head.querySelectorAll("[data-form]")) link.href = this.file(link.dataset.form) + "&hexagon=" + width;
    }

    // Up to a crumb: its own places one level below it.
    up(crumb, i) {
      const levels = this.shown.levels, at = levels.indexOf(crumb[2]);
      this.change({ within: i ? crumb[0] : "", level: levels[at + 1] || this.shown.level }, performance.now());
    }

    // Down into a place; at the finest level it opens on the one map.
    down(code) {
      if (this.shown.below) this.change({ within: code, level: this.shown.below }, performance.now());
      else this.open(code);
    }

    open(code) {
      const query = new URLSearchParams();
      for (const [name, value] of this.query) if (["level", "figure", "period", "range", "basis", "as_of", "track", "channel", "category", "unit"].includes(name)) query.append(name, value);
      query.set("level", this.shown.level);
      query.set("place", code);
      window.open("/?" + query, "_blank", "noopener");
    }

    say(text) {
      this.note.textContent = text || "";
      this.note.hidden = !text;
    }
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    heatmap: {
      begin: function (words) {
        const root = document.getElementById("heatmap");
        if (words && root && (!page || page.root !== root)) {
          if (page) page.end();
          const begin = function () { if (window.L && jingwei.PlayMap) page = new Page(root); else if (root.isConnected) setTimeout(begin, 30); };
          begin();
        }
        return "heatmap";
      },
    },
  });
})();
