// Cases on the map: points while there are few in view, else counts in a lattice made by the server.
// One canvas without pointer events above the polygons; points are found by distance when the pointer moves.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const STEPS = [1, 2, 5, 10, 25, 100]; // a cell's count reaches these: its strength (dashboard/one_map/caselegend.py says so)
  const REACH = 9; // pixels around the pointer

  class Events {
    constructor(view) {
      this.view = view;
      this.map = view.map;
      this.query = null;
      this.found = null;
      this.paper = new jingwei.Overlay(this.map, "events", 400);
      this.map.on("moveend", () => this.refresh());
      this.map.on("mousemove", (event) => this.hover(event));
      this.retheme = () => this.draw();
      window.addEventListener("jingwei:theme", this.retheme);
    }

    end() {
      if (this.pending) this.pending.abort();
      window.removeEventListener("jingwei:theme", this.retheme);
    }

    ask(query) {
      this.query = query;
      this.refresh();
    }

    async refresh() {
      if (this.query === null) { this.found = null; this.draw(); return; }
      const zoom = Math.round(this.map.getZoom());
      const view = this.map.getBounds().pad(0.1);
      const address = "/layers/events?" + this.query + "&box=" + [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()]
        .map(function (v) { return v.toFixed(5); }).join(",") + "&zoom=" + zoom;
      if (this.pending) this.pending.abort();
      const mine = (this.pending = new AbortController());
      try {
        const answer = await fetch(address, { signal: mine.signal });
        if (answer.ok) this.found = await answer.json();
      } catch (error) {
        if (error.name !== "AbortError") throw error;
        return;
      }
      this.draw();
    }

    draw() {
      this.places = [];
      const box = this.map.getContainer();
      if (!this.found) { delete box.dataset.cases; this.paper.clear(); return; }
      box.dataset.cases = this.found.cells ? "lattice" : "points";
      const pen = this.paper.open();
      if (this.found.cells) this.drawCells(pen);
      else this.drawPoints(pen);
      this.paper.show();
    }

    drawCells(pen) {
      const style = getComputedStyle(document.documentElement);
      const rgb = style.getPropertyValue("--event").trim();
      const scale = Math.pow(2, this.map.getZoom() - this.found.zoom);
      const side = (256 / this.found.lattice) * scale;
      const origin = this.map.getPixelOrigin().add(this.map.containerPointToLayerPoint([0, 0]));
      const cells = this.found.cells;
      for (let i = 0; i < cells.length; i += 3) {
        const step = STEPS.filter(function (s) { return cells[i + 2] >= s; }).length;
        pen.fillStyle = "rgba(" + rgb + "," + (0.1 + 0.14 * step).toFixed(2) + ")";
        pen.fillRect(cells[i] * side - origin.x, cells[i + 1] * side - origin.y, side, side);
      }
    }

    drawPoints(pen) {
      const style = getComputedStyle(document.documentElement);
      const colours = {};
      for (const name of ["on_time", "late", "open", "overdue", "closed"]) {
        colours[name] = style.getPropertyValue("--state-" + name.replace("_", "-")).trim();
      }
      const rem = parseFloat(style.fontSize) / 16; // points grow with the type, so that a wall shows them too
      const tip = 5.5 * rem;
      pen.lineWidth = rem;
      pen.strokeStyle = style.getPropertyValue("--page").trim();
      for (const point of this.found.points) {
        const at = this.map.latLngToContainerPoint([point.lat, point.lon]);
        pen.fillStyle = colours[point.state];
        pen.beginPath();
        // State has a shape beside its colour: late and overdue are diamonds.
        if (point.state === "late" || point.state === "overdue") {
          pen.moveTo(at.x, at.y - tip); pen.lineTo(at.x + tip, at.y); pen.lineTo(at.x, at.y + tip); pen.lineTo(at.x - tip, at.y);
          pen.closePath();
        } else pen.arc(at.x, at.y, 4 * rem, 0, 2 * Math.PI);
        pen.fill();
        pen.stroke();
        this.places.push([at.x, at.y, point]);
      }
    }

    hover(event) { this.view.hover.tipNearest(this.places || [], event.containerPoint, REACH); }
  }

  jingwei.Events = Events;
})();
