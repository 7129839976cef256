// A wall stands without Dash: what the shared scripts would tell its components goes nowhere.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  window.dash_clientside = window.dash_clientside || { set_props: function () {} };
  jingwei.pictured = function () {}; // nothing waits for the map's first picture (assets/late.js)
  jingwei.wall = { draws: {} }; // panel → function (box, pieces): what it shows besides its body
})();
