// The map without a pointer: Tab reaches it, arrow keys go from place to place, Enter opens, + and - zoom, Escape leaves.
// What the focus is on is said in a live region.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }; // Mercator's y runs down

  class Keys {
    constructor(view) {
      this.view = view;
      this.map = view.map;
      this.at = -1;
      this.map.keyboard.disable(); // Leaflet's own pans by arrows
      const box = this.map.getContainer();
      box.tabIndex = 0;
      box.setAttribute("role", "application");
      this.live = L.DomUtil.create("div", "only-heard", box);
      this.live.setAttribute("aria-live", "polite");
      box.addEventListener("keydown", (event) => this.press(event));
      box.addEventListener("blur", () => this.leave());
      this.map.on("mousedown", () => { this.at = -1; });
    }

    label(texts) { this.map.getContainer().setAttribute("aria-label", texts.keys || ""); }

    press(event) {
      if (event.target !== this.map.getContainer() || event.ctrlKey || event.metaKey || event.altKey) return;
      if (ARROWS[event.key]) this.go(ARROWS[event.key]);
      else if (event.key === "Enter" && this.at >= 0) this.view.pick(this.at);
      else if (event.key === "+" || event.key === "=") this.map.zoomIn();
      else if (event.key === "-") this.map.zoomOut();
      else if (event.key === "Escape") this.leave();
      else return;
      event.preventDefault();
    }

    async go(direction) {
      const found = this.at >= 0 ? await this.view.cells.neighbour(this.at, direction[0], direction[1]) : this.first();
      if (found < 0) return;
      this.at = found;
      const rings = await this.view.hover.rings(found);
      if (this.at !== found || !rings.length) return;
      const bounds = L.latLngBounds(rings[0]);
      const small = this.map.getSize().divideBy(4);
      if (!this.map.getBounds().contains(bounds)) this.map.panInside(bounds.getCenter(), { padding: small, animate: false });
      const point = this.map.latLngToContainerPoint(bounds.getCenter());
      this.view.hover.show(found, point);
      this.live.textContent = this.view.lines(found).join(", ");
    }

    // Where the arrows begin: what was chosen, else the place nearest to the middle of the view.
    first() {
      const chosen = this.view.names.number[this.view.chosen];
      if (chosen !== undefined) return chosen;
      const size = this.map.getSize();
      const reach = Math.min(size.x, size.y) / 2;
      for (let away = 0; away < reach; away += 4) {
        for (let turn = 0; turn < 16; turn++) {
          const found = this.view.cells.at(size.divideBy(2).add([away * Math.cos(turn * Math.PI / 8), away * Math.sin(turn * Math.PI / 8)]));
          if (found >= 0) return found;
        }
      }
      return -1;
    }

    leave() {
      this.at = -1;
      this.live.textContent = "";
      this.view.hover.leave();
    }
  }

  jingwei.Keys = Keys;
})();
