// The leader's page: small lines of the figures, the map, and the sheet of paper.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const SVG = "http://www.w3.org/2000/svg", WIDE = 200, HIGH = 44, EDGE = 4;
  let outline = null, theme = null;

  function shape(tag, said) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(said)) made.setAttribute(name, value);
    return made;
  }

  // A line over the periods, the target across it, the last one marked; what has no value is a gap.
  function spark(box) {
    const said = JSON.parse(box.dataset.spark), known = said.values.filter(function (one) { return one !== null; });
    if (!known.length || box.firstChild) return;
    const all = said.target === null ? known : known.concat(said.target);
    const low = Math.min(...all), span = Math.max(...all) - low || 1;
    const x = function (i) { return EDGE + i / Math.max(1, said.values.length - 1) * (WIDE - 2 * EDGE); };
    const y = function (value) { return HIGH - EDGE - (value - low) / span * (HIGH - 2 * EDGE); };
    const svg = shape("svg", { viewBox: "0 0 " + WIDE + " " + HIGH, preserveAspectRatio: "none", role: "img", "aria-label": said.said.join(", ") });
    if (said.target !== null) svg.append(shape("line", { class: "spark-target", x1: 0, x2: WIDE, y1: y(said.target), y2: y(said.target) }));
    let run = [];
    const flush = function () { if (run.length > 1) svg.append(shape("polyline", { class: "spark-line", points: run.join(" ") })); run = []; };
    said.values.forEach(function (value, i) { if (value === null) flush(); else run.push(x(i).toFixed(1) + "," + y(value).toFixed(1)); });
    flush();
    const last = said.values.length - 1 - said.values.slice().reverse().findIndex(function (one) { return one !== null; });
    const dot = shape("line", { class: "spark-dot", x1: x(last), x2: x(last), y1: y(said.values[last]), y2: y(said.values[last]) });
    svg.append(dot);
    const title = document.createElementNS(SVG, "title");
    title.textContent = said.said.join("\n");
    svg.append(title);
    box.append(svg);
  }

  function map() {
    const box = document.getElementById("leader-map-box");
    if (!box) return null;
    const held = box.querySelector("#leader-map");
    if (held && jingwei.maps["leader-map"]) return jingwei.maps["leader-map"];
    const element = document.createElement("div");
    element.id = "leader-map";
    element.className = "map";
    box.replaceChildren(element);
    const made = L.map(element, { zoomControl: false, attributionControl: false, zoomSnap: 0, scrollWheelZoom: false });
    made.setView([30, 114], 10);
    const view = jingwei.maps["leader-map"];
    view.pick = function (polygon) {
      const code = view.names.codes[polygon];
      if (code !== undefined) window.location.assign("/?" + new URLSearchParams({ figure: view.shownFigure, level: view.data.level, place: code }));
    };
    return view;
  }

  function ring(view, lines) {
    if (outline) outline.remove();
    outline = null;
    if (!lines || !lines.length) return;
    const look = { pane: "chosen", renderer: view.hover.renderer, interactive: false, fill: false, smoothFactor: 0.5, color: getComputedStyle(document.documentElement).getPropertyValue("--text").trim(), opacity: 0.7, weight: 1.5 };
    outline = L.featureGroup(lines.map(function (line) { return L.polyline(line, look); })).addTo(view.map);
  }

  document.addEventListener("click", function (event) {
    const at = event.target.closest && event.target.closest(".leader-pick, #leader-print");
    if (!at) return;
    if (at.id === "leader-print") { window.print(); return; }
    window.dash_clientside.set_props("leader-figure", { data: at.dataset.figure });
  });

  // Which figure the map shows; the cards and the map come in either order.
  function pressed() {
    const view = jingwei.maps && jingwei.maps["leader-map"];
    for (const one of document.querySelectorAll(".leader-pick")) one.setAttribute("aria-pressed", String(Boolean(view) && one.dataset.figure === view.shownFigure));
  }

  // Paper is white and its map has another shape: the picture that is there is kept and made to fit.
  const PAPER = { wide: 560, high: 300 }; // CSS pixels of the map on A4 (leader.css)
  window.addEventListener("beforeprint", function () {
    const box = document.getElementById("leader-map-box"), held = document.getElementById("leader-map"), root = document.documentElement;
    if (!box) return;
    theme = root.getAttribute("data-mantine-color-scheme");
    if (theme !== "light") root.setAttribute("data-mantine-color-scheme", "light");
    if (!held) return;
    const wide = held.clientWidth, high = held.clientHeight;
    box.style.setProperty("--map-wide", wide + "px");
    box.style.setProperty("--map-high", high + "px");
    box.style.setProperty("--map-fit", String(Math.min(PAPER.wide / wide, PAPER.high / high)));
  });
  window.addEventListener("afterprint", function () {
    if (theme) document.documentElement.setAttribute("data-mantine-color-scheme", theme);
    theme = null;
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    leader: {
      sparks: function () { setTimeout(function () { document.querySelectorAll(".leader-spark[data-spark]").forEach(spark); pressed(); }, 0); },
      paint: function (_when, data) {
        const view = data && map();
        if (!view) return;
        view.shownFigure = data.key;
        view.paint(data);
        ring(view, data.outline);
        pressed();
      },
    },
  });
})();
