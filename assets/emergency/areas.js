// The areas of hazard warnings on a map: a few polygons that come and go, in the warning's own colour, never in the way of the pointer.
// They are drawn where their layer is chosen, and wherever an emergency's plan switches it on.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});

  jingwei.Areas = class {
    constructor(map) {
      this.map = map;
      this.wanted = [];
      this.drawn = {}; // layer → { mark, group }
      if (!map.getPane("areas")) {
        map.createPane("areas").style.zIndex = 380;
        map.getPane("areas").style.pointerEvents = "none";
      }
      this.again = () => this.refresh();
      document.addEventListener("jingwei:watched", this.again);
      window.addEventListener("jingwei:theme", (this.restyle = () => this.paint()));
    }

    end() {
      document.removeEventListener("jingwei:watched", this.again);
      window.removeEventListener("jingwei:theme", this.restyle);
      for (const name of Object.keys(this.drawn)) this.drop(name);
    }

    show(names) { this.wanted = names; return this.refresh(); }

    names() {
      const on = jingwei.watched ? jingwei.watched.state.layers.filter(function (name) { return name === "warnings"; }) : [];
      return [...new Set([...this.wanted, ...on])];
    }

    async refresh() {
      const names = this.names(), mark = jingwei.watched ? jingwei.watched.mark : "";
      for (const name of Object.keys(this.drawn)) if (!names.includes(name)) this.drop(name);
      for (const name of names) if (!this.drawn[name] || this.drawn[name].mark !== mark) await this.load(name, mark);
    }

    async load(name, mark) {
      this.drawn[name] = Object.assign({}, this.drawn[name], { mark: mark });
      let found;
      try {
        const answer = await fetch("/layers/areas/" + name, { signal: AbortSignal.timeout(20000) });
        if (!answer.ok) return;
        found = (await answer.json()).areas;
      } catch (error) { this.drawn[name].mark = null; return; }
      if (!this.drawn[name] || this.drawn[name].mark !== mark) return;
      if (this.drawn[name].group) this.drawn[name].group.remove();
      const group = window.L.layerGroup(found.flatMap((area) => this.area(area)));
      this.drawn[name].group = group.addTo(this.map);
      this.map.getContainer().dataset.areas = String(found.length);
    }

    area(area) {
      const casing = window.L.geoJSON(area.geometry, { pane: "areas", interactive: false, style: this.casing() });
      const shape = window.L.geoJSON(area.geometry, { pane: "areas", interactive: false, style: this.style(area.colour) });
      shape.colour = area.colour;
      const label = jingwei.desk.make("span", { data: { colour: area.colour } }, area.title);
      shape.bindTooltip(label, { permanent: true, direction: "center", className: "area-label", pane: "tooltipPane", interactive: false });
      return [casing, shape];
    }

    // Under the line, so that it is seen on a map of any colours.
    casing() { return { color: getComputedStyle(document.documentElement).getPropertyValue("--page").trim(), weight: 6, opacity: 0.85, fill: false }; }

    style(colour) {
      const line = getComputedStyle(document.documentElement).getPropertyValue("--hazard-" + colour).trim();
      return { color: line, weight: 2.5, opacity: 0.95, fillColor: line, fillOpacity: 0.1 };
    }

    paint() {
      for (const one of Object.values(this.drawn)) if (one.group) one.group.eachLayer((shape) => { shape.setStyle(shape.colour ? this.style(shape.colour) : this.casing()); });
    }

    drop(name) {
      if (this.drawn[name].group) this.drawn[name].group.remove();
      delete this.drawn[name];
    }
  };
})();
