// Which polygon owns each pixel: a buffer of polygon numbers + 1, 0 where there is none.
// A pixel belongs to the polygon that holds its centre (even-odd over all rings; a centre on a border belongs to the polygon to
// the right of it, or below). Neighbours compute a shared edge from the same two numbers, so they neither overlap nor gape.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const THIN = 0.4; // pixels: points of an arc nearer than this to the one before are left out, alike for both neighbours
  const FEW = 48; // keys up to which an insertion sort is faster than the built-in one

  // Cells projected into one view: { scale: pixels a step, x, y: the view's corner in pixels, width, height }. Arcs are projected
  // when they are first asked for.
  class Projected {
    constructor(cells, view, before) {
      this.cells = cells;
      this.view = view;
      const room = before && before.cells === cells ? before : null; // that view is over; its arrays are used again
      this.x = room ? room.x : new Float64Array(cells.x.length);
      this.y = room ? room.y : new Float64Array(cells.x.length);
      this.end = room ? room.end.fill(0) : new Uint32Array(cells.arcStart.length); // of the thinned points; 0: not yet projected
    }

    arc(number) {
      if (this.end[number]) return;
      const cells = this.cells;
      const first = cells.arcStart[number];
      const last = cells.arcStart[number + 1] - 1;
      const scale = this.view.scale;
      let at = first;
      for (let i = first; i <= last; i++) {
        const x = cells.x[i] * scale - this.view.x;
        const y = cells.y[i] * scale - this.view.y;
        if (i > first && i < last && Math.abs(x - this.x[at - 1]) < THIN && Math.abs(y - this.y[at - 1]) < THIN) continue;
        this.x[at] = x;
        this.y[at] = y;
        at++;
      }
      this.end[number] = at;
    }
  }

  let keys = new Int32Array(4096); // crossings of one polygon: row × (width + 1) + column
  let found = 0;

  function room(more) {
    if (found + more <= keys.length) return;
    const larger = new Int32Array(Math.max(keys.length * 2, found + more));
    larger.set(keys.subarray(0, found));
    keys = larger;
  }

  // The rows whose centres lie in [y0, y1) and, on each, the first pixel whose centre is not left of the edge.
  function edge(x0, y0, x1, y1, width, height) {
    if (y0 > y1) { let t = x0; x0 = x1; x1 = t; t = y0; y0 = y1; y1 = t; }
    const first = Math.max(0, Math.ceil(y0 - 0.5));
    const end = Math.min(height, Math.ceil(y1 - 0.5));
    if (end <= first) return;
    room(end - first);
    const slope = (x1 - x0) / (y1 - y0);
    for (let row = first; row < end; row++) {
      const column = Math.ceil(x0 + (row + 0.5 - y0) * slope - 0.5);
      keys[found++] = row * (width + 1) + (column < 0 ? 0 : column > width ? width : column);
    }
  }

  function sorted() {
    if (found > FEW) { keys.subarray(0, found).sort(); return; }
    for (let i = 1; i < found; i++) {
      const key = keys[i];
      let at = i - 1;
      for (; at >= 0 && keys[at] > key; at--) keys[at + 1] = keys[at];
      keys[at + 1] = key;
    }
  }

  // Fill one polygon. Later polygons lie over earlier ones where boundaries overlap.
  jingwei.fillCell = function (projected, ids, polygon) {
    const cells = projected.cells;
    const width = projected.view.width;
    const height = projected.view.height;
    found = 0;
    for (let r = cells.refStart[cells.ringStart[polygon]]; r < cells.refStart[cells.ringStart[polygon + 1]]; r++) {
      const arc = cells.refs[r] >> 1;
      projected.arc(arc);
      const x = projected.x;
      const y = projected.y;
      for (let i = cells.arcStart[arc] + 1; i < projected.end[arc]; i++) edge(x[i - 1], y[i - 1], x[i], y[i], width, height);
    }
    sorted();
    for (let i = 0; i + 1 < found; i += 2) {
      const row = Math.floor(keys[i] / (width + 1));
      const from = keys[i] - row;
      const to = keys[i + 1] - row; // row × (width + 1) + column - row = row × width + column
      if (to - from > 16) ids.fill(polygon + 1, from, to);
      else for (let at = from; at < to; at++) ids[at] = polygon + 1;
    }
  };

  jingwei.Projected = Projected;
})();
