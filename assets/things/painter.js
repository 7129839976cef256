// Polygons that are only stroked; their names go to assets/names: estates, buildings.
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
      const picture = await this.borders(job, inView, projected, message.line);
      if (!picture) return;
      this.answer({ tell: "picture", view: message.view, pictures: [picture], names: this.wishes(inView, view, message) }, picture.close ? [picture] : []);
    }

    // The names of the polygons with room for them.
    wishes(inView, view, message) {
      const size = 11.5 * view.ratio * message.type;
      const wanted = [];
      for (const polygon of inView) {
        const name = this.names[polygon];
        const wide = (this.shapes.box[polygon * 4 + 2] - this.shapes.box[polygon * 4]) * view.scale;
        if (!name || wide < size * message.line.room) continue;
        const [x, y] = this.shapes.centre(polygon);
        wanted.push({ name: name, size: size, rank: message.line.rank + 1 / (1 + wide), point: [x * view.scale - view.x, y * view.scale - view.y] });
      }
      return wanted;
    }
  }

  jingwei.OutlinePainter = OutlinePainter;
})();
