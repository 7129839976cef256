// A sheet on the map: canvases whose picture a painter (in a worker where there is one) draws for a view somewhat larger than the
// window, placed in the same task as the new picture comes. While the map moves or zooms the old picture moves with it.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const MARGIN = 192; // pixels of the screen around the view, so that a drag shows no edge
  const LEAST_MARGIN = 64; // left on any side, else the next view is drawn
  const MOST_PIXELS = 8.4e6;
  const REST = 150; // milliseconds between two pictures while dragging
  const SNAP = 4; // corners lie on multiples of it, so that a ratio of 1.25 or 1.5 still meets whole pixels

  function canWork() { return typeof Worker !== "undefined" && jingwei.handsOver(); }

  // A painter in the page, with a worker's manners.
  function hired(kind, hear) {
    const painter = new jingwei[kind](
      function (message) { hear(message); },
      function (width, height) { return Object.assign(document.createElement("canvas"), { width: width, height: height }); },
      function (canvas) { return canvas; },
    );
    return { postMessage: function (message) { painter.take(message); }, terminate: function () { painter.job++; } };
  }

  // What a layer gives: painter (its name), pane, level (z-index), sheets (class names), receive(message), wish() → what a view is
  // asked with besides where, or null where there is nothing to draw.
  const Sheet = L.Layer.extend({
    // heard: { failed(why), fallback(), settled(yes) }
    initialize: function (heard) { this.heard = heard; },

    onAdd: function (map) {
      const pane = map.getPane(this.pane) || map.createPane(this.pane);
      pane.style.zIndex = this.level;
      pane.style.pointerEvents = "none";
      this.inWorker = canWork();
      this.canvases = this.sheets.map(function (name) { return L.DomUtil.create("canvas", "sheet leaflet-zoom-animated " + name, pane); });
      this.papers = this.canvases.map(function (canvas) { return new jingwei.Paper(canvas); });
      this.begin();
    },

    begin: function () {},

    onRemove: function () {
      if (this.worker) this.worker.terminate();
      this.worker = this.picture = null;
      for (const paper of this.papers) { paper.clear(); paper.canvas.remove(); }
    },

    getEvents: function () {
      return { zoom: this.place, viewreset: this.place, zoomanim: this.animate, move: this.follow, moveend: this.ask, resize: this.ask };
    },

    start: function (script) {
      if (this.worker) return;
      const hear = (message) => { if (this.worker) this.hear(message); };
      if (this.inWorker) {
        try {
          this.worker = new Worker(script, { name: this.painter });
          this.worker.onmessage = function (event) { hear(event.data); };
          this.worker.onerror = (event) => this.heard.failed(event.message || "worker");
          return;
        } catch (error) { this.heard.failed(String(error)); }
      }
      this.worker = hired(this.painter, hear);
      this.heard.fallback();
    },

    hear: function (message) {
      if (message.tell === "failed") this.heard.failed(message.why);
      else if (message.tell === "picture") {
        this.received = performance.now();
        this.receive(message);
      }
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
      const wish = this.wish();
      if (!wish || !this.worker || !this._map.getSize().x) return;
      const wanted = this.wanted();
      const least = Math.min(LEAST_MARGIN, Math.max(0, this.spare(wanted)));
      if (anew !== true && this.spare(this.pending) >= least && this.pending.ratio === wanted.ratio) return;
      this.pending = wanted;
      this.settled(false);
      this.worker.postMessage(Object.assign({ ask: "view", view: wanted }, wish));
    },

    // While dragging: only when the picture no longer covers the view, and none is on its way that would.
    follow: function () {
      const rested = performance.now() - (this.received || 0) > REST;
      if (rested && !this._map._animatingZoom && this.spare(this.pending) < 0 && !this.waiting) this.ask(true);
    },

    settled: function (yes) {
      this.waiting = !yes;
      this.heard.settled(yes);
    },

    // Whether a picture is of the view last asked for.
    newest: function (view) { return view.zoom === this.pending.zoom && view.x === this.pending.x && view.y === this.pending.y; },

    // The size of a sheet's canvas in the window.
    size: function (canvas, view) {
      canvas.style.width = (view.east - view.west) + "px";
      canvas.style.height = (view.south - view.north) + "px";
    },

    // A painter's picture, on the sheet of this number.
    lay: function (number, picture, view) {
      this.size(this.canvases[number], view);
      this.papers[number].lay(picture);
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
      for (const canvas of this.canvases) L.DomUtil.setTransform(canvas, at, scale);
    },
  });

  jingwei.Sheet = Sheet;
})();
