// The lasso: a stroke, or corners by clicks, around what one wants to know about. The closed outline is picked like a place, its letters
// ("~" before them) in the place's stead; what is drawn from then on is the outline as it stands in the address and as it is counted.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const NEAR = 12; // pixels from the first corner that close the outline
  const MOST = 200; // corners of an outline
  const LEAST = 64; // square pixels; less is a slip of the hand

  // Fewer corners, as near to the stroke as that allows.
  function simple(points) {
    let found = points;
    for (let tolerance = 1.5; found.length > MOST || tolerance === 1.5; tolerance *= 1.5) found = L.LineUtil.simplify(points, tolerance);
    return found;
  }

  function size(points) {
    return Math.abs(points.reduce(function (sum, point, i) {
      const next = points[(i + 1) % points.length];
      return sum + point.x * next.y - next.x * point.y;
    }, 0)) / 2;
  }

  class Lasso {
    constructor(tools) {
      this.tools = tools;
      this.map = tools.map;
      this.strokes = true;
      this.corners = [];
    }

    begin() {
      this.start();
      this.tell();
    }

    end() {
      this.start();
      this.tools.say([]);
    }

    start() {
      this.corners = [];
      this.draft([]);
    }

    tell() {
      const texts = this.tools.texts;
      this.tools.say([this.corners.length > 2 ? texts.closing : this.corners.length ? texts.more : texts.lassoing],
        this.corners.length ? () => { this.start(); this.tell(); } : null);
    }

    corner(latlng) {
      const point = this.map.latLngToContainerPoint(latlng);
      if (this.corners.length > 2 && point.distanceTo(this.map.latLngToContainerPoint(this.corners[0])) <= NEAR) { this.close(); return; }
      if (this.corners.length >= MOST) return;
      const last = this.corners[this.corners.length - 1];
      if (!last || !last.equals(latlng)) this.corners.push(latlng);
      this.draft(this.corners, this.corners);
      this.tell();
    }

    hover(latlng) { if (this.corners.length) this.draft(this.corners.concat([latlng]), this.corners); }

    back() { this.corners.pop(); this.draft(this.corners, this.corners); this.tell(); }

    close() { if (this.corners.length > 2) this.take(this.corners); }

    // A stroke as container points; done when the pointer was lifted.
    stroke(points, done) {
      const latlngs = (done ? simple(points) : points).map((point) => this.map.containerPointToLatLng(point));
      if (!done) { this.draft(latlngs); return; }
      this.start();
      if (latlngs.length > 2 && size(points) >= LEAST) this.take(latlngs);
      else this.tools.say([this.tools.texts.slip]);
    }

    take(latlngs) {
      const text = jingwei.geodesy.encode(latlngs.map(function (latlng) { const at = latlng.wrap(); return [at.lng, at.lat]; }));
      this.tools.end();
      window.dash_clientside.set_props("picked", { data: { open: true, place: "~" + text, figure: null, part: null, at: Date.now() } });
    }

    draft(latlngs, dots) {
      if (this.drawn) this.drawn.remove();
      this.drawn = latlngs.length ? this.tools.drawing(latlngs, false, dots) : null;
    }

    // The outline that is picked; null for none.
    show(text) {
      if (text === this.text) return;
      this.text = text;
      if (this.ring) this.ring.remove();
      const points = text ? jingwei.geodesy.decode(text) : null;
      this.ring = points ? this.tools.drawing(points.map(function (point) { return [point[1], point[0]]; }), true) : null;
    }

    bounds() { return this.ring ? this.ring.getBounds() : null; }
  }

  jingwei.Lasso = Lasso;
})();
