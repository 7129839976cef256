// The bar of choices. Every control is a native one, so keys and screen readers find their way; its value is the address's.
(function () {
  const heat = ((window.jingwei = window.jingwei || {}).heat = window.jingwei.heat || {});
  const ORDER = ["lens", "level", "figure", "period", "range", "against", "target", "value", "method", "breaks", "classes", "view", "other", "when", "track", "category"];
  const FIRST = { lens: "places", figure: "on_time_rate", period: "month", against: "none", value: "own", method: "quantile", classes: "5", view: "one", when: "before" };
  const WITHOUT = { hexagons: ["figure", "against", "target", "value", "method", "breaks", "classes", "view", "other", "when"], emerging: ["figure", "against", "target", "value", "method", "breaks", "classes"], spots: ["method", "breaks", "classes"] };

  heat.Controls = class {
    constructor(element, page) {
      const make = window.jingwei.desk.make;
      this.page = page;
      this.fields = {};
      this.inputs = {};
      for (const name of ORDER) {
        const input = name === "range" ? this.range() : page.options[name] ? this.select(name) : this.text(name);
        this.fields[name] = make("label", { class: "heat-field is-" + name }, make("span", { class: "quiet" }, page.words[name]), input);
      }
      element.replaceChildren(...Object.values(this.fields));
    }

    select(name) {
      const make = window.jingwei.desk.make;
      return this.inputs[name] = make("select", { name: name, onchange: (event) => this.changed(name, event.target.value) },
        this.page.options[name].map(function (one) { return make("option", { value: one[0] }, one[1]); }));
    }

    text(name) {
      return this.inputs[name] = window.jingwei.desk.make("input", { type: "text", inputmode: "decimal", name: name, autocomplete: "off",
        placeholder: name === "breaks" ? this.page.words.breaks_hint : "", onchange: (event) => this.changed(name, event.target.value.trim()) });
    }

    range() {
      const make = window.jingwei.desk.make;
      const day = (which) => make("input", { type: "date", "aria-label": this.page.words[which], onchange: () => this.days() });
      this.inputs.range = [day("from"), day("to")];
      return make("span", { class: "heat-days" }, this.inputs.range);
    }

    days() {
      const said = this.inputs.range.map(function (input) { return input.value; });
      if (said.every(Boolean)) this.page.change({ period: "custom", range: said.sort() }, performance.now());
    }

    changed(name, value) {
      if (name === "period" && value === "custom") {
        const days = this.page.shown ? this.page.shown.period.split(" – ") : [];
        this.page.change(days.length === 2 ? { period: value, range: days } : {}, performance.now());
        return;
      }
      const more = name === "period" ? { range: "" } : name === "figure" ? { target: "", breaks: "" } : name === "level" && this.page.query.get("within") ? { within: "" } : {};
      this.page.change(Object.assign(more, { [name]: value === FIRST[name] ? "" : value }), performance.now());
    }

    // The address's values, and only the controls they leave a meaning to.
    show(query) {
      const at = function (name) { return query.get(name) || FIRST[name] || ""; };
      for (const name of ORDER) {
        if (name === "range") query.getAll("range").slice(0, 2).forEach((day, i) => { this.inputs.range[i].value = day; });
        else if (name !== "level" || at(name)) this.inputs[name].value = at(name);
      }
      const lens = at("lens"), two = ["beside", "swipe"].includes(at("view"));
      const hidden = new Set(WITHOUT[lens] || []);
      if (at("period") !== "custom") hidden.add("range");
      if (at("against") !== "target") hidden.add("target");
      if (at("method") !== "fixed") hidden.add("breaks");
      if (at("against") !== "none") hidden.delete("value");
      if (!two || lens === "hexagons") { hidden.add("other"); hidden.add("when"); }
      if (lens === "emerging") hidden.add("other");
      for (const name of ORDER) this.fields[name].hidden = hidden.has(name);
      this.targets(at("figure"), at("against") === "target");
      for (const option of this.inputs.view.options) option.disabled = lens !== "places" && ["months", "tracks"].includes(option.value);
    }

    // Which target a figure has stands in the empty field; while targets are compared against, the list of figures says which have none.
    targets(figure, against) {
      const targets = new Map(this.page.options.targets), words = this.page.words;
      this.inputs.target.placeholder = targets.get(figure) || words.no_target;
      for (const option of this.inputs.figure.options) {
        option.dataset.name = option.dataset.name || option.textContent;
        option.textContent = against && !targets.has(option.value) ? window.jingwei.desk.fill(words.without_target, { name: option.dataset.name }) : option.dataset.name;
      }
    }

    levels(levels, level) {
      for (const option of this.inputs.level.options) option.hidden = !levels.includes(option.value);
      this.inputs.level.value = level;
    }
  };
})();
