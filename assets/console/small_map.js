// The console's small map: the ground, and one point. In the case's page it shows, in the form of a call it is pointed at.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const desk = jingwei.desk = jingwei.desk || {};
  const ZOOM = 16;

  function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

  // A map in an element: { element, show(point), pick(f), end() }.
  desk.smallMap = function (label) {
    const said = JSON.parse(desk.root().dataset.map || "{}");
    const element = desk.make("div", { class: "small-map", role: "img", "aria-label": label });
    let map = null, base = null, marker = null, wanted = null, picked = null;

    function paint() {
      if (!base) return;
      const type = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
      base.set({ address: said.base || "", worker: said.worker, colours: jingwei.baseColours(), font: style("--sans"), type: type });
    }

    function begin() {
      map = L.map(element, { zoomControl: false, attributionControl: Boolean(said.tiles && said.attribution), zoomSnap: 0.25, keyboard: false, zoomAnimation: false });
      if (said.tiles) L.tileLayer(said.tiles, { attribution: said.attribution }).addTo(map);
      const nothing = function () {};
      map.setView(wanted ? wanted.at : [30, 114], wanted ? wanted.zoom : 10);
      base = new jingwei.BaseMap({ ready: nothing, failed: nothing, fallback: nothing, names: nothing, settled: function (yes) { element.dataset.base = yes ? "there" : "coming"; } }).addTo(map);
      map.on("click", function (event) { if (picked) { picked(event.latlng); } });
      window.addEventListener("jingwei:theme", paint);
      paint();
      mark();
    }

    function mark() {
      if (marker) { marker.remove(); marker = null; }
      if (map && wanted && wanted.marked) {
        marker = L.circleMarker(wanted.at, { radius: 8, weight: 3, color: style("--accent"), fillColor: style("--panel"), fillOpacity: 0.9, interactive: false }).addTo(map);
      }
    }

    const watch = new ResizeObserver(function () {
      if (!element.isConnected || !element.clientHeight) return;
      if (!map) begin();
      else map.invalidateSize({ pan: false });
    });
    watch.observe(element);

    return {
      element: element,
      show: function (at, zoom, marked) {
        wanted = { at: at, zoom: zoom || ZOOM, marked: marked !== false };
        if (map) { map.setView(at, wanted.zoom, { animate: false }); mark(); }
      },
      mark: function (at) { wanted = { at: at, zoom: map ? map.getZoom() : ZOOM, marked: true }; mark(); },
      pick: function (f) { picked = f; element.classList.add("is-pickable"); },
      end: function () {
        watch.disconnect();
        window.removeEventListener("jingwei:theme", paint);
        if (map) { base.remove(); map.remove(); map = null; }
      },
    };
  };
})();
