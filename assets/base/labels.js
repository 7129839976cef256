// Where names stand: none overlaps another, the more important first. A road's name follows the road, its characters upright,
// from left to right or from top to bottom, as on Chinese maps; an area's stands on its anchor.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const CELL = 64; // pixels of the index of taken boxes
  const APART = 420; // pixels between a road's names
  const PAD = 3;
  const WORDS = /第?[0-9A-Za-z]+|网格(-\d+)?|专属|公园|社区|街道|小区|绿带|学院|学校|中心|广场|花园|新村|大厦/g; // not broken
  const LONG = 7; // characters of a name that is written in one line

  class Taken {
    constructor() { this.cells = new Map(); }

    keys(box) {
      const found = [];
      for (let x = Math.floor(box[0] / CELL); x <= Math.floor(box[2] / CELL); x++) {
        for (let y = Math.floor(box[1] / CELL); y <= Math.floor(box[3] / CELL); y++) found.push(x + "," + y);
      }
      return found;
    }

    free(box) {
      return this.keys(box).every((key) => (this.cells.get(key) || []).every(function (other) {
        return box[0] >= other[2] || box[2] <= other[0] || box[1] >= other[3] || box[3] <= other[1];
      }));
    }

    take(box) {
      for (const key of this.keys(box)) this.cells.set(key, (this.cells.get(key) || []).concat([box]));
    }
  }

  // Where the characters of a name stand along a line of pixels [[x, y], …], beginning `from` along it; null where it bends too much
  // or is too short. Every place is [x, y, angle].
  function along(line, from, steps) {
    const places = [];
    let wanted = from;
    let gone = 0;
    let next = 0;
    for (let i = 1; i < line.length && next < steps.length; i++) {
      const dx = line[i][0] - line[i - 1][0], dy = line[i][1] - line[i - 1][1];
      const length = Math.hypot(dx, dy);
      while (next < steps.length && wanted <= gone + length) {
        const share = length ? (wanted - gone) / length : 0;
        places.push([line[i - 1][0] + dx * share, line[i - 1][1] + dy * share, Math.atan2(dy, dx)]);
        wanted += steps[next++];
      }
      gone += length;
    }
    return places.length === steps.length ? places : null;
  }

  function lengthOf(line) {
    let total = 0;
    for (let i = 1; i < line.length; i++) total += Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]);
    return total;
  }

  // The glyphs [[text, x, y, turn], …] of a name along a line, around `middle`; null where it does not fit.
  jingwei.roadLabel = function (line, name, size, middle) {
    const upright = /[\u2e80-\uffef]/.test(name);
    const texts = upright ? [...name] : [name];
    const wide = upright ? size * 1.25 : size * 0.6 * name.length;
    const total = wide * texts.length;
    if (lengthOf(line) < total * 1.2) return null;
    let places = along(line, middle - total / 2 + wide / 2, texts.map(function () { return wide; }));
    if (!places) return null;
    const dx = places[places.length - 1][0] - places[0][0], dy = places[places.length - 1][1] - places[0][1];
    const turn = places.length > 1 ? Math.atan2(dy, dx) : places[0][2];
    const level = Math.abs(Math.cos(turn)) >= Math.SQRT1_2 || !upright;
    if (places.some(function (p) { return Math.abs(Math.atan2(Math.sin(p[2] - turn), Math.cos(p[2] - turn))) > 0.6; })) return null;
    if (level ? Math.cos(turn) < 0 : Math.sin(turn) < 0) places = places.reverse().map(function (p) { return [p[0], p[1], p[2] + Math.PI]; });
    return places.map(function (p, i) { return [texts[i], p[0], p[1], level ? p[2] : p[2] - Math.PI / 2]; });
  };

  // How wide a text is, in its own size.
  jingwei.nameWidth = function (text) { return [...text].reduce(function (sum, letter) { return sum + (letter > "\u2e80" ? 1 : 0.6); }, 0); };

  // The lines of an area's name: long ones are broken in two, near the middle but not inside a word or a number.
  jingwei.areaLines = function (name) {
    const letters = [...name];
    if (letters.length <= LONG || !/[\u2e80-\uffef]/.test(name)) return [name];
    const half = letters.length / 2;
    const whole = new Set();
    for (const found of name.matchAll(WORDS)) for (let i = 1; i < found[0].length; i++) whole.add(found.index + i);
    let at = Math.ceil(half);
    for (const away of [0, 1, -1, 2, -2]) {
      if (!whole.has(Math.ceil(half) + away)) { at = Math.ceil(half) + away; break; }
    }
    return [letters.slice(0, at).join(""), letters.slice(at).join("")];
  };

  // wanted: [{ name, size, rank, point } or { name, size, rank, line }] → glyphs [[text, x, y, turn, size]] of those that fit into
  // width × height, the lowest rank first; equal ones keep their order.
  jingwei.placeLabels = function (wanted, width, height) {
    const taken = new Taken();
    const glyphs = [];
    const ordered = wanted.map(function (label, i) { return [label, i]; }).sort(function (a, b) { return a[0].rank - b[0].rank || a[1] - b[1]; });
    for (const [label] of ordered) {
      for (const set of candidates(label)) {
        const boxes = set.map(function (glyph) { return boxOf(glyph); });
        if (boxes.some(function (b) { return b[0] < 0 || b[1] < 0 || b[2] > width || b[3] > height || !taken.free(b); })) continue;
        boxes.forEach(function (b) { taken.take(b); });
        glyphs.push(...set);
      }
    }
    return glyphs;
  };

  function candidates(label) {
    const size = label.size;
    if (label.point) {
      const lines = jingwei.areaLines(label.name);
      return [lines.map(function (text, i) {
        return [text, label.point[0], label.point[1] + (i - (lines.length - 1) / 2) * size * 1.2, 0, size, Boolean(label.strong)];
      })];
    }
    const found = [];
    const length = lengthOf(label.line);
    const n = Math.max(1, Math.floor(length / APART));
    for (let i = 0; i < n; i++) {
      const glyphs = jingwei.roadLabel(label.line, label.name, size, length * (i + 0.5) / n);
      if (glyphs) found.push(glyphs.map(function (glyph) { return glyph.concat([size]); }));
    }
    return found;
  }

  function boxOf(glyph) {
    const [text, x, y, turn, size] = glyph;
    const wide = jingwei.nameWidth(text) * size / 2;
    const across = Math.abs(Math.cos(turn)) * wide + Math.abs(Math.sin(turn)) * size / 2 + PAD;
    const down = Math.abs(Math.sin(turn)) * wide + Math.abs(Math.cos(turn)) * size / 2 + PAD;
    return [x - across, y - down, x + across, y + down];
  }
})();
