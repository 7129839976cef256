// New tickets: each a ring that widens once for a second where it happened; where motion is not wanted, a dot that stays as long.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const LASTS = 1000; // milliseconds

  class Pulses {
    constructor(view) {
      this.map = view.map;
      this.points = []; // [lon, lat, since when]
      this.paper = new jingwei.Overlay(this.map, "pulses", 440);
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
        this.paper.clear();
        this.running = false;
        return;
      }
      this.paint(this.paper.open(), now);
      this.paper.show();
      requestAnimationFrame(() => this.draw());
    }

    paint(pen, now) {
      const style = getComputedStyle(document.documentElement);
      const rem = parseFloat(style.fontSize) / 16;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
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
