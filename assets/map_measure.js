// Measuring: corners by clicks, the length so far, and when the line is closed the area. It stays until cleared or Escape.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const NEAR = 12; // pixels from the first corner that close the line

  function plain(latlng) { return [latlng.lng, latlng.lat]; }
  function round(value, digits) { return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }); }

  class Measure {
    constructor(tools) {
      this.tools = tools;
      this.map = tools.map;
      this.strokes = false;
      this.clear();
    }

    begin() { this.clear(); this.tell(); }

    end() { this.clear(); if (this.tools.panel) this.tools.say([]); }

    clear() {
      this.points = [];
      this.ahead = null;
      this.closed = false;
      this.draw();
    }

    corner(latlng) {
      if (this.closed) this.clear();
      if (this.points.length > 2 && this.near(latlng)) { this.close(); return; }
      const last = this.points[this.points.length - 1];
      if (!last || !last.equals(latlng)) this.points.push(latlng);
      this.show();
    }

    near(latlng) {
      return this.map.latLngToContainerPoint(latlng).distanceTo(this.map.latLngToContainerPoint(this.points[0])) <= NEAR;
    }

    back() { if (!this.closed) { this.points.pop(); this.show(); } }

    hover(latlng) {
      if (this.closed || !this.points.length) return;
      this.ahead = latlng;
      this.show();
    }

    close() {
      if (this.points.length < 3) return;
      this.closed = true;
      this.ahead = null;
      this.show();
    }

    show() { this.draw(); this.tell(); }

    line() { return this.ahead ? this.points.concat([this.ahead]) : this.points; }

    draw() {
      if (this.drawn) this.drawn.remove();
      this.drawn = this.points.length ? this.tools.drawing(this.line(), this.closed, this.points) : null;
    }

    tell() {
      const texts = this.tools.texts;
      if (!this.points.length) { this.tools.say([texts.measuring]); return; }
      const line = this.line().map(plain);
      const lines = [{ strong: this.length(jingwei.geodesy.length(this.closed ? line.concat([line[0]]) : line)) }];
      if (this.closed) lines.unshift({ strong: this.area(jingwei.geodesy.area(line)) });
      this.tools.say(this.closed ? lines : lines.concat([this.points.length > 2 ? texts.closing : texts.more]), () => { this.clear(); this.tell(); });
    }

    length(metres) {
      const texts = this.tools.texts;
      const text = metres < 1000 ? round(metres, metres < 100 ? 1 : 0) + " " + texts.m : round(metres / 1000, 2) + " " + texts.km;
      return (this.closed ? texts.around : texts.length).replace("{length}", text);
    }

    area(metres2) {
      const texts = this.tools.texts;
      const text = metres2 < 10000 ? round(metres2, 0) + " " + texts.m2 : round(metres2 / 10000, 2) + " " + texts.ha;
      return texts.area.replace("{area}", text);
    }
  }

  jingwei.Measure = Measure;
})();
