// Draws the base map of a view: two pictures, one below the polygons, one above them, and the names it would have. In slices, as the polygons.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const SLICE = 8; // milliseconds
  const EARTH = 40075016.7; // metres around

  class BasePainter {
    constructor(answer, makeCanvas, toPicture) {
      this.answer = answer;
      this.makeCanvas = makeCanvas;
      this.toPicture = toPicture;
      this.job = 0;
    }

    async take(message) {
      try {
        await this[message.ask](message);
      } catch (error) {
        this.answer({ tell: "failed", why: String(error && error.message || error) }, []);
      }
    }

    async load(message) {
      this.map = this.wanted = null;
      this.job++;
      const answer = await fetch(message.address);
      if (!answer.ok) throw new Error(answer.status + " " + message.address);
      this.map = jingwei.decodeFeatures(await answer.arrayBuffer());
      if (this.wanted) await this.view(this.wanted);
    }

    async view(message) {
      this.wanted = message;
      if (!this.map) return;
      const job = ++this.job;
      const view = Object.assign({}, message.view, { scale: message.view.world / Math.pow(2, this.map.bits) });
      view.metres = EARTH * Math.cos(Math.atan(Math.sinh(Math.PI * (1 - 2 * (view.y + view.height / 2) / view.world)))) / view.world * view.ratio;
      view.seen = view.zoom - Math.log2(view.type); // on a wall the type is larger, and so must be what is named
      const layers = this.inView(view);
      const coats = ["under", "over"].map((coat) => this.coat(coat, view, message.colours[coat]));
      for (const pen of coats) {
        for (const theme of jingwei.baseStyle.order) {
          if (!(await this.theme(job, pen, theme, layers[theme] || [], view))) return;
        }
      }
      const pictures = coats.map((pen) => this.toPicture(pen.canvas));
      this.answer({ tell: "picture", view: message.view, pictures: pictures, names: this.wishes(layers, view) }, pictures.filter(function (p) { return p.close; }));
    }

    coat(name, view, colours) {
      const canvas = this.makeCanvas(view.width, view.height);
      const pen = canvas.getContext("2d");
      pen.lineJoin = pen.lineCap = "round";
      return { name: name, canvas: canvas, pen: pen, colours: colours };
    }

    // theme → the features in view that are drawn at this zoom, the least important first.
    inView(view) {
      const map = this.map;
      const [west, north, east, south] = [view.x, view.y, view.x + view.width, view.y + view.height].map(function (v) { return v / view.scale; });
      const found = {};
      for (let f = 0, at = 0; f < map.n; f++, at += 4) {
        if (map.box[at] > east || map.box[at + 2] < west || map.box[at + 1] > south || map.box[at + 3] < north) continue;
        if (view.seen < jingwei.baseStyle.drawnFrom(map.rank[f])) continue;
        const theme = map.kinds[map.kind[f]].split("/")[0];
        (found[theme] = found[theme] || []).push(f);
      }
      for (const list of Object.values(found)) list.sort(function (a, b) { return map.rank[b] - map.rank[a] || a - b; });
      return found;
    }

    async theme(job, coat, theme, features, view) {
      const colour = coat.colours[theme];
      if (!colour) return true;
      let until = performance.now() + SLICE;
      for (const group of this.groups(features)) {
        const kind = this.map.kinds[this.map.kind[group[0]]].split("/")[1];
        const width = jingwei.baseStyle.width(kind, view.metres) * view.ratio * (coat.name === "over" ? 0.6 : 1);
        coat.pen.beginPath();
        for (const f of group) this.trace(coat.pen, f, view);
        this.ink(coat.pen, theme, group[0], colour, width);
        if (performance.now() > until) {
          await new Promise(function (resolve) { setTimeout(resolve, 0); });
          if (job !== this.job) return false;
          until = performance.now() + SLICE;
        }
      }
      return job === this.job;
    }

    // Features of one kind in handfuls: one path of everything is slow, one of each as well.
    groups(features) {
      const found = [];
      for (const f of features) {
        const last = found[found.length - 1];
        if (last && last.length < 200 && this.map.kind[last[0]] === this.map.kind[f]) last.push(f);
        else found.push([f]);
      }
      return found;
    }

    ink(pen, theme, feature, colour, width) {
      pen.fillStyle = pen.strokeStyle = colour;
      if (this.isArea(feature)) { pen.fill("evenodd"); return; }
      pen.lineWidth = width;
      pen.setLineDash(theme === "rail" ? [width * 5, width * 4] : []);
      pen.stroke();
      pen.setLineDash([]);
    }

    isArea(feature) {
      const map = this.map;
      const first = map.pointStart[map.partStart[feature]], last = map.pointStart[map.partStart[feature] + 1] - 1;
      return last - first > 2 && map.x[first] === map.x[last] && map.y[first] === map.y[last] && !map.kinds[map.kind[feature]].startsWith("road/");
    }

    trace(pen, feature, view) {
      const map = this.map;
      for (let part = map.partStart[feature]; part < map.partStart[feature + 1]; part++) {
        for (let i = map.pointStart[part]; i < map.pointStart[part + 1]; i++) {
          const x = map.x[i] * view.scale - view.x, y = map.y[i] * view.scale - view.y;
          if (i === map.pointStart[part]) pen.moveTo(x, y); else pen.lineTo(x, y);
        }
      }
    }

    // What would be written: every name with its place on this view (assets/names/layer.js).
    wishes(layers, view) {
      const map = this.map;
      const style = jingwei.baseStyle;
      const found = [];
      for (const theme of Object.keys(layers)) {
        for (const f of layers[theme]) {
          const name = map.names[map.name[f]];
          if (!name || view.seen < style.namedFrom(map.rank[f], theme)) continue;
          const label = { name: name, size: style.size(map.rank[f], theme) * view.ratio * view.type, rank: 30 + map.rank[f] + (theme === "road" ? 0 : 0.5) };
          if (this.isArea(f)) found.push(Object.assign(label, { point: [map.anchorX[f] * view.scale - view.x, map.anchorY[f] * view.scale - view.y] }));
          else for (let part = map.partStart[f]; part < map.partStart[f + 1]; part++) found.push(Object.assign({}, label, { line: this.line(part, view) }));
        }
      }
      return found;
    }

    line(part, view) {
      const map = this.map;
      const found = [];
      for (let i = map.pointStart[part]; i < map.pointStart[part + 1]; i++) found.push([map.x[i] * view.scale - view.x, map.y[i] * view.scale - view.y]);
      return found;
    }
  }

  jingwei.BasePainter = BasePainter;
})();
