// What comes after the first picture (dashboard/late.py): the map says when it is there; a page without one does not wait long.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const LONGEST = 4000; // milliseconds a page waits for its map
  const AFTER = 50; // milliseconds until what was drawn is on the screen

  const picture = new Promise(function (resolve) {
    jingwei.pictured = function () { setTimeout(resolve, AFTER); };
    setTimeout(resolve, LONGEST);
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    late: { come: async function (part) { await picture; return part; } },
  });
})();
