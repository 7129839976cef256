// Where the maps stand: one, two beside one another or under a curtain, or many small ones. Two maps move together.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const heat = (jingwei.heat = jingwei.heat || {});
  const STEP = 2; // per cent an arrow moves the curtain

  heat.Stage = class {
    constructor(element, page) {
      this.element = element;
      this.page = page;
      this.maps = [];
      this.curtain = 50;
      this.retheme = () => { for (const map of this.maps) map.hexagons.draw(); if (this.small) this.small.draw(); };
      window.addEventListener("jingwei:theme", this.retheme);
    }

    end() {
      window.removeEventListener("jingwei:theme", this.retheme);
      for (const map of this.maps) map.end();
      this.maps = [];
      if (this.small) this.small.end();
    }

    show(found) {
      const form = found.cells ? "small" : found.maps.length > 1 ? found.view : "one";
      if (form !== this.form) this.build(form, found.maps.length);
      if (found.cells) { this.small.show(found); return; }
      this.maps.forEach((map, i) => {
        map.show(found.maps[i]);
        if (this.names[i]) this.names[i].textContent = found.maps[i].title + " · " + found.maps[i].subtitle;
        map.hexagons.on(found.lens === "hexagons");
      });
    }

    build(form, n) {
      const make = jingwei.desk.make;
      for (const map of this.maps) map.end();
      if (this.small) this.small.end();
      Object.assign(this, { form: form, maps: [], names: [], small: null });
      this.element.className = "heat-stage is-" + form;
      if (form === "small") {
        this.element.replaceChildren();
        this.small = new heat.Small(this.element, this.page);
        return;
      }
      const boxes = Array.from({ length: n }, () => make("div", { class: "heat-canvas" }));
      const frames = boxes.map((box, i) => {
        const name = this.names[i] = n > 1 ? make("div", { class: "heat-name" }) : null;
        return make("div", { class: "heat-frame" }, box, name);
      });
      this.element.replaceChildren(...frames);
      this.maps = boxes.map((box) => heat.map(box, this.page, (map, polygon) => {
        const code = map.names.codes[polygon];
        if (code !== undefined && map.values[polygon] !== 253) this.page.down(code);
      }));
      this.maps[0].named = () => this.page.side.list();
      if (n > 1) this.couple();
      if (form === "swipe") this.element.append(this.handle(frames[1]));
    }

    // Whichever map moves, the other follows.
    couple() {
      const [first, second] = this.maps;
      let busy = false;
      const follow = function (leader, other) {
        leader.map.on("move zoom", function () {
          if (busy || !other.map.getSize().x) return;
          busy = true;
          other.moved = true;
          other.map.setView(leader.map.getCenter(), leader.map.getZoom(), { animate: false });
          busy = false;
        });
      };
      follow(first, second);
      follow(second, first);
    }

    handle(frame) {
      const make = jingwei.desk.make;
      const place = () => {
        frame.style.clipPath = "inset(0 0 0 " + this.curtain + "%)";
        bar.style.left = this.curtain + "%";
        bar.setAttribute("aria-valuenow", Math.round(this.curtain));
      };
      const go = (to) => { this.curtain = Math.max(2, Math.min(98, to)); place(); };
      const bar = make("div", { class: "heat-handle", role: "slider", tabindex: "0", "aria-label": this.page.words.handle, "aria-valuemin": 0, "aria-valuemax": 100,
        onkeydown: (event) => {
          const step = { ArrowLeft: -STEP, ArrowRight: STEP, PageDown: -5 * STEP, PageUp: 5 * STEP }[event.key];
          if (step) go(this.curtain + step);
          else if (event.key === "Home") go(0);
          else if (event.key === "End") go(100);
          else return;
          event.preventDefault();
        },
        onpointerdown: (event) => { event.preventDefault(); bar.focus(); bar.setPointerCapture(event.pointerId); },
        onpointermove: (event) => {
          if (!bar.hasPointerCapture(event.pointerId)) return;
          const box = this.element.getBoundingClientRect();
          go(100 * (event.clientX - box.left) / box.width);
        } });
      place();
      return bar;
    }
  };

  // Small multiples: the polygons are filled once, as the map fills them; each little map is a look-up of its pixels.
  heat.Small = class {
    constructor(element, page) {
      this.element = element;
      this.page = page;
      this.watch = new ResizeObserver(() => this.draw());
      this.watch.observe(element);
    }

    end() { this.watch.disconnect(); }

    async show(found) {
      this.found = found;
      const lead = found.maps[0];
      this.build();
      if (this.address !== lead.address) {
        const answer = await fetch(lead.address);
        if (!answer.ok || this.found !== found) return;
        this.shapes = new jingwei.Shapes(jingwei.decodeCells(await answer.arrayBuffer()));
        this.address = lead.address;
        this.filled = "";
      }
      this.draw();
    }

    build() {
      const make = jingwei.desk.make, words = this.page.words;
      this.canvases = this.found.cells.map(function () { return document.createElement("canvas"); });
      this.element.replaceChildren(...this.found.cells.map((cell, i) => make("button", { type: "button", class: "heat-small", "aria-label": jingwei.desk.fill(words.small, { name: cell.name }),
        onclick: () => this.page.change(cell.query, performance.now()) },
      make("span", { class: "heat-small-name" }, make("strong", {}, cell.name), make("span", { class: "quiet" }, words.n + " " + cell.n.toLocaleString("en-US"))), this.canvases[i])));
      this.element.dataset.cells = String(this.found.cells.length);
    }

    draw() {
      if (!this.found || !this.shapes || !this.canvases.length) return;
      const box = this.canvases[0].getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
      const width = Math.round(box.width * ratio), height = Math.round(box.height * ratio);
      if (!width || !height) return;
      const lead = this.found.maps[0], key = [this.address, width, height, lead.bounds].join();
      if (key !== this.filled) { this.fill(lead.bounds, width, height, ratio); this.filled = key; }
      const dark = document.documentElement.getAttribute("data-mantine-color-scheme") === "dark";
      const style = function (name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); };
      const hatch = { ground: style("--hatch-ground"), line: style("--hatch-line") };
      this.found.cells.forEach((cell, i) => {
        const canvas = this.canvases[i], image = new ImageData(width, height);
        Object.assign(canvas, { width: width, height: height });
        const table = jingwei.lookUp(this.shapes.n, jingwei.decodeValues(cell.values), lead.colours[dark ? "dark" : "light"]);
        jingwei.colourPixels(this.ids, new Int32Array(image.data.buffer), this.view, table, hatch);
        canvas.getContext("2d").putImageData(image, 0, 0);
      });
      this.element.dataset.drawn = "yes";
    }

    fill(bounds, width, height, ratio) {
      const world = Math.pow(2, this.shapes.cells.bits);
      const x = function (lon) { return (lon + 180) / 360 * world; };
      const y = function (lat) { const s = Math.sin(lat * Math.PI / 180); return (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * world; };
      const [west, south, east, north] = bounds, margin = 6 * ratio;
      const scale = Math.min((width - 2 * margin) / (x(east) - x(west)), (height - 2 * margin) / (y(south) - y(north)));
      const view = this.view = { scale: scale, ratio: ratio, width: width, height: height,
        x: Math.round((x(west) + x(east)) / 2 * scale - width / 2), y: Math.round((y(north) + y(south)) / 2 * scale - height / 2) };
      this.ids = new Int32Array(width * height);
      const projected = new jingwei.Projected(this.shapes.cells, view, null);
      for (const polygon of this.shapes.inside(view.x / scale, view.y / scale, (view.x + width) / scale, (view.y + height) / scale)) jingwei.fillCell(projected, this.ids, polygon);
    }
  };
})();
