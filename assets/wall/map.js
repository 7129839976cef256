// The wall's map: the one map's layer on a Leaflet map of its own, made once and taken along from layout to layout, so that its
// workers and pictures stay. Nobody drags it; it shows its place.
(function () {
  const jingwei = window.jingwei, wall = jingwei.wall;
  let element = null, place = null, outline = null;

  function begin(said) {
    element = document.createElement("div");
    element.id = "map"; // the name the shared scripts know the page's one map by
    element.className = "map";
    document.body.append(element);
    const still = { dragging: false, scrollWheelZoom: false, doubleClickZoom: false, touchZoom: false, boxZoom: false, keyboard: false, zoomControl: false };
    const map = L.map(element, Object.assign(still, { attributionControl: Boolean(said.tiles && said.attribution), zoomSnap: 0, zoomAnimation: false, fadeAnimation: false }));
    if (said.tiles) L.tileLayer(said.tiles, { attribution: said.attribution }).addTo(map);
    map.setView([30, 114], 10); // from now on jingwei.maps.map is there
  }

  function ring(lines) {
    const view = jingwei.maps.map;
    if (outline) outline.remove();
    outline = null;
    if (!lines || !lines.length) return;
    const weight = 3 * view.type();
    const pane = { pane: "chosen", renderer: view.hover.renderer, interactive: false, fill: false, smoothFactor: 0.5 };
    outline = L.featureGroup(lines.map(function (line) { return L.polyline(line, Object.assign({ className: "wall-outline", weight: weight }, pane)); })).addTo(view.map);
  }

  // pieces: everything; changed: only what is new, where the same place is shown already.
  wall.draws.map = function (box, pieces, changed, where) {
    if (!element) begin(wall.said.map);
    wall.fill(box.legend, pieces.body); // it takes its room before the map is fitted into the rest
    if (element.parentElement !== box.content) box.content.prepend(element);
    const view = jingwei.maps.map;
    if (!pieces.frame) return;
    if (where !== place || !changed) {
      place = where;
      view.map.invalidateSize({ animate: false });
      view.paint(Object.assign({}, pieces.frame, { values: pieces.values, numbers: pieces.numbers, counts: pieces.counts }));
      view.fit();
    } else view.tick(changed);
    if (!changed || changed.outline) ring(pieces.outline);
  };

  jingwei.liveParts.news = function (said) {
    const view = jingwei.maps.map;
    if (!view || !view.data) return;
    if (!view.pulses) view.pulses = new jingwei.Pulses(view);
    view.pulses.show(said.points);
  };

  window.addEventListener("resize", function () { if (jingwei.maps.map && wall.shown) { jingwei.maps.map.colour(); if (outline) outline.setStyle({ weight: 3 * jingwei.maps.map.type() }); } });
})();
