// What was clicked: a place on the map, a cell of the table, a card. One store holds it; the drawer follows.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  let listed = ""; // what the cases in the list are about
  let current = null; // what is picked now

  // further: keep what is picked and add to it (a case of the list that is open).
  function pick(picked, further) {
    const before = further && current && current.open ? current : {};
    window.dash_clientside.set_props("picked", { data: Object.assign({ open: true }, before, { at: Date.now() }, picked) });
  }
  jingwei.pick = pick;

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button[data-place], button[data-back]");
    if (!button) return;
    const said = button.dataset;
    if (said.back) pick({ case: null }, true);
    else pick({ place: said.place, figure: said.figure || null, part: said.part || null, days: said.days || null });
  });

  // Escape closes what was opened last: the case, then the drawer.
  document.addEventListener("keydown", function (event) {
    const inside = event.target.closest && event.target.closest("#drawer, body:not(:has(:focus-within))");
    if (event.key !== "Escape" || event.defaultPrevented || !inside || !current || !current.open) return;
    if (current.case) pick({ case: null }, true);
    else window.dash_clientside.set_props("picked", { data: { open: false, at: Date.now() } });
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
      open: function (picked) {
        current = picked;
        return "drawer" + (picked && picked.open ? " is-open" + (picked.case ? " has-case" : "") : "");
      },
      close: function (clicks) { if (clicks) window.dash_clientside.set_props("picked", { data: { open: false, at: Date.now() } }); },
      part: function (picked) {
        const part = (picked && picked.part) || "denominator";
        return part === "numerator" || part === "denominator" ? part : "";
      },
      choosePart: function (part, picked) {
        if (!part || !picked || !picked.open || part === (picked.part || "denominator")) return;
        pick({ place: picked.place, figure: picked.figure, part: part, days: picked.days });
      },
      // The cases are asked for in blocks; what was kept belongs to the question before.
      refresh: function (picked, chosen) {
        if (!picked || !picked.open || !window.dash_ag_grid) return;
        const about = JSON.stringify([picked.place, picked.figure, picked.part, picked.days, chosen]);
        if (about === listed) return; // a case was opened or closed: the list behind it stays as it is
        listed = about;
        window.dash_ag_grid.getApiAsync("cases").then(function (api) { api.purgeInfiniteCache(); });
      },
    },
  });
})();
