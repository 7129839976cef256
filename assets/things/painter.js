// Polygons that are only stroked, with their names where there is room: estates, buildings.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});

  class OutlinePainter extends jingwei.Painter {
    async load(message) {
      this.names = [];
      if (message.names) fetch(message.names).then((answer) => answer.json()).then((found) => {
        if (this.address !== message.address) return;
        this.names = found.names;
        if (this.wanted) this.take(this.wanted);
      });
      await super.load(message);
    }

    async view(message) {
      this.wanted = message;
      if (!this.shapes) return;
      const job = ++this.job;
      const view = Object.assign({}, message.view, { scale: message.view.world / Math.pow(2, this.shapes.cells.bits) });
      const inView = this.shapes.inside(view.x / view.scale, view.y / view.scale, (view.x + view.width) / view.scale, (view.y + view.height) / view.scale);
      const projected = (this.projected = new jingwei.Projected(this.shapes.cells, view, this.projected));
      for (const polygon of inView) for (const ref of this.shapes.refs(polygon)) projected.arc(ref >> 1);
      const picture = await this.borders(job, inView, projected, message.line, (pen) => this.write(pen, inView, view, message));
      if (!picture) return;
      this.answer({ tell: "picture", view: message.view, pictures: [picture] }, picture.close ? [picture] : []);
    }

    write(pen, inView, view, message) {
      const size = 11.5 * view.ratio * message.type;
      const wanted = [];
      for (const polygon of inView) {
        const name = this.names[polygon];
        const wide = (this.shapes.box[polygon * 4 + 2] - this.shapes.box[polygon * 4]) * view.scale;
        if (!name || wide < size * message.line.room) continue; // no room for a name
        const [x, y] = this.shapes.centre(polygon);
        wanted.push({ name: name, size: size, rank: -wide, point: [x * view.scale - view.x, y * view.scale - view.y] });
      }
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.font = "500 " + size + "px " + message.font;
      pen.lineWidth = 3 * view.ratio;
      pen.strokeStyle = message.line.halo;
      pen.fillStyle = message.line.text;
      for (const [text, x, y] of jingwei.placeLabels(wanted, view.width, view.height)) {
        pen.strokeText(text, x, y);
        pen.fillText(text, x, y);
      }
    }
  }

  jingwei.OutlinePainter = OutlinePainter;
})();
