// How each part of the page takes what is new: the map in its own arrays, the table row by row, new tickets as one pulse.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const parts = jingwei.liveParts;
  const EVENTS_EVERY = 3000; // milliseconds between two requests for the cases in view

  // The table of that id, or null while there is none: the library throws for a table that is not (or not yet) on the page.
  function table(id) {
    try {
      const api = window.dash_ag_grid.getApi(id);
      return api.isDestroyed() ? null : api;
    } catch (_absent) {
      return null;
    }
  }

  parts.map = function (pieces) {
    const view = jingwei.maps.map;
    if (!view || !view.data) return false;
    view.tick(pieces);
    return true;
  };

  parts.places = function (pieces) {
    const grid = table("places");
    if (!grid) return false;
    if (pieces.rows) grid.setGridOption("rowData", pieces.rows); // rows keep their identity, and with it scroll and selection
    else if (pieces.rows_at) grid.applyTransaction({ update: pieces.rows_at });
    return true;
  };

  for (const part of ["trend", "distribution"]) {
    parts[part] = function (pieces) { if (pieces.chart) jingwei.showChart(part + "-chart", pieces.chart); };
  }

  // The cases behind the drawer's figures: those in sight are asked for again, the list stays where it is.
  parts.drawer = function (_pieces, whole) {
    const grid = table("cases");
    if (!whole && grid) grid.refreshInfiniteCache();
    return true;
  };

  let refreshing = 0, refreshedAt = -Infinity;
  parts.news = function (said) {
    const view = jingwei.maps.map;
    if (!view) return;
    if (!view.pulses) view.pulses = new jingwei.Pulses(view);
    view.pulses.show(said.points);
    if (!view.events || view.events.query === null || refreshing) return;
    refreshing = setTimeout(function () {
      refreshing = 0;
      refreshedAt = performance.now();
      if (jingwei.maps.map === view) view.events.refresh();
    }, Math.max(0, refreshedAt + EVENTS_EVERY - performance.now()));
  };
})();
