// The map's drawing tools: measure and lasso. A tool that is on lays a glass over the map, which takes clicks and strokes before the
// map does; the wheel and, for measuring, the dragging still reach it. Without a pointer: arrows move a cross, Enter sets a corner.
// Escape ends. What they draw stands in a pane of its own.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const STEP = 16, FAR = 64; // pixels an arrow moves the cross; with Shift
  const STILL = 5; // pixels a pointer may move and still click

  class Tools {
    constructor(view) {
      this.view = view;
      this.map = view.map;
      const pane = this.map.createPane("drawn");
      pane.style.zIndex = 460;
      pane.style.pointerEvents = "none";
      this.renderer = L.svg({ pane: "drawn", padding: 0.5 });
      this.glass = this.makeGlass();
      this.tools = { measure: new jingwei.Measure(this), lasso: new jingwei.Lasso(this) };
      this.map.on("unload", () => document.removeEventListener("keydown", this.press, true));
    }

    // said: dashboard/one_map/tools.py, browser_words. The buttons come with their words.
    label(said) {
      if (this.bar || !said) return;
      this.texts = said.texts;
      const tools = this;
      this.buttons = {};
      const Bar = L.Control.extend({
        onAdd: function () {
          const box = L.DomUtil.create("div", "map-tools");
          const bar = L.DomUtil.create("div", "leaflet-bar", box);
          for (const name of Object.keys(tools.tools)) tools.buttons[name] = tools.button(bar, name, said);
          tools.panel = L.DomUtil.create("div", "map-panel", box);
          tools.panel.setAttribute("role", "status");
          L.DomEvent.disableClickPropagation(box);
          return box;
        },
      });
      this.bar = new Bar({ position: "topleft" }).addTo(this.map);
      this.show(this.shown);
    }

    button(bar, name, said) {
      const link = L.DomUtil.create("a", "map-tool", bar);
      link.href = "#";
      link.title = said.texts[name];
      link.setAttribute("role", "button");
      link.setAttribute("aria-label", said.texts[name]);
      link.setAttribute("aria-pressed", "false");
      const icon = L.DomUtil.create("span", "icon", link);
      icon.style.setProperty("--icon", 'url("' + said.icons[name].replace(/"/g, "'") + '")');
      L.DomEvent.on(link, "click", (event) => { L.DomEvent.preventDefault(event); this.toggle(name); });
      L.DomEvent.on(link, "keydown", (event) => { if (event.key === " ") { L.DomEvent.preventDefault(event); this.toggle(name); } });
      return link;
    }

    toggle(name) {
      const on = this.on === name;
      this.end();
      if (!on) this.begin(name);
    }

    begin(name) {
      this.on = name;
      this.view.hover.leave();
      this.buttons[name].setAttribute("aria-pressed", "true");
      this.map.getContainer().appendChild(this.glass);
      this.cross = null;
      this.map.doubleClickZoom.disable();
      document.addEventListener("keydown", this.press, true);
      this.map.getContainer().focus({ preventScroll: true });
      this.tools[name].begin();
    }

    end() {
      if (!this.on) return;
      const name = this.on;
      this.on = null;
      this.buttons[name].setAttribute("aria-pressed", "false");
      this.glass.remove();
      this.map.doubleClickZoom.enable();
      document.removeEventListener("keydown", this.press, true);
      this.tools[name].end();
    }

    // What was picked: an outline ("~" and its letters, data/areas.py) is shown, anything else takes it away.
    show(code) {
      this.shown = code;
      this.tools.lasso.show(code && code.length > 1 && code[0] === "~" ? code.slice(1) : null);
    }

    chosenBounds() { return this.tools.lasso.bounds(); }

    // Words beside the buttons, with a button of their own that clears.
    say(lines, clear) {
      this.panel.replaceChildren(...lines.map(function (line) {
        const part = document.createElement("div");
        part.className = line.strong ? "map-panel-value" : "quiet";
        part.textContent = line.strong || line;
        return part;
      }));
      if (!clear) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = this.texts.clear;
      button.addEventListener("click", clear);
      this.panel.append(button);
    }

    // A line or a ring in two strokes, so that it shows on any colour and changes none; the corners as dots.
    drawing(points, closed, dots) {
      const line = closed ? L.polygon : L.polyline;
      const shared = { renderer: this.renderer, pane: "drawn", interactive: false, lineJoin: "round" };
      const size = this.view.type();
      const strokes = [["var(--page)", 6], ["var(--text)", 3]].map(function (stroke, i) {
        return line(points, Object.assign({ color: stroke[0], weight: stroke[1] * size, fill: false, className: i ? "drawn" : "drawn-under" }, shared));
      });
      const corners = (dots || []).map(function (point) {
        return L.circleMarker(point, Object.assign({ radius: 5 * size, color: "var(--text)", weight: 2 * size, fillColor: "var(--page)", fillOpacity: 1 }, shared));
      });
      return L.featureGroup(strokes.concat(corners)).addTo(this.map);
    }

    tool() { return this.tools[this.on]; }

    at(event) { return this.map.mouseEventToContainerPoint(event); }

    makeGlass() {
      const glass = L.DomUtil.create("div", "map-glass");
      const keep = function (event) { event.stopPropagation(); };
      for (const kind of ["click", "dblclick", "mousemove", "mouseover", "contextmenu"]) glass.addEventListener(kind, keep);
      for (const kind of ["mousedown", "touchstart"]) glass.addEventListener(kind, (event) => { if (this.tool().strokes) event.stopPropagation(); });
      glass.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        this.from = this.at(event);
        if (!this.tool().strokes) return;
        event.stopPropagation();
        glass.setPointerCapture(event.pointerId);
      });
      glass.addEventListener("pointermove", (event) => {
        const point = this.at(event);
        if (this.from && this.tool().strokes && (this.stroke || point.distanceTo(this.from) > STILL)) {
          if (!this.stroke) this.stroke = [this.from];
          this.stroke.push(point);
          this.tool().stroke(this.stroke, false);
        } else if (!this.from) this.tool().hover(this.map.containerPointToLatLng(point));
      });
      glass.addEventListener("pointerup", (event) => {
        const from = this.from, stroke = this.stroke;
        this.from = this.stroke = null;
        if (stroke) this.tool().stroke(stroke, true);
        else if (from && this.at(event).distanceTo(from) <= STILL) this.tool().corner(this.map.containerPointToLatLng(this.at(event)));
      });
      glass.addEventListener("pointercancel", () => { this.from = this.stroke = null; });
      glass.addEventListener("dblclick", () => { if (this.on) this.tool().close(); });
      this.press = (event) => this.pressed(event);
      return glass;
    }

    pressed(event) {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.end(); return; }
      if (event.target !== this.map.getContainer() || event.ctrlKey || event.metaKey || event.altKey) return;
      if (ARROWS[event.key]) this.moveCross(ARROWS[event.key], event.shiftKey ? FAR : STEP);
      else if (event.key === "Enter" && this.cross) this.tool().corner(this.map.containerPointToLatLng(this.cross));
      else if (event.key === "c" || event.key === "C") this.tool().close();
      else if (event.key === "Backspace") this.tool().back();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    moveCross(direction, step) {
      const size = this.map.getSize();
      const from = this.cross || size.divideBy(2);
      this.cross = L.point(Math.min(size.x - 1, Math.max(0, from.x + direction[0] * step)), Math.min(size.y - 1, Math.max(0, from.y + direction[1] * step)));
      if (!this.mark) this.mark = L.DomUtil.create("i", "map-cross", this.glass);
      this.mark.style.transform = "translate(" + this.cross.x + "px," + this.cross.y + "px)";
      this.tool().hover(this.map.containerPointToLatLng(this.cross));
    }
  }

  jingwei.Tools = Tools;
})();
