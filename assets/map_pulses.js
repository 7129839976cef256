// New tickets: each a ring that widens once for a second where it happened; where motion is not wanted, a dot that stays as long.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const LASTS = 1000; // milliseconds

  class Pulses {
    constructor(view) {
      this.map = view.map;
      this.points = []; // [lon, lat, since when]
      const pane = this.map.createPane("pulses");
      pane.style.zIndex = 440;
      pane.style.pointerEvents = "none";
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", pane);
      this.canvas.setAttribute("aria-hidden", "true");
    }

    show(points) {
      const now = performance.now();
      for (const [lon, lat] of points) this.points.push([lon, lat, now]);
      this.map.getContainer().dataset.pulses = String(Number(this.map.getContainer().dataset.pulses || 0) + points.length);
      if (!this.running && points.length) { this.running = true; requestAnimationFrame(() => this.draw()); }
    }

    draw() {
      const now = performance.now();
      this.points = this.points.filter(function (point) { return now - point[2] < LASTS; });
      if (!this.points.length || !this.map.getPane("pulses")) {
        this.canvas.width = this.canvas.height = 0;
        this.running = false;
        return;
      }
      const size = this.map.getSize();
      const ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([0, 0]));
      if (this.canvas.width !== size.x * ratio || this.canvas.height !== size.y * ratio) {
        this.canvas.width = size.x * ratio;
        this.canvas.height = size.y * ratio;
        this.canvas.style.width = size.x + "px";
        this.canvas.style.height = size.y + "px";
      }
      this.paint(this.canvas.getContext("2d"), now, ratio);
      requestAnimationFrame(() => this.draw());
    }

    paint(pen, now, ratio) {
      const style = getComputedStyle(document.documentElement);
      const rem = parseFloat(style.fontSize) / 16;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
      pen.strokeStyle = pen.fillStyle = style.getPropertyValue("--pulse").trim();
      for (const [lon, lat, since] of this.points) {
        const at = this.map.latLngToContainerPoint([lat, lon]);
        const gone = still ? 0 : (now - since) / LASTS;
        pen.globalAlpha = 1 - gone;
        pen.beginPath();
        pen.arc(at.x, at.y, 3 * rem, 0, 2 * Math.PI);
        pen.fill();
        if (still) continue;
        pen.lineWidth = 2.5 * rem * (1 - gone) + 0.5;
        pen.beginPath();
        pen.arc(at.x, at.y, (3 + 19 * gone) * rem, 0, 2 * Math.PI);
        pen.stroke();
      }
      pen.globalAlpha = 1;
    }
  }

  jingwei.Pulses = Pulses;
})();
