// The scrubber: how much happened when, drawn once a size; where playback stands is a line that only moves. Drag, click, arrow keys.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const STEPS = [60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400, 14 * 86400, 30 * 86400]; // seconds between two labels

  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

  class Scrubber {
    // seek(t): the person wants to be there.
    constructor(box, words, seek) {
      const make = jingwei.desk.make;
      this.box = box;
      this.words = words;
      this.canvas = make("canvas", { class: "pb-density", "aria-hidden": "true" });
      this.past = make("div", { class: "pb-past" });
      this.line = make("div", { class: "pb-line" });
      this.tip = make("div", { class: "pb-tip" });
      this.track = make("div", { class: "pb-track", role: "slider", tabindex: 0, "aria-label": words.scrubber, "aria-valuemin": 0, "aria-valuemax": 1000 },
        this.canvas, this.past, this.line, this.tip);
      this.labels = make("div", { class: "pb-labels", "aria-hidden": "true" });
      box.replaceChildren(this.track, this.labels);
      const at = (event) => {
        const rect = this.track.getBoundingClientRect();
        return this.start + Math.max(0, Math.min(1, (event.clientX - rect.left) / rect.width)) * (this.end - this.start);
      };
      this.track.addEventListener("pointerdown", (event) => { this.track.setPointerCapture(event.pointerId); this.dragging = true; seek(at(event)); });
      this.track.addEventListener("pointermove", (event) => { if (!this.outline) return; this.tell(at(event)); if (this.dragging) seek(at(event)); });
      for (const name of ["pointerup", "pointercancel"]) this.track.addEventListener(name, () => { this.dragging = false; });
      this.track.addEventListener("pointerleave", () => { this.tip.style.display = "none"; });
      this.watch = new ResizeObserver(() => { this.width = this.track.clientWidth; this.draw(); this.place(); });
      this.watch.observe(this.track);
      this.retheme = () => this.draw();
      window.addEventListener("jingwei:theme", this.retheme);
    }

    finish() {
      this.watch.disconnect();
      window.removeEventListener("jingwei:theme", this.retheme);
    }

    show(outline, clock) {
      this.outline = outline;
      this.clock = clock;
      this.start = outline.start;
      this.end = outline.end;
      this.draw();
    }

    // Playback stands at t.
    at(t, said) {
      this.t = t;
      this.place();
      const share = Math.round(1000 * (t - this.start) / (this.end - this.start));
      if (share !== this.share) {
        this.share = share;
        this.track.setAttribute("aria-valuenow", share);
        this.track.setAttribute("aria-valuetext", said);
      }
    }

    place() {
      if (this.t === undefined || !this.outline) return;
      const share = (this.t - this.start) / (this.end - this.start);
      this.past.style.transform = "scaleX(" + share + ")";
      this.line.style.transform = "translateX(" + share * (this.width || 0) + "px)";
    }

    tell(t) {
      const { start, lines, reported, closed } = this.outline.density;
      const bin = jingwei.behind(start, t) - 1;
      const there = bin >= 0 && t < start[bin] + this.outline.bin;
      const words = this.words;
      this.tip.textContent = this.clock(t) + "　" + words.reported + " " + (there ? reported[bin] : 0) + " · " + words.closed + " " + (there ? closed[bin] : 0) + " · " + words.lines + " " + (there ? lines[bin] : 0);
      this.tip.style.display = "block";
      const x = (t - this.start) / (this.end - this.start) * this.track.clientWidth;
      this.tip.style.transform = "translateX(" + Math.max(0, Math.min(this.track.clientWidth - this.tip.offsetWidth, x - this.tip.offsetWidth / 2)) + "px)";
    }

    draw() {
      if (!this.outline || !this.track.clientWidth) return;
      const ratio = window.devicePixelRatio || 1, width = this.track.clientWidth, height = this.track.clientHeight;
      Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
      const pen = this.canvas.getContext("2d");
      pen.scale(ratio, ratio);
      const { start, lines, reported } = this.outline.density;
      const each = this.outline.bin / (this.end - this.start) * width;
      const most = Math.max(1, ...lines), room = height - 4;
      // Each bar from where it begins to where the next one does: no seams.
      const bars = (values, colour) => {
        pen.fillStyle = colour;
        start.forEach((begins, i) => {
          const x = (begins - this.start) / (this.end - this.start) * width;
          const h = Math.sqrt(values[i] / most) * room; // the root, so that a quiet night is seen beside a storm
          if (values[i]) pen.fillRect(Math.floor(x), height - Math.max(1, h), Math.max(1, Math.ceil(x + each) - Math.floor(x)), Math.max(1, h));
        });
      };
      bars(lines, style("--pb-bar"));
      bars(reported, style("--accent"));
      this.mark(width);
    }

    // Round times below the track, as many as have room.
    mark(width) {
      const span = (this.end - this.start) / 1000, rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      const step = STEPS.find(function (one) { return span / one <= width / (7 * rem); }) || STEPS[STEPS.length - 1];
      const shift = this.clock.offset(this.start); // so that a day's mark is its midnight
      const first = Math.ceil((this.start + shift) / 1000 / step) * step * 1000 - shift;
      const made = [];
      for (let t = first; t < this.end; t += step * 1000) {
        const share = (t - this.start) / (this.end - this.start);
        if (share > 0.97) break;
        const label = jingwei.desk.make("span", {}, this.clock.short(t, step >= 86400 || (t + shift) % 86400000 === 0));
        label.style.left = 100 * share + "%";
        made.push(label);
      }
      this.labels.replaceChildren(...made);
    }
  }

  jingwei.Scrubber = Scrubber;
})();
