// The address holds the view: a change of the controls writes it, the back button writes the controls.
// The address is written by the history itself and not through dcc.Location, which would be a circle in the graph.
(function () {
  function search(names, values) {
    const parameters = new URLSearchParams();
    names.forEach(function (name, i) {
      const value = values[i];
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== null && one !== undefined && one !== "") parameters.append(name, one);
      }
    });
    const text = parameters.toString();
    return text ? "?" + text : "";
  }

  let went = 0;
  window.addEventListener("popstate", function () {
    if (document.getElementById("map")) {
      const said = new URLSearchParams(window.location.search);
      const [figure, part] = (said.get("cases") || "").split(":");
      window.dash_clientside.set_props("picked", { data: {
        open: said.has("place") || said.has("cases"), place: said.get("place") || "", figure: figure || null, part: part || null } });
      window.dash_clientside.set_props("went", { data: { search: window.location.search, n: ++went } });
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    address: {
      // names, picked place, then the values of the controls in the order of the names
      choose: function (picked, ...rest) {
        const names = rest.pop();
        const values = rest;
        const chosen = {};
        names.forEach(function (name, i) { chosen[name] = values[i]; });
        const place = picked || {};
        const at = new URLSearchParams(window.location.search).get("at"); // the map's own (map_position.js)
        const text = search(names.concat(["place", "cases", "at"]), values.concat([
          place.open ? place.place : null, place.open && place.figure ? place.figure + ":" + place.part : null, at]));
        if (text !== window.location.search) {
          const first = !window.location.search;
          window.history[first ? "replaceState" : "pushState"](null, "", window.location.pathname + text);
        }
        window.dash_clientside.set_props("failure", { children: null });
        return chosen;
      },
      range: function (period) { return period === "custom" ? "" : "is-hidden"; },
    },
  });
})();
