// The polygon layer of Leaflet: it asks a painter (in a worker where there is one) for the id buffer of a view and does the rest
// in the page: colours, placement in the same task as the new picture, hit test.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const MARGIN = 192; // pixels of the screen around the view, so that a drag shows no edge
  const LEAST_MARGIN = 64; // left on any side, else the next view is drawn
  const MOST_PIXELS = 8.4e6;
  const REST = 150; // milliseconds between two pictures while dragging
  const SNAP = 4; // corners lie on multiples of it, so that a ratio of 1.25 or 1.5 still meets whole pixels

  function canWork() {
    if (typeof Worker === "undefined" || typeof OffscreenCanvas === "undefined" || typeof ImageBitmapRenderingContext === "undefined") return false;
    try { return Boolean(new OffscreenCanvas(1, 1).getContext("2d")); } catch (error) { return false; }
  }

  // A painter in the page, with a worker's manners.
  function hired(hear) {
    const painter = new jingwei.Painter(
      function (message) { hear(message); },
      function (width, height) { return Object.assign(document.createElement("canvas"), { width: width, height: height }); },
      function (canvas) { return canvas; },
    );
    return { postMessage: function (message) { painter.take(message); }, terminate: function () { painter.job++; } };
  }

  const Cells = L.Layer.extend({
    // heard: { ready(), failed(why), fallback() }
    initialize: function (heard) {
      this.heard = heard;
      this.questions = {};
      this.asked = 0;
      this.n = 0;
    },

    onAdd: function (map) {
      const pane = map.getPane("polygons") || map.createPane("polygons");
      pane.style.zIndex = 350;
      pane.style.pointerEvents = "none";
      this.inWorker = canWork();
      this.fills = L.DomUtil.create("canvas", "cells-fill leaflet-zoom-animated", pane);
      this.lines = L.DomUtil.create("canvas", "cells-lines leaflet-zoom-animated", pane);
      this.linesPen = this.lines.getContext(this.inWorker ? "bitmaprenderer" : "2d");
      this.fillsPen = this.fills.getContext("2d");
      this.show(false);
    },

    onRemove: function () {
      if (this.worker) this.worker.terminate();
      this.worker = this.picture = this.ids = this.image = null;
      for (const canvas of [this.fills, this.lines]) { canvas.width = canvas.height = 0; canvas.remove(); }
    },

    getEvents: function () {
      return { zoom: this.place, viewreset: this.place, zoomanim: this.animate, move: this.follow, moveend: this.ask, resize: this.ask };
    },

    show: function (seen) {
      this.fills.style.visibility = seen ? "" : "hidden";
      this.lines.style.visibility = seen && this.lined ? "" : "hidden";
    },

    // what: { address, worker, values: Uint8Array, colours: [...], hatch: { ground, line }, line: { colour, width } }
    set: function (what) {
      const before = this.what;
      this.what = what;
      if (!what.address) { this.picture = null; this.show(false); this.heard.ready(); return; }
      if (!this.worker) this.start(what.worker);
      if (!before || before.address !== what.address) {
        this.worker.postMessage({ ask: "load", address: what.address });
        this.ask(true);
      } else {
        if (before.line.colour !== what.line.colour) this.ask(true); // the worker strokes the borders
        if (this.picture && this.picture.address === what.address) this.colour();
      }
    },

    start: function (script) {
      const hear = (message) => { if (this.worker) this.hear(message); };
      if (this.inWorker) {
        try {
          this.worker = new Worker(script);
          this.worker.onmessage = function (event) { hear(event.data); };
          this.worker.onerror = (event) => this.heard.failed(event.message || "worker");
          return;
        } catch (error) { this.heard.failed(String(error)); }
      }
      this.worker = hired(hear);
      this.heard.fallback();
    },

    hear: function (message) {
      if (message.tell === "picture") this.receive(message);
      else if (message.tell === "failed") this.heard.failed(message.why);
      else if (message.tell === "loaded") this.n = message.n;
      else if (this.questions[message.question]) {
        this.questions[message.question](message);
        delete this.questions[message.question];
      }
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

    // The view with its margin, in whole pixels of the world at this zoom.
    wanted: function () {
      const size = this._map.getSize();
      let ratio = window.devicePixelRatio || 1;
      if (size.x * size.y * ratio * ratio > MOST_PIXELS) ratio = Math.sqrt(MOST_PIXELS / (size.x * size.y));
      let margin = MARGIN;
      while (margin > 0 && (size.x + 2 * margin) * (size.y + 2 * margin) * ratio * ratio > MOST_PIXELS) margin -= 16;
      const corner = this._map.getPixelOrigin().add(this._map.containerPointToLayerPoint([0, 0]));
      const west = Math.floor((corner.x - margin) / SNAP) * SNAP;
      const north = Math.floor((corner.y - margin) / SNAP) * SNAP;
      const east = west + Math.ceil((size.x + 2 * margin) / SNAP + 1) * SNAP; // one size for every place: buffers are used again
      const south = north + Math.ceil((size.y + 2 * margin) / SNAP + 1) * SNAP;
      const zoom = this._map.getZoom();
      return { zoom: zoom, west: west, north: north, east: east, south: south, ratio: ratio, world: 256 * Math.pow(2, zoom) * ratio,
        x: Math.round(west * ratio), y: Math.round(north * ratio),
        width: Math.round((east - west) * ratio), height: Math.round((south - north) * ratio) };
    },

    // How many pixels of a picture lie beyond the view on its nearest side; negative where the view sticks out.
    spare: function (view) {
      if (!view || view.zoom !== this._map.getZoom()) return -Infinity;
      const corner = this._map.getPixelOrigin().add(this._map.containerPointToLayerPoint([0, 0]));
      const size = this._map.getSize();
      return Math.min(corner.x - view.west, corner.y - view.north, view.east - corner.x - size.x, view.south - corner.y - size.y);
    },

    ask: function (anew) {
      if (!this.what || !this.what.address || !this._map.getSize().x) return;
      const wanted = this.wanted();
      const least = Math.min(LEAST_MARGIN, Math.max(0, this.spare(wanted)));
      if (anew !== true && this.spare(this.pending) >= least && this.pending.ratio === wanted.ratio) return;
      this.pending = wanted;
      this.settled(false);
      this.worker.postMessage({ ask: "view", view: wanted, line: this.what.line });
    },

    // While dragging: only when the picture no longer covers the view, and none is on its way that would.
    follow: function () {
      const rested = performance.now() - (this.received || 0) > REST;
      if (rested && !this._map._animatingZoom && this.spare(this.pending) < 0 && !this.waiting) this.ask(true);
    },

    settled: function (yes) {
      this.waiting = !yes;
      this._map.getContainer().dataset.picture = yes ? "there" : "coming";
    },

    receive: function (message) {
      if (!this.what || message.address !== this.what.address) return;
      if (this.ids) this.worker.postMessage({ ask: "reuse", ids: this.ids.buffer }, [this.ids.buffer]);
      this.ids = new Int32Array(message.ids);
      this.picture = Object.assign(message.view, { address: message.address });
      this.took = message.took;
      this.received = performance.now();
      this.size(this.fills);
      if (!this.image || this.image.width !== this.picture.width || this.image.height !== this.picture.height) {
        this.image = new ImageData(this.picture.width, this.picture.height);
        this.pixels = new Int32Array(this.image.data.buffer);
      }
      this.lined = Boolean(message.borders);
      this.border(message.borders);
      this.colour();
      this.place();
      this.show(true);
      this.settled(message.view.zoom === this.pending.zoom && message.view.x === this.pending.x && message.view.y === this.pending.y);
      this.heard.ready();
    },

    border: function (picture) {
      if (!picture) return;
      this.size(this.lines);
      if (this.inWorker) this.linesPen.transferFromImageBitmap(picture);
      else this.linesPen.drawImage(picture, 0, 0);
    },

    size: function (canvas) {
      const view = this.picture;
      if (canvas.width !== view.width || canvas.height !== view.height) { canvas.width = view.width; canvas.height = view.height; }
      else if (canvas === this.lines && !this.inWorker) this.linesPen.clearRect(0, 0, view.width, view.height);
      canvas.style.width = (view.east - view.west) + "px";
      canvas.style.height = (view.south - view.north) + "px";
    },

    // A tick: the same pixels in other colours.
    colour: function () {
      if (!this.picture) return;
      const table = jingwei.lookUp(this.n, this.what.values, this.what.colours);
      jingwei.colourPixels(this.ids, this.pixels, this.picture, table, this.what.hatch);
      this.fillsPen.putImageData(this.image, 0, 0);
    },

    // The picture where it belongs, enlarged while the next zoom's is being drawn.
    place: function () {
      if (this.picture) this.put(this._map.getZoom(), this._map.getPixelOrigin());
    },

    animate: function (event) {
      if (this.picture) this.put(event.zoom, this._map._getNewPixelOrigin(event.center, event.zoom));
    },

    put: function (zoom, origin) {
      const scale = this._map.getZoomScale(zoom, this.picture.zoom);
      const at = L.point(this.picture.west, this.picture.north).multiplyBy(scale).subtract(origin);
      for (const canvas of [this.fills, this.lines]) L.DomUtil.setTransform(canvas, at, scale);
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

  jingwei.Cells = Cells;
})();
