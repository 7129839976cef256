// The polygon layer: the painter gives the id buffer of a view and its borders; the page does the rest: colours, hit test.
// It stands on assets/map_sheet.js; Dash loads the root's files before the folders'.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});

  jingwei.Cells = jingwei.Sheet.extend({
    painter: "Painter",
    pane: "polygons",
    level: 350,
    sheets: ["cells-fill", "cells-lines"],

    begin: function () {
      [this.fills, this.lines] = this.canvases;
      this.questions = {};
      this.asked = 0;
      this.n = 0;
      this.show(false);
    },

    onRemove: function () {
      jingwei.Sheet.prototype.onRemove.call(this);
      this.ids = this.image = this.pixels = null;
    },

    show: function (seen) {
      this.fills.style.visibility = seen ? "" : "hidden";
      this.lines.style.visibility = seen && this.lined ? "" : "hidden";
    },

    wish: function () { return this.what && this.what.address ? { line: this.what.line } : null; },

    // what: { address, worker, values: Uint8Array, colours: [...], hatch: { ground, line }, line: { colour, width } }
    set: function (what) {
      const before = this.what;
      this.what = what;
      if (!what.address) { this.picture = null; this.show(false); this.heard.settled(true); return; }
      this.start(what.worker);
      if (!before || before.address !== what.address) {
        this.worker.postMessage({ ask: "load", address: what.address });
        this.ask(true);
      } else {
        if (before.line.colour !== what.line.colour) this.ask(true); // the worker strokes the borders
        if (this.picture && this.picture.address === what.address) this.colour();
      }
    },

    hear: function (message) {
      if (message.tell === "loaded") this.n = message.n;
      else if (this.questions[message.question]) {
        this.questions[message.question](message);
        delete this.questions[message.question];
      } else jingwei.Sheet.prototype.hear.call(this, message);
    },

    // A question to the painter; the answer comes within a slice.
    question: function (what) {
      return new Promise((resolve) => {
        if (!this.worker) return;
        const number = ++this.asked;
        this.questions[number] = resolve;
        this.worker.postMessage(Object.assign({ question: number }, what));
      });
    },

    receive: function (message) {
      if (!this.what || message.address !== this.what.address) return;
      if (this.ids) this.worker.postMessage({ ask: "reuse", ids: this.ids.buffer }, [this.ids.buffer]);
      this.ids = new Int32Array(message.ids);
      this.picture = Object.assign(message.view, { address: message.address });
      this.took = message.took;
      this.spots = message.spots;
      this.size(this.fills, this.picture);
      if (!this.image || this.image.width !== this.picture.width || this.image.height !== this.picture.height) {
        this.image = new ImageData(this.picture.width, this.picture.height);
        this.pixels = new Int32Array(this.image.data.buffer);
      }
      this.lined = Boolean(message.borders);
      if (this.lined) this.lay(1, message.borders, this.picture);
      else this.papers[1].clear();
      this.colour();
      this.place();
      this.show(true);
      this.heard.places();
      this.settled(this.newest(message.view));
      this.heard.ready();
    },

    // A tick: the same pixels in other colours.
    colour: function () {
      if (!this.picture) return;
      const table = jingwei.lookUp(this.n, this.what.values, this.what.colours);
      jingwei.colourPixels(this.ids, this.pixels, this.picture, table, this.what.hatch);
      this.papers[0].pen(this.picture.width, this.picture.height).putImageData(this.image, 0, 0);
      this.papers[0].show();
    },

    // The polygon at a point of the map's box, -1 where there is none.
    at: function (point) {
      const view = this.picture;
      if (!view || view.zoom !== this._map.getZoom() || view.address !== this.what.address) return -1;
      const world = this._map.getPixelOrigin().add(this._map.containerPointToLayerPoint(point));
      const x = Math.floor((world.x - view.west) * view.ratio);
      const y = Math.floor((world.y - view.north) * view.ratio);
      if (x < 0 || y < 0 || x >= view.width || y >= view.height) return -1;
      return this.ids[y * view.width + x] - 1;
    },

    // The rings of a polygon as [[lat, lng], …].
    outline: async function (polygon) {
      const found = await this.question({ ask: "outline", polygon: polygon });
      const world = Math.pow(2, found.bits);
      return found.rings.map(function (ring) {
        return ring.map(function (p) {
          return [Math.atan(Math.sinh(Math.PI * (1 - 2 * p[1] / world))) * 180 / Math.PI, p[0] / world * 360 - 180];
        });
      });
    },

    neighbour: async function (polygon, dx, dy) {
      return (await this.question({ ask: "neighbour", polygon: polygon, dx: dx, dy: dy })).polygon;
    },
  });
})();
