// Writes the names of all layers of a view in one placement, so that none lies over another whatever layer it belongs to.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});

  class NamePainter {
    constructor(answer, makeCanvas, toPicture) {
      this.answer = answer;
      this.makeCanvas = makeCanvas;
      this.toPicture = toPicture;
    }

    take(message) {
      try {
        this.view(message);
      } catch (error) {
        this.answer({ tell: "failed", why: String(error && error.message || error) }, []);
      }
    }

    // wanted: labels as jingwei.placeLabels takes them; those with `strong` are of what the map is about, the others its ground.
    view(message) {
      const view = message.view;
      const glyphs = jingwei.placeLabels(message.wanted, view.width, view.height);
      const canvas = this.makeCanvas(view.width, view.height);
      this.write(canvas.getContext("2d"), glyphs, message);
      const picture = this.toPicture(canvas);
      this.answer({ tell: "picture", view: view, pictures: [picture], n: glyphs.length }, picture.close ? [picture] : []);
    }

    write(pen, glyphs, message) {
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.lineJoin = "round";
      pen.lineWidth = 3 * message.view.ratio;
      pen.strokeStyle = message.colours.halo;
      for (const [text, x, y, turn, size, strong] of glyphs) {
        pen.setTransform(Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), x, y);
        pen.font = (strong ? "600 " : "500 ") + size + "px " + message.font;
        pen.fillStyle = strong ? message.colours.strong : message.colours.text;
        pen.strokeText(text, 0, 0);
        pen.fillText(text, 0, 0);
      }
    }
  }

  jingwei.NamePainter = NamePainter;
})();
