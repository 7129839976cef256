// The page of rankings: its choice in the address, and the list of cases under the table.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  let until = null; // the end of the period shown, as a local day
  let asked = null; // the choice the page shows

  function written(name, value) {
    const said = new URLSearchParams(window.location.search);
    said.delete(name);
    for (const one of [].concat(value)) if (one !== null && one !== undefined && one !== "") said.append(name, one);
    return said;
  }
  function keep(said) { history.replaceState(history.state, "", window.location.pathname + (String(said) ? "?" + said : "")); }

  // The months before the end of the period shown, in place of it.
  jingwei.lookBack = function (months) {
    if (!until) return;
    const end = new Date(until + "T00:00:00Z"), start = new Date(end);
    start.setUTCDate(1);
    start.setUTCMonth(start.getUTCMonth() - months);
    const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0)).getUTCDate();
    start.setUTCDate(Math.min(end.getUTCDate(), last));
    const day = function (at) { return at.toISOString().slice(0, 10); };
    end.setUTCDate(end.getUTCDate() - 1);
    window.dash_clientside.set_props("rank-range", { value: [day(start), day(end)] });
    window.dash_clientside.set_props("rank-period", { value: "custom" });
  };

  // A case's number, or Enter anywhere in its row, opens the case.
  window.dashAgGridFunctions = window.dashAgGridFunctions || {};
  window.dashAgGridFunctions.openRankedCase = function (params) {
    const key = params.event && params.event.key;
    if (!params.data || (key ? key !== "Enter" : params.column.getColId() !== "external_id")) return;
    window.open("/case/" + params.data.case_id, "_blank", "noopener");
  };

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.defaultPrevented || !document.querySelector(".rank-cases.is-open")) return;
    window.dash_clientside.set_props("rank-opened", { data: null });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    rankings: {
      // the controls' values in the order of the names, and the names
      choose: function (...given) {
        const names = given.pop(), chosen = {}, said = new URLSearchParams(window.location.search);
        names.forEach(function (name, i) {
          chosen[name] = given[i];
          said.delete(name);
          for (const one of [].concat(given[i])) if (one !== null && one !== undefined && one !== "") said.append(name, one);
        });
        if (chosen.period !== "custom") said.delete("range");
        if (chosen.figure !== "three_rate_score") { chosen.weights = ""; said.delete("weights"); }
        if (chosen.period === "custom" && !(chosen.range && chosen.range[0] && chosen.range[1])) return window.dash_clientside.no_update;
        keep(said);
        return chosen;
      },
      weights: function (response, resolution, satisfaction) {
        const all = [response, resolution, satisfaction];
        return all.some(function (one) { return one === "" || one === null || one === undefined; }) ? window.dash_clientside.no_update : all.join(",");
      },
      shown: function (period, figure) {
        return [period === "custom" ? "" : "is-hidden", figure === "three_rate_score" ? "rank-weights" : "is-hidden"];
      },
      ends: function (day) { until = day; },
      open: function (opened) {
        keep(written("cases", opened ? opened.code + ":" + opened.part : ""));
        if (opened && window.dash_ag_grid) {
          window.dash_ag_grid.getApiAsync("rank-cases").then(function (api) { api.purgeInfiniteCache(); });
        }
        return "rank-cases" + (opened ? " is-open" : "");
      },
      // The cross, or another choice: the list is no longer about it. The first choice is the address's own.
      close: function (_clicks, chosen) {
        const before = asked, by = window.dash_clientside.callback_context.triggered.map(function (one) { return one.prop_id.split(".")[0]; });
        asked = JSON.stringify(chosen);
        const left = by.includes("rank-cases-close") || (by.includes("rank-chosen") && before !== null && before !== asked);
        return left ? null : window.dash_clientside.no_update;
      },
    },
  });
})();
