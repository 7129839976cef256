// How the base map looks: what is seen from which zoom, how wide, in which of the theme's colours. Quiet: it must never compete
// with a class's colour. "under" lies below the polygons and is whole; "over" is carved into them, in the page's own colour.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const FROM = [0, 0, 12.5, 14.25, 15.5, 16.5]; // rank → the zoom it is drawn from
  const NAMED = [0, 12.5, 14.25, 15.25, 16.25, 17]; // rank → the zoom its name is written from
  const METRES = { arterial: 26, collector: 15, local: 7, rail: 4, river: 30, creek: 6 }; // of lines
  const LEAST = { arterial: 1.8, collector: 1.1, local: 0.7, rail: 1, river: 2, creek: 1 }; // pixels

  jingwei.baseStyle = {
    order: ["park", "site", "water", "building", "rail", "road"],
    drawnFrom: function (rank) { return FROM[Math.min(rank, 5)]; },
    namedFrom: function (rank, theme) { return NAMED[Math.min(rank, 5)] + (theme === "road" ? 0 : 0.75); },
    // Pixels of the screen; metres: how many a pixel is.
    width: function (kind, metres) { return Math.max(LEAST[kind] || 0.8, (METRES[kind] || 6) / metres); },
    size: function (rank, theme) { return theme === "road" ? (rank === 1 ? 12.5 : 11.5) : rank === 1 ? 13 : 11.5; },
  };
})();
