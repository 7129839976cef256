// The grids on a map of their own, coloured by what the page says of each: assets/map.js with other colours, words and a click.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const desk = jingwei.desk = jingwei.desk || {};
  const ID = "order-map";

  // how: { pick(code), lines(code) → texts, outline(letters), circle({lon, lat, metres}) }; the last two only where one may draw.
  desk.gridMap = async function (element, how) {
    const said = JSON.parse(desk.root().dataset.map || "{}");
    const ground = await desk.ask("/console/dispatch/ground");
    const listed = ground.paint.names ? await (await fetch(ground.paint.names)).json() : { codes: [], names: [] };
    if (!element.isConnected) return null;
    const box = desk.make("div", { class: "map", id: ID });
    element.replaceChildren(box);
    const map = L.map(box, { zoomControl: false, attributionControl: Boolean(said.tiles && said.attribution), zoomSnap: 0.25 });
    if (said.tiles) L.tileLayer(said.tiles, { attribution: said.attribution }).addTo(map);
    map.setView([30, 114], 10);
    const view = jingwei.maps[ID];
    const number = Object.fromEntries(listed.codes.map(function (code, i) { return [code, i]; }));
    const classOf = Object.fromEntries(ground.classes.map(function (name, i) { return [name, i]; }));
    view.pick = function (polygon) { how.pick(listed.codes[polygon]); };
    view.lines = function (polygon) { return [listed.names[polygon]].concat(how.lines(listed.codes[polygon]) || []).filter(Boolean); };
    view.paint(ground.paint);
    view.values = new Uint8Array(listed.codes.length).fill(classOf.none);
    view.recolour();
    if (how.outline) draws(view, ground.tools, how);
    let drawn = [];

    return {
      element: box,
      level: ground.paint.level,
      // code → the name of its class; every other grid is "none".
      colour: function (found) {
        view.values = new Uint8Array(listed.codes.length).fill(classOf.none);
        for (const [code, name] of found) if (code in number) view.values[number[code]] = name === "voided" ? 255 : classOf[name];
        view.recolour();
      },
      swatches: Object.fromEntries(ground.classes.map(function (name, i) { return [name, [ground.paint.colours.light[i], ground.paint.colours.dark[i]]]; })),
      outlines: function (texts) {
        for (const one of drawn) one.remove();
        drawn = texts.map(function (text) { return view.tools.drawing(jingwei.geodesy.decode(text).map(function (point) { return [point[1], point[0]]; }), true); });
      },
      ring: function (code) { view.select(code); },
      fit: function (b) { view.atHome = false; map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { padding: [48, 48], maxZoom: 15, animate: false }); },
      end: function () { map.remove(); },
    };
  };

  function draws(view, said, how) {
    const tools = view.tools;
    tools.tools.circle = new jingwei.Circle(tools, how.circle);
    tools.tools.lasso.take = function (latlngs) {
      const text = jingwei.geodesy.encode(latlngs.map(function (latlng) { const at = latlng.wrap(); return [at.lng, at.lat]; }));
      tools.end();
      how.outline(text);
    };
    tools.label(said);
  }

  // The legend: lines of [class or null, word, n].
  desk.legend = function (map, lines) {
    const box = desk.part("dispatch-legend");
    box.replaceChildren(desk.make("div", { class: "legend-lines" }, lines.map(function ([name, word, n]) {
      const swatch = desk.make("span", { class: name === "voided" ? "swatch is-hatched" : "swatch" });
      if (map.swatches[name]) { swatch.style.setProperty("--light", map.swatches[name][0]); swatch.style.setProperty("--dark", map.swatches[name][1]); }
      return desk.make("div", { class: "legend-line" }, swatch, desk.make("span", {}, word), desk.make("span", { class: "quiet legend-n" }, n.toLocaleString("en")));
    })));
  };
})();
