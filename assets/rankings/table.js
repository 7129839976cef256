// How the league table writes its cells (dashboard/rankings/table.py), and what a click in it opens.
(function () {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const RIGHT = "ag-right-aligned-cell";
  const OUT = { excluded: "excluded", excluded_calls: "call_back_excluded" }; // columns of what was left out → part of the figure
  let shortest = {}; // unit's code → months until its cases are enough

  function words(params) { return params.colDef.cellRendererParams.words; }
  function fill(text, n) { return text.replace("{n}", n); }
  function none(value) { return value === null || value === undefined; }

  functions.rankSaid = function (p) {
    if (!p.data) return "";
    return none(p.data.rank) ? (none(p.data.value) ? words(p).none : words(p).few) : String(p.data.rank);
  };
  functions.rankSaidClass = function (p) { return RIGHT + (none(p.data.rank) ? "" : " rank-number"); };
  functions.rankSaidTip = function () { return ""; };

  functions.rankInterval = function (p) { return none(p.data.rank_low) ? "" : p.data.rank_low + " – " + p.data.rank_high; };
  functions.rankIntervalClass = function () { return RIGHT + " quiet"; };
  functions.rankIntervalTip = function () { return ""; };

  function noise(row) { return row.before >= row.rank_low && row.before <= row.rank_high; }
  functions.movedSaid = function (p) {
    if (none(p.data.rank)) return "";
    if (none(p.data.moved)) return "–";
    return p.data.moved === 0 ? words(p).same : (p.data.moved > 0 ? "↑ " : "↓ ") + Math.abs(p.data.moved);
  };
  functions.movedSaidClass = function (p) {
    const row = p.data;
    if (none(row.moved) || row.moved === 0 || noise(row)) return RIGHT + " quiet";
    return RIGHT + (row.moved > 0 ? " is-good" : " is-bad");
  };
  functions.movedSaidTip = function (p) {
    const row = p.data;
    if (none(row.rank)) return "";
    if (none(row.moved)) return words(p).new;
    if (row.moved === 0) return words(p).same;
    const said = fill(row.moved > 0 ? words(p).up : words(p).down, Math.abs(row.moved));
    return noise(row) ? said + " · " + words(p).noise : said;
  };

  functions.gapSaid = function (p) { return none(p.data.gap) ? "" : (p.data.tenth ? words(p).tenth + " " : "") + p.data.gap; };
  functions.gapSaidClass = function (p) { return RIGHT + (p.data.tenth ? " is-bad" : ""); };
  functions.gapSaidTip = function (p) { return none(p.data.gap) ? "" : fill(p.data.tenth ? words(p).inside : words(p).above, p.data.gap); };

  functions.shortestOf = function (p) {
    const months = p.data && none(p.data.rank) ? shortest[p.data.code] : undefined;
    return none(months) ? null : months === 0 ? 1000 : months;
  };
  functions.shortestSaid = function (p) {
    if (none(p.value)) return "";
    return p.value === 1000 ? words(p).never : fill(words(p).months, p.value);
  };
  functions.shortestSaidClass = function (p) { return RIGHT + (none(p.value) || p.value === 1000 ? " quiet" : " opens"); };
  functions.shortestSaidTip = function () { return ""; };

  // The interval as a bar on a scale all rows share; the line is the peers' value, the dot the unit's own, the ring the shrunk one.
  components.IntervalBar = function (props) {
    const make = window.React.createElement, row = props.data, [least, most] = props.ends;
    if (!row || none(row.low)) return null;
    function at(x) { return Math.min(Math.max((x - least) / (most - least), 0), 1) * 100 + "%"; }
    const middle = "50%", parts = [];
    parts.push(make("line", { key: "l", x1: at(row.low), x2: at(row.high), y1: middle, y2: middle, className: "bar-line" }));
    if (!none(props.middle)) parts.push(make("line", { key: "m", x1: at(props.middle), x2: at(props.middle), y1: "8%", y2: "92%", className: "bar-middle" }));
    if (!none(row.value)) parts.push(make("circle", { key: "v", cx: at(row.value), cy: middle, r: "0.1875rem", className: "bar-value" }));
    if (props.score && !none(row.score)) parts.push(make("circle", { key: "s", cx: at(row.score), cy: middle, r: "0.2813rem", className: "bar-score" }));
    const said = functions.figure(row.low, props.unit, "") + " – " + functions.figure(row.high, props.unit, "");
    return make("svg", { className: "interval-bar", role: "img", "aria-label": said }, make("title", null, said), parts);
  };

  // n and the excluded open their cases; the period that would be enough becomes the one asked about.
  functions.openUnit = function (params) {
    const key = params.event && params.event.key;
    if (!params.data || (key && key !== "Enter")) return;
    const column = params.column.getColId();
    if (column === "shortest") {
      const months = shortest[params.data.code];
      if (months) window.jingwei.lookBack(months);
    } else if (column === "n" || column === "name" || (OUT[column] && params.data[column])) {
      const part = OUT[column] || "denominator";
      window.dash_clientside.set_props("rank-opened", { data: { code: params.data.code, name: params.data.name, part: part, at: Date.now() } });
    }
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    rankings_table: {
      enough: function (found) {
        shortest = found || {};
        if (!window.dash_ag_grid) return;
        window.dash_ag_grid.getApiAsync("rank-table").then(function (api) { if (!api.isDestroyed()) api.refreshCells({ columns: ["shortest"], force: true }); });
      },
    },
  });
})();
