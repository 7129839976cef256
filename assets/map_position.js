// Where a person moved the map to stands in the address (at=latitude,longitude,zoom), so that a link shows the same part.
// It replaces the current entry of the history: the back button goes back to another question, not to another pan.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});

  function rewrite(value) {
    const said = new URLSearchParams(window.location.search);
    if ((said.get("at") || "") === value) return;
    if (value) said.set("at", value); else said.delete("at");
    const text = said.toString();
    window.history.replaceState(window.history.state, "", window.location.pathname + (text ? "?" + text : ""));
  }

  jingwei.position = {
    // The map's place from the address: [[latitude, longitude], zoom], or null where it names none that can be.
    read: function () {
      const parts = (new URLSearchParams(window.location.search).get("at") || "").split(",").map(Number);
      const sound = parts.length === 3 && parts.every(Number.isFinite) && Math.abs(parts[0]) <= 90 && Math.abs(parts[1]) <= 180;
      return sound ? [[parts[0], parts[1]], Math.min(22, Math.max(0, parts[2]))] : null;
    },
    write: function (map) {
      const centre = map.getCenter().wrap();
      rewrite([centre.lat.toFixed(5), centre.lng.toFixed(5), +map.getZoom().toFixed(2)].join(","));
    },
    forget: function () { rewrite(""); },
  };
})();
