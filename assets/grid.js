// What AG Grid may call by name (dash-ag-grid looks here instead of evaluating text).
(function () {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  functions.figure = function (value, unit, none) {
    if (value === null || value === undefined) return none;
    const digits = unit === "cases" ? 0 : 1;
    const shown = unit === "share" ? value * 100 : value;
    return shown.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  };

  // Columns as wide as what they hold, whatever the size of the type; not while a person is reading further down.
  let fitting = 0;
  functions.fitColumns = function (params) {
    clearTimeout(fitting);
    fitting = setTimeout(function () {
      if (!params.api.isDestroyed() && params.api.getFirstDisplayedRowIndex() < 1) params.api.autoSizeAllColumns();
    }, 50);
  };

  // The row of what is not located is no place: it stands below the others whatever they are sorted by.
  functions.lastOfAll = function (params, place) {
    const at = params.nodes.findIndex(function (node) { return node.data && node.data.place === place; });
    if (at >= 0) params.nodes.push(params.nodes.splice(at, 1)[0]);
  };

  // A case's number is clicked, or Enter pressed anywhere in its row; in the table of places Enter does what a click does.
  functions.openCase = function (params) {
    const key = params.event && params.event.key;
    if (!params.data || (key ? key !== "Enter" : params.column.getColId() !== "external_id")) return;
    window.jingwei.pick({ case: String(params.data.case_id) }, true);
  };
  functions.openPlace = function (params) {
    if (!params.data || params.event.key !== "Enter") return;
    const column = params.column.getColId();
    window.jingwei.pick({ place: params.data.place, figure: column === "name" || column === "n" ? null : column, part: null });
  };

  // No data stays at the end whichever way the column is sorted.
  functions.nullsLast = function (a, b, _nodeA, _nodeB, descending) {
    if (a === b) return 0;
    if (a === null || a === undefined) return descending ? -1 : 1;
    if (b === null || b === undefined) return descending ? 1 : -1;
    return a - b;
  };
})();
