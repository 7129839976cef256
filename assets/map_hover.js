// What lies under the pointer and what was chosen: the tip, the outlines, the click. Outlines are Leaflet polygons in their own pane.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const KEPT = 64; // outlines

  class Hover {
    constructor(view) {
      this.view = view;
      this.map = view.map;
      this.under = -1;
      this.outlines = new Map(); // polygon → rings
      const pane = this.map.createPane("chosen");
      pane.style.zIndex = 450;
      pane.style.pointerEvents = "none";
      this.renderer = L.svg({ pane: "chosen", padding: 0.5 });
      this.tip = L.DomUtil.create("div", "map-tip", this.map.getContainer());
      this.map.on("mousemove", (event) => this.move(event));
      this.map.on("mouseout dragstart zoomstart", () => this.leave());
      this.map.on("click", (event) => this.click(event));
    }

    // Nothing is looked for under a pointer that drags.
    move(event) {
      if (this.map.dragging.moving()) return;
      const polygon = this.view.cells.at(event.containerPoint);
      if (polygon < 0) { this.leave(); return; }
      this.show(polygon, event.containerPoint);
    }

    // The tip at a point of the map's box and the outline of a polygon.
    show(polygon, point) {
      this.tipLines(this.view.lines(polygon), point);
      if (polygon === this.under) return;
      this.under = polygon;
      this.map.getContainer().classList.add("is-over");
      this.draw("hovered", polygon, () => polygon === this.under, [["var(--text)", 2]]);
    }

    leave() {
      this.tip.style.display = "none";
      if (this.under < 0) return;
      this.under = -1;
      this.map.getContainer().classList.remove("is-over");
      this.drop("hovered");
    }

    click(event) {
      const polygon = this.view.cells.at(event.containerPoint);
      if (polygon >= 0) this.view.pick(polygon);
    }

    choose(code) {
      const polygon = code === null || code === undefined ? undefined : this.view.names.number[code];
      this.ringed = polygon;
      this.view.labels.choose(null);
      if (polygon === undefined) this.drop("ring");
      else this.ringAround(polygon);
    }

    async ringAround(polygon) {
      await this.draw("ring", polygon, () => polygon === this.ringed, [["var(--page)", 6], ["var(--text)", 3]]);
      const name = this.view.names.names[polygon];
      const bounds = polygon === this.ringed && this.chosenBounds();
      if (bounds && name) this.view.labels.choose({ name: name, at: bounds.getCenter() });
    }

    chosenBounds() { return this.ring ? this.ring.getBounds() : null; }

    async rings(polygon) {
      if (!this.outlines.has(polygon)) {
        const kept = this.outlines; // forgotten where other polygons come meanwhile
        const rings = await this.view.cells.outline(polygon);
        if (kept.size >= KEPT) kept.delete(kept.keys().next().value);
        kept.set(polygon, rings);
        return kept === this.outlines ? rings : [];
      }
      return this.outlines.get(polygon);
    }

    async draw(name, polygon, still, strokes) {
      const rings = await this.rings(polygon);
      if (!still()) return;
      this.drop(name);
      if (!rings.length) return;
      this[name] = L.featureGroup(strokes.map(([color, weight]) => L.polygon(rings.map(function (ring) { return [ring]; }), {
        renderer: this.renderer, pane: "chosen", interactive: false, fill: false, color: color, weight: weight, smoothFactor: 0.5, className: name,
      }))).addTo(this.map);
    }

    drop(name) {
      if (this[name]) this[name].remove();
      this[name] = null;
    }

    // Other polygons: numbers mean others now.
    forget() {
      this.outlines = new Map();
      this.leave();
      this.ringed = undefined;
      this.view.labels.choose(null);
      this.drop("ring");
    }

    // The tip of the nearest of some places ([x, y, what it says]) within reach, in pixels; none under a pointer that drags.
    tipNearest(places, at, reach) {
      if (!places.length || this.map.dragging.moving()) return;
      let best = null;
      let nearest = reach * reach;
      for (const [x, y, point] of places) {
        const distance = (x - at.x) ** 2 + (y - at.y) ** 2;
        if (distance < nearest) { nearest = distance; best = point; }
      }
      if (best) this.tipLines(best.lines, at);
    }

    tipLines(lines, point) {
      this.tip.replaceChildren(...lines.map(function (text, i) {
        const line = document.createElement("div");
        line.className = i ? "" : "map-tip-name";
        line.textContent = text;
        return line;
      }));
      const box = this.map.getSize();
      this.tip.style.display = "block";
      const left = Math.min(point.x + 16, box.x - this.tip.offsetWidth - 8);
      const top = point.y + 20 + this.tip.offsetHeight > box.y ? point.y - this.tip.offsetHeight - 12 : point.y + 20;
      this.tip.style.transform = "translate(" + Math.max(8, left) + "px," + Math.max(8, top) + "px)";
    }
  }

  jingwei.Hover = Hover;
})();
