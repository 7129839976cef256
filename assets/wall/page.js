// A wall's page: it follows the channels of one place and one layout, waits until all of them have said what they show, and then shows
// the place in one go; what was shown before stays until then. From then on each panel changes as its channel does.
(function () {
  const jingwei = window.jingwei, wall = jingwei.wall, parts = jingwei.liveParts;
  const PATIENCE = 8000; // milliseconds a place waits for its last panel
  const HEAD = "head";

  const root = document.getElementById("wall");
  wall.said = JSON.parse(root.dataset.wall); // dashboard/wall/page.py
  jingwei.desk.words = wall.said.words;

  wall.coming = function () { return coming !== null; };
  wall.shown = null; // { stop, layout } on the screen
  let coming = null; // { stop, layout, heard: box → messages, until }
  let boxes = {}; // box → { panel, element, content, note, legend, pieces }
  let keys = [];

  // Follow a stop; its own layout, or the one its place's state asks for.
  wall.show = function (stop, layout) {
    coming = { stop: stop, layout: layout || stop.layout, heard: {}, until: performance.now() + PATIENCE };
    for (const key of keys) delete parts[key];
    keys = [];
    listen(HEAD, "wall.head?" + stop.search + "&layout=" + stop.layout);
    for (const box of wall.said.layouts[coming.layout].boxes) {
      listen(box.id, "wall." + box.panel + "?" + stop.search + "&layout=" + coming.layout + "&box=" + box.id);
    }
    jingwei.live.show("?" + stop.search + "&layout=" + stop.layout);
  };

  function listen(box, key) {
    keys.push(key);
    parts[key] = function (pieces, whole) { return take(box, pieces, whole) !== false; }; // false: not shown, so it is told again
  }

  function take(box, pieces, whole) {
    if (box === HEAD && headSaid(Object.assign({}, coming ? {} : wall.head, pieces))) return false;
    if (!coming) { draw(box, pieces, whole); return; }
    const heard = (coming.heard[box] = whole ? [] : coming.heard[box] || []);
    heard.push([pieces, whole]);
    if (complete()) reveal();
  }

  function complete() { return [HEAD].concat(Object.keys(layoutBoxes())).every(function (box) { return coming.heard[box]; }); }
  function layoutBoxes() { return Object.fromEntries(wall.said.layouts[coming.layout].boxes.map(function (box) { return [box.id, box]; })); }

  // Whether the place wants another layout than the one that is followed, or the server has other layouts than this page.
  function headSaid(head) {
    if (head.version !== wall.said.version) { again(); return true; }
    const followed = coming || wall.shown;
    if (head.layout === followed.layout || !wall.said.layouts[head.layout]) return false;
    wall.show(followed.stop, head.layout);
    return true;
  }

  let reloading = 0;
  function again() { if (!reloading) reloading = setTimeout(function () { location.reload(); }, 2000 + Math.random() * 8000); }

  function reveal() {
    const now = coming;
    coming = null;
    const before = wall.shown;
    if (!before || before.layout !== now.layout) build(wall.said.layouts[now.layout]);
    wall.shown = { stop: now.stop, layout: now.layout };
    root.dataset.place = now.stop.place;
    root.dataset.layout = now.layout;
    wall.tellRotation();
    for (const box of [HEAD].concat(Object.keys(boxes))) {
      if (boxes[box]) boxes[box].pieces = {};
      for (const [pieces, whole] of now.heard[box] || []) draw(box, pieces, whole);
    }
    document.documentElement.classList.add("is-ready");
  }

  function build(layout) {
    const map = document.getElementById("map");
    if (map) map.remove(); // taken along: its panel puts it in its place
    boxes = {};
    root.style.gridTemplateColumns = layout.columns;
    root.style.gridTemplateRows = layout.rows;
    root.style.gridTemplateAreas = layout.areas;
    root.replaceChildren(...layout.boxes.map(made));
    watcher.disconnect();
    for (const box of Object.values(boxes)) watcher.observe(box.content);
  }

  function piece(tag, name, ...children) {
    const element = Object.assign(document.createElement(tag), { className: name });
    element.append(...children);
    return element;
  }

  function made(said) {
    const note = piece("span", "wall-n quiet");
    const content = piece("div", "wall-content");
    const legend = piece("div", "wall-legend");
    const title = piece("h2", "wall-panel-title", said.title, note);
    const element = piece("section", ["wall-panel", "is-" + said.panel].concat(said.classes).join(" "), title, content, legend);
    element.style.gridArea = said.id;
    element.dataset.box = said.id;
    boxes[said.id] = { id: said.id, panel: said.panel, element: element, content: content, note: note, legend: legend, pieces: {} };
    return element;
  }

  function draw(name, pieces, whole) {
    if (name === HEAD) { wall.head = Object.assign({}, whole ? {} : wall.head, pieces); wall.tellHead(wall.head); return; }
    const box = boxes[name];
    if (!box) return;
    box.pieces = Object.assign({}, whole ? {} : box.pieces, pieces);
    const own = wall.draws[box.panel];
    box.element.classList.toggle("is-failed", Boolean(box.pieces.failure));
    if (box.pieces.failure) wall.fill(box.legend, [{ type: "Div", props: { className: "wall-empty", children: box.pieces.failure.what } }]);
    else if (own) own(box, box.pieces, whole ? null : pieces, wall.shown.stop.place);
    else wall.fill(box.content, box.pieces.body);
    box.note.textContent = box.pieces.n || "";
    wall.trim(box.content);
    wall.tellTime();
  }

  // Another size: charts are drawn anew, lines that fit now come, those that no longer do go.
  const watcher = new ResizeObserver(function () {
    for (const box of Object.values(boxes)) {
      if (box.panel === "trend" && box.pieces.chart) wall.chart(box.content, box.pieces.chart);
      wall.trim(box.content);
    }
  });

  // A panel that says nothing does not keep the others back; a wall nobody answers asks again.
  setInterval(function () {
    if (coming && performance.now() > coming.until) {
      if (coming.heard[HEAD]) reveal();
      else { coming.until = performance.now() + PATIENCE; if (!jingwei.away && jingwei.silence() < 20 && ++unanswered > 8) again(); }
    } else if (!coming) unanswered = 0;
  }, 500);
  let unanswered = 0;

  wall.rotation.go(0);
})();
