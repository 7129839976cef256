// What was clicked: a place on the map, a cell of the table, a card. One store holds it; the drawer follows.
(function () {
  function pick(picked) {
    window.dash_clientside.set_props("picked", { data: Object.assign({ open: true, at: Date.now() }, picked) });
  }

  document.addEventListener("click", function (event) {
    const card = event.target.closest && event.target.closest("button[data-figure]");
    if (!card) return;
    pick({ place: card.dataset.place, figure: card.dataset.figure, part: card.dataset.part });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    places: {
      pick: function (cell, chosen) {
        if (!cell || !chosen) return;
        const figure = cell.colId === "name" ? null : cell.colId === "n" ? chosen.figure : cell.colId;
        pick({ place: cell.rowId, figure: figure, part: null });
      },
    },
    drawer: {
      open: function (picked) { return picked && picked.open ? "drawer is-open" : "drawer"; },
      close: function (clicks) { if (clicks) window.dash_clientside.set_props("picked", { data: { open: false, at: Date.now() } }); },
      part: function (picked) {
        const part = (picked && picked.part) || "denominator";
        return part === "numerator" || part === "denominator" ? part : "";
      },
      choosePart: function (part, picked) {
        if (!part || !picked || !picked.open || part === (picked.part || "denominator")) return;
        pick({ place: picked.place, figure: picked.figure, part: part });
      },
      // The cases are asked for in blocks; what was kept belongs to the question before.
      refresh: function (picked) {
        if (!picked || !picked.open || !window.dash_ag_grid) return;
        window.dash_ag_grid.getApiAsync("cases").then(function (api) { api.purgeInfiniteCache(); });
      },
    },
  });
})();
