// What can be asked of decoded polygons besides filling: their boxes, outlines, neighbours, which one is nearest.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});

  class Shapes {
    constructor(cells) {
      this.cells = cells;
      this.n = cells.n;
      const arcs = cells.arcStart.length - 1;
      this.arcBox = new Int32Array(arcs * 4);
      for (let a = 0; a < arcs; a++) this.boxOfArc(a);
      this.box = new Int32Array(cells.n * 4); // west, north, east, south; east < west where there is no ring
      for (let p = 0; p < cells.n; p++) this.boxOfPolygon(p);
    }

    refs(polygon) {
      const cells = this.cells;
      return cells.refs.subarray(cells.refStart[cells.ringStart[polygon]], cells.refStart[cells.ringStart[polygon + 1]]);
    }

    boxOfArc(arc) {
      const { x, y, arcStart } = this.cells;
      let west = x[arcStart[arc]], north = y[arcStart[arc]], east = west, south = north;
      for (let i = arcStart[arc] + 1; i < arcStart[arc + 1]; i++) {
        if (x[i] < west) west = x[i]; else if (x[i] > east) east = x[i];
        if (y[i] < north) north = y[i]; else if (y[i] > south) south = y[i];
      }
      this.arcBox[arc * 4] = west; this.arcBox[arc * 4 + 1] = north; this.arcBox[arc * 4 + 2] = east; this.arcBox[arc * 4 + 3] = south;
    }

    boxOfPolygon(polygon) {
      let west = 0x7fffffff, north = 0x7fffffff, east = -0x80000000, south = -0x80000000;
      const box = this.arcBox;
      for (const ref of this.refs(polygon)) {
        const at = (ref >> 1) * 4;
        west = Math.min(west, box[at]); north = Math.min(north, box[at + 1]);
        east = Math.max(east, box[at + 2]); south = Math.max(south, box[at + 3]);
      }
      this.box.set([west, north, east, south], polygon * 4);
    }

    // The polygons whose boxes meet a window of steps.
    inside(west, north, east, south) {
      const found = [];
      const box = this.box;
      for (let p = 0, at = 0; p < this.n; p++, at += 4) {
        if (box[at] <= east && box[at + 2] >= west && box[at + 1] <= south && box[at + 3] >= north) found.push(p);
      }
      return found;
    }

    // The rings of a polygon as [[x, y], …] in steps.
    rings(polygon) {
      const cells = this.cells;
      const rings = [];
      for (let ring = cells.ringStart[polygon]; ring < cells.ringStart[polygon + 1]; ring++) {
        const points = [];
        for (let r = cells.refStart[ring]; r < cells.refStart[ring + 1]; r++) {
          const arc = cells.refs[r] >> 1;
          const back = cells.refs[r] & 1;
          const first = cells.arcStart[arc];
          const last = cells.arcStart[arc + 1] - 1;
          for (let i = 0; i < last - first; i++) { // the last point begins the next arc
            const at = back ? last - i : first + i;
            points.push([cells.x[at], cells.y[at]]);
          }
        }
        rings.push(points);
      }
      return rings;
    }

    centre(polygon) {
      const at = polygon * 4;
      return [(this.box[at] + this.box[at + 2]) / 2, (this.box[at + 1] + this.box[at + 3]) / 2];
    }

    // Polygon → those it shares an arc with.
    neighbours(polygon) {
      if (!this.owners) this.findOwners();
      const found = new Set();
      for (const ref of this.refs(polygon)) for (const owner of [this.owners[ref & ~1], this.owners[ref | 1]]) if (owner > 0) found.add(owner - 1);
      found.delete(polygon);
      return [...found];
    }

    findOwners() {
      this.owners = new Uint32Array((this.cells.arcStart.length - 1) * 2); // two an arc: polygon + 1
      for (let p = 0; p < this.n; p++) {
        for (const ref of this.refs(p)) {
          const at = ref & ~1;
          if (!this.owners[at]) this.owners[at] = p + 1;
          else if (this.owners[at] !== p + 1) this.owners[at + 1] = p + 1;
        }
      }
    }

    // The neighbour that lies most in a direction; where none does, the nearest polygon that does; else -1.
    towards(polygon, dx, dy) {
      const best = this.best(polygon, dx, dy, this.neighbours(polygon), 0);
      if (best >= 0) return best;
      return this.best(polygon, dx, dy, null, 1);
    }

    best(polygon, dx, dy, among, byDistance) {
      const [x, y] = this.centre(polygon);
      let best = -1;
      let least = Infinity;
      const n = among ? among.length : this.n;
      for (let i = 0; i < n; i++) {
        const other = among ? among[i] : i;
        if (other === polygon || this.box[other * 4 + 2] < this.box[other * 4]) continue;
        const [ox, oy] = this.centre(other);
        const along = (ox - x) * dx + (oy - y) * dy;
        const across = Math.abs((ox - x) * dy - (oy - y) * dx);
        if (along <= 0 || across > along) continue; // within 45° of the direction
        const cost = byDistance ? along + across : across / along;
        if (cost < least) { least = cost; best = other; }
      }
      return best;
    }
  }

  jingwei.Shapes = Shapes;
})();
