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

  const AUTO = "auto";
  let went = 0;
  window.addEventListener("popstate", function () {
    if (document.getElementById("map")) {
      const said = new URLSearchParams(window.location.search);
      const [figure, part, days] = (said.get("cases") || "").split(":");
      window.dash_clientside.set_props("picked", { data: {
        open: said.has("place") || said.has("area") || said.has("cases") || said.has("case"),
        place: said.has("area") ? "~" + said.get("area") : said.get("place") || "", figure: figure || null,
        part: part || null, days: days || null, case: said.get("case") } });
      window.dash_clientside.set_props("went", { data: { search: window.location.search, n: ++went } });
    }
  });

  // A condition is dropped as if one went back to the address without it: all controls change at once.
  document.addEventListener("click", function (event) {
    const chip = event.target.closest && event.target.closest("button[data-drop]");
    if (!chip) return;
    const kept = new URLSearchParams();
    for (const [name, value] of new URLSearchParams(window.location.search)) {
      const drop = chip.dataset.drop.split(",").includes(name) && (!chip.dataset.value || chip.dataset.value === value);
      if (!drop) kept.append(name, value);
    }
    window.dash_clientside.set_props("went", { data: { search: "?" + kept, n: ++went } });
  });

  function html(type, props) { return { type: type, namespace: "dash_html_components", props: props }; }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    address: {
      // picked place, the level that can be read at the map's zoom, the values of the controls in the order of the names, the names
      // what was chosen before; nothing goes out where only the place picked is another
      choose: function (picked, readable, ...rest) {
        const before = rest.pop();
        const names = rest.pop();
        const values = rest;
        const chosen = {};
        names.forEach(function (name, i) { chosen[name] = values[i]; });
        if (chosen.level === AUTO) { // the address always names the level; what is automatic stands beside it
          chosen.level = values[names.indexOf("level")] = readable;
          chosen.auto = "on";
        }
        const place = picked || {};
        const at = new URLSearchParams(window.location.search).get("at"); // the map's own (map_position.js)
        const cases = [place.figure, place.part || "denominator", place.days].filter(Boolean).join(":");
        const drawn = place.open && /^~./.test(place.place || ""); // an outline in a place's stead (map_lasso.js)
        const text = search(names.concat(["auto", drawn ? "area" : "place", "cases", "case", "at"]), values.concat([
          chosen.auto, drawn ? place.place.slice(1) : place.open ? place.place : null, place.open && place.figure ? cases : null, place.open ? place.case : null, at]));
        if (text !== window.location.search) {
          const by = window.dash_clientside.callback_context.triggered.map(function (one) { return one.prop_id; });
          const own = !window.location.search || (by.length === 1 && by[0] === "readable-level.data"); // nobody chose anything
          window.history[own ? "replaceState" : "pushState"](null, "", window.location.pathname + text);
        }
        window.dash_clientside.set_props("failure", { children: null });
        return JSON.stringify(chosen) === JSON.stringify(before) ? window.dash_clientside.no_update : chosen;
      },
      // The control's own words for the automatic choice say which level that is.
      levels: function (readable, options) {
        const there = options.find(function (option) { return option.value === readable; });
        return options.map(function (option) {
          if (option.value !== AUTO || !there) return option;
          return { value: AUTO, label: option.label.split(" · ")[0] + " · " + there.label };
        });
      },
      // What narrows the view, each with a cross, and one button for all.
      chips: function (chosen, words) {
        const found = [];
        for (const [name, label] of Object.entries(words.names)) {
          for (const value of [].concat((chosen || {})[name] || [])) {
            if (!value || value === words.own) continue;
            const text = ((words.values[name] || {})[value] || value) + "";
            found.push(html("Button", { key: name + value, type: "button", className: "filter-chip", "data-drop": name, "data-value": value,
              "aria-label": words.drop + " " + label + " " + text,
              children: [html("Span", { children: label, className: "quiet" }), html("Span", { children: text }),
                html("Span", { children: "×", "aria-hidden": "true" })] }));
          }
        }
        if (!found.length) return [];
        return found.concat(html("Button", { key: "all", type: "button", className: "link", "data-drop": Object.keys(words.names).join(","),
          children: words.clear }));
      },
      range: function (period) { return period === "custom" ? "" : "is-hidden"; },
    },
  });
})();
