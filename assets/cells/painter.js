// The slow half of the layer: it holds the polygons, fills the id buffer and strokes the borders of a view. In slices, so that
// a newer view ends an older one and a question is answered in between. In a worker where there is one, else in the page.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const SLICE = 8; // milliseconds
  const MOST_NAMED = 3000; // polygons in view
  const LEAST_NAMED = 36; // pixels of the screen a polygon must be wide
  const ARCS_A_STROKE = 400; // one path of all arcs takes far longer than many of some

  // Lets waiting messages in; a timer would wait four milliseconds.
  function turn() {
    return new Promise(function (resolve) {
      const channel = new MessageChannel();
      channel.port1.onmessage = function () { channel.port1.close(); resolve(); };
      channel.port2.postMessage(null);
    });
  }

  // The middle and the length of the longest stretch of a row that is all one polygon's.
  function longestRun(ids, row, west, east, id) {
    let [middle, longest, from] = [0, 0, -1];
    for (let x = west; x <= east; x++) {
      const own = x < east && ids[row + x] === id;
      if (own && from < 0) from = x;
      if (!own && from >= 0) {
        if (x - from > longest) { longest = x - from; middle = (x + from) / 2; }
        from = -1;
      }
    }
    return [middle, longest];
  }

  class Painter {
    // answer(message, transferred); makeCanvas(width, height); toPicture(canvas) → what the page can show.
    constructor(answer, makeCanvas, toPicture) {
      this.answer = answer;
      this.makeCanvas = makeCanvas;
      this.toPicture = toPicture;
      this.spare = [];
      this.job = 0; // the view being drawn; a newer one has a higher number
    }

    async take(message) {
      try {
        await this[message.ask](message);
      } catch (error) {
        this.answer({ tell: "failed", why: String(error && error.message || error), address: message.address }, []);
      }
    }

    async load(message) {
      this.shapes = null; // the view asked for next is drawn when the polygons are there
      this.wanted = this.projected = null;
      this.address = message.address;
      this.job++;
      const answer = await fetch(message.address);
      if (!answer.ok) throw new Error(answer.status + " " + message.address);
      const buffer = await answer.arrayBuffer();
      if (this.address !== message.address) return;
      this.shapes = new jingwei.Shapes(jingwei.decodeCells(buffer));
      this.answer({ tell: "loaded", address: message.address, n: this.shapes.n }, []);
      if (this.wanted) await this.view(this.wanted);
    }

    // A buffer the page no longer needs.
    reuse(message) { this.spare.push(message.ids); }

    async view(message) {
      this.wanted = message;
      if (!this.shapes) return;
      const job = ++this.job;
      const began = performance.now();
      const view = Object.assign({}, message.view, { scale: message.view.world / Math.pow(2, this.shapes.cells.bits) });
      const inView = this.shapes.inside(view.x / view.scale, view.y / view.scale,
        (view.x + view.width) / view.scale, (view.y + view.height) / view.scale);
      const projected = (this.projected = new jingwei.Projected(this.shapes.cells, view, this.projected));
      const ids = this.buffer(view.width * view.height);
      if (!(await this.slices(job, inView, function (polygon) { jingwei.fillCell(projected, ids, polygon); }))) {
        this.spare.push(ids.buffer);
        return;
      }
      const filled = performance.now();
      const borders = this.large(inView, view) ? await this.borders(job, inView, projected, message.line) : null;
      if (job !== this.job) return;
      const spots = this.spots(inView, view, ids);
      this.answer({ tell: "picture", address: this.address, view: view, ids: ids.buffer, borders: borders, spots: spots,
        took: [filled - began, performance.now() - filled] }, [ids.buffer].concat(borders && borders.close ? [borders] : []));
    }

    // Every item in turn; false when a newer view has come meanwhile.
    async slices(job, items, work) {
      let until = performance.now() + SLICE;
      for (let i = 0; i < items.length; i++) {
        work(items[i]);
        if ((i & 31) === 31 && performance.now() > until) {
          await turn();
          if (job !== this.job) return false;
          until = performance.now() + SLICE;
        }
      }
      return job === this.job;
    }

    buffer(size) {
      const found = this.spare.find(function (ids) { return ids.byteLength === size * 4; });
      this.spare = [];
      return found ? new Int32Array(found).fill(0) : new Int32Array(size);
    }

    // Borders wash the colours out where cells are small: their mean side must be 8 pixels of the screen or more.
    large(inView, view) {
      let area = 0;
      const box = this.shapes.box;
      for (const p of inView) area += (box[p * 4 + 2] - box[p * 4]) * (box[p * 4 + 3] - box[p * 4 + 1]);
      return inView.length > 0 && Math.sqrt(area / inView.length) * view.scale >= 8 * view.ratio;
    }

    // more(pen): what else goes onto the picture.
    async borders(job, inView, projected, line, more) {
      const view = projected.view;
      const canvas = this.makeCanvas(view.width, view.height);
      const pen = canvas.getContext("2d");
      pen.strokeStyle = line.colour;
      pen.lineWidth = line.width * view.ratio;
      pen.lineJoin = "round";
      const arcs = this.arcsOf(inView, view);
      const groups = [];
      for (let i = 0; i < arcs.length; i += ARCS_A_STROKE) groups.push(arcs.slice(i, i + ARCS_A_STROKE));
      let until = performance.now() + SLICE;
      for (const group of groups) {
        pen.beginPath();
        for (const arc of group) this.trace(pen, projected, arc);
        pen.stroke();
        if (performance.now() > until) {
          await turn();
          if (job !== this.job) return null;
          until = performance.now() + SLICE;
        }
      }
      if (more) more(pen);
      return this.toPicture(canvas);
    }

    // Where a name can stand in each polygon: [[polygon, x, y, pixels there are], …], the middle of the longest of three rows of its
    // pixels. None where polygons are too many to be named or too small.
    spots(inView, view, ids) {
      const found = [];
      if (inView.length > MOST_NAMED) return found;
      const box = this.shapes.box;
      for (const polygon of inView) {
        const west = Math.max(0, Math.floor(box[polygon * 4] * view.scale - view.x));
        const east = Math.min(view.width, Math.ceil(box[polygon * 4 + 2] * view.scale - view.x));
        const north = box[polygon * 4 + 1] * view.scale - view.y, south = box[polygon * 4 + 3] * view.scale - view.y;
        if (east - west < LEAST_NAMED * view.ratio || south - north < LEAST_NAMED / 2 * view.ratio) continue;
        let best = [0, 0, 0];
        for (const share of [0.5, 0.4, 0.6]) {
          const y = Math.floor(north + (south - north) * share);
          if (y < 0 || y >= view.height) continue;
          const [middle, length] = longestRun(ids, y * view.width, west, east, polygon + 1);
          if (length > best[2] * 1.2) best = [middle, y, length];
        }
        if (best[2]) found.push([polygon, ...best]);
      }
      return found;
    }

    // The arcs of these polygons that meet the view, each once.
    arcsOf(inView, view) {
      const seen = new Uint8Array(this.shapes.cells.arcStart.length);
      const box = this.shapes.arcBox;
      const [west, north] = [view.x / view.scale, view.y / view.scale];
      const [east, south] = [(view.x + view.width) / view.scale, (view.y + view.height) / view.scale];
      const found = [];
      for (const polygon of inView) {
        for (const ref of this.shapes.refs(polygon)) {
          const arc = ref >> 1;
          if (seen[arc]) continue;
          seen[arc] = 1;
          const at = arc * 4;
          if (box[at] <= east && box[at + 2] >= west && box[at + 1] <= south && box[at + 3] >= north) found.push(arc);
        }
      }
      return found;
    }

    trace(pen, projected, arc) {
      const first = projected.cells.arcStart[arc];
      pen.moveTo(projected.x[first], projected.y[first]);
      for (let i = first + 1; i < projected.end[arc]; i++) pen.lineTo(projected.x[i], projected.y[i]);
    }

    outline(message) {
      const there = this.shapes && message.polygon >= 0 && message.polygon < this.shapes.n;
      this.answer({ tell: "outline", question: message.question, bits: there ? this.shapes.cells.bits : 0,
        rings: there ? this.shapes.rings(message.polygon) : [] }, []);
    }

    neighbour(message) {
      const found = this.shapes ? this.shapes.towards(message.polygon, message.dx, message.dy) : -1;
      this.answer({ tell: "neighbour", question: message.question, polygon: found }, []);
    }
  }

  jingwei.Painter = Painter;
})();
