// The circle: a stroke from its middle to its edge, or the middle and the edge by two clicks. A tool of assets/map_tools.js.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const LEAST = 10; // metres; less is a slip of the hand

  class Circle {
    constructor(tools, taken) {
      this.tools = tools;
      this.map = tools.map;
      this.taken = taken;
      this.strokes = true;
    }

    begin() { this.start(); this.tools.say([this.tools.texts.circling]); }

    end() { this.start(); this.tools.say([]); }

    start() { this.middle = null; this.draft(null); }

    corner(latlng) {
      if (!this.middle) { this.middle = latlng; this.draft(latlng, 0); return; }
      this.take(this.middle, latlng);
    }

    hover(latlng) { if (this.middle) this.draft(this.middle, this.map.distance(this.middle, latlng)); }

    back() { this.start(); }

    close() {}

    stroke(points, done) {
      const [middle, edge] = [points[0], points[points.length - 1]].map((point) => this.map.containerPointToLatLng(point));
      if (done) this.take(middle, edge);
      else this.draft(middle, this.map.distance(middle, edge));
    }

    take(middle, edge) {
      const metres = this.map.distance(middle, edge);
      if (metres < LEAST) { this.tools.say([this.tools.texts.slip]); this.start(); return; }
      const at = middle.wrap();
      this.tools.end();
      this.taken({ lon: at.lng, lat: at.lat, metres: metres });
    }

    draft(middle, metres) {
      if (this.drawn) this.drawn.remove();
      this.drawn = null;
      if (!middle) return;
      const shared = { renderer: this.tools.renderer, pane: "drawn", interactive: false, fill: false };
      const size = this.tools.view.type();
      this.drawn = L.featureGroup([["var(--page)", 6], ["var(--text)", 3]].map(function (stroke) {
        return L.circle(middle, Object.assign({ radius: Math.max(metres, 1), color: stroke[0], weight: stroke[1] * size }, shared));
      })).addTo(this.map);
      const texts = this.tools.texts;
      const length = metres < 1000 ? Math.round(metres) + " " + texts.m : (metres / 1000).toFixed(2) + " " + texts.km;
      if (metres) this.tools.say([{ strong: texts.radius.replace("{length}", length) }]);
    }
  }

  jingwei.Circle = Circle;
})();
