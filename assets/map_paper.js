// A canvas that is drawn on seldom and moved often. The browser copies a canvas with a 2D context anew for every frame in which
// anything on the page moves (33 MB at 3840 × 2160); a picture handed over once it only moves. So what is drawn is drawn elsewhere
// and handed over; where the browser cannot do that, the canvas is drawn on directly.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});

  jingwei.handsOver = function () {
    if (typeof OffscreenCanvas === "undefined" || typeof ImageBitmapRenderingContext === "undefined") return false;
    try { return Boolean(new OffscreenCanvas(1, 1).getContext("2d")); } catch (error) { return false; }
  };

  class Paper {
    constructor(canvas) {
      this.canvas = canvas;
      this.elsewhere = jingwei.handsOver();
    }

    // A pen on a clear sheet of this size, in pixels of the screen.
    pen(width, height) {
      if (this.elsewhere && !this.desk) this.desk = new OffscreenCanvas(width, height);
      const drawn = this.desk || this.canvas;
      if (drawn.width !== width || drawn.height !== height) { drawn.width = width; drawn.height = height; }
      const pen = drawn.getContext("2d");
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, width, height);
      return pen;
    }

    // What was drawn is seen from now on.
    show() { if (this.desk) this.lay(this.desk.transferToImageBitmap()); }

    // A picture drawn by a painter.
    lay(picture) {
      const canvas = this.canvas;
      if (canvas.width !== picture.width || canvas.height !== picture.height) { canvas.width = picture.width; canvas.height = picture.height; }
      if (picture.close) canvas.getContext("bitmaprenderer").transferFromImageBitmap(picture);
      else this.pen(picture.width, picture.height).drawImage(picture, 0, 0);
    }

    // Nothing: a canvas without pixels costs nothing to move.
    clear() { this.canvas.width = this.canvas.height = 0; this.desk = null; }
  }

  // Points of a view: a canvas of the window's size in a pane of its own, without pointer events.
  class Overlay extends Paper {
    constructor(map, name, level) {
      const pane = map.createPane(name);
      pane.style.zIndex = level;
      pane.style.pointerEvents = "none";
      super(L.DomUtil.create("canvas", "leaflet-zoom-hide", pane));
      this.canvas.setAttribute("aria-hidden", "true");
      this.map = map;
    }

    // A pen in pixels of the window, its first the map's corner.
    open() {
      const size = this.map.getSize();
      const ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([0, 0]));
      this.canvas.style.width = size.x + "px";
      this.canvas.style.height = size.y + "px";
      const pen = this.pen(Math.round(size.x * ratio), Math.round(size.y * ratio));
      pen.scale(ratio, ratio);
      return pen;
    }
  }

  jingwei.Paper = Paper;
  jingwei.Overlay = Overlay;
})();
