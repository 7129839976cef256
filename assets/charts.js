// The charts: each comes in both themes; the browser draws the one in use, at the size of the page's type.
(function () {
  const drawn = {}; // id of a graph → its chart in both themes

  function rem() { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; }
  function theme() { return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light"; }

  function sized(figure) {
    const k = rem(), made = structuredClone(figure), layout = made.layout, base = layout.template.layout;
    base.font.size *= k;
    if (base.hoverlabel) base.hoverlabel.font.size *= k;
    for (const side of Object.keys(layout.margin || {})) layout.margin[side] *= k;
    for (const note of layout.annotations || []) if (note.yshift) note.yshift *= k;
    for (const shape of layout.shapes || []) shape.line.width *= k;
    for (const trace of made.data) {
      if (trace.line && trace.line.width) trace.line.width *= k;
      if (trace.marker && trace.marker.size) {
        const size = trace.marker.size;
        trace.marker.size = Array.isArray(size) ? size.map(function (one) { return one * k; }) : size * k;
      }
    }
    return made;
  }

  // What a chart is drawn from has changed by itself.
  function show(id, data) {
    drawn[id] = data;
    if (document.getElementById(id)) window.dash_clientside.set_props(id, { figure: sized(data[theme()]) });
  }
  (window.jingwei = window.jingwei || {}).showChart = show;

  function again() {
    for (const [id, data] of Object.entries(drawn)) show(id, data);
  }
  let last = null, waiting = 0;
  window.addEventListener("jingwei:theme", function () { if (theme() !== last) { last = theme(); again(); } });
  window.addEventListener("resize", function () { clearTimeout(waiting); waiting = setTimeout(again, 200); });

  // A chart takes the focus; the arrows go from point to point and Enter opens the point's cases.
  document.addEventListener("keydown", function (event) {
    const graph = event.target.classList && event.target.classList.contains("chart") && event.target.querySelector(".js-plotly-plot");
    if (!graph || !graph.data.length) return;
    const curve = graph.data.length - 1, points = graph.data[curve].y;
    let at = Number(event.target.dataset.at || points.length);
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const step = event.key === "ArrowLeft" ? -1 : 1;
      do { at += step; } while (at >= 0 && at < points.length && points[at] === null);
      if (at < 0 || at >= points.length) return;
      event.target.dataset.at = at;
      window.Plotly.Fx.hover(graph, [{ curveNumber: curve, pointNumber: at }]);
      event.preventDefault();
    } else if (event.key === "Enter" && at < points.length) {
      opened(graph.data[curve].customdata[at]);
    }
  });

  function opened(said) {
    if (!Array.isArray(said)) return;
    window.dash_clientside.set_props("picked", { data: { open: true, place: said[1], figure: said[2], part: null, days: said[3], at: Date.now() } });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    charts: {
      draw: function (_stamp, data) {
        if (!data) return window.dash_clientside.no_update;
        const id = window.dash_clientside.callback_context.outputs_list.id;
        drawn[id] = data;
        last = theme();
        return sized(data[theme()]);
      },
      open: function (clicked) { if (clicked) opened(clicked.points[clicked.points.length - 1].customdata); },
    },
  });
})();
