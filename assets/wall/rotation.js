// A wall that goes through places or layouts by itself. A touch, a click or a key stops it for a while; an alarm holds it until it is
// over: jingwei:alarm (detail.place: the code of the place to show) and jingwei:calm.
(function () {
  const wall = window.jingwei.wall;
  let at = 0, left = 0, stopped = 0, held = false, last = performance.now();

  wall.rotation = {
    get at() { return at; },
    get state() { return wall.said.stops.length < 2 ? "" : held ? "held" : stopped > 0 ? "stopped" : "on"; },
    // Show the stop of this number; it stands its whole time.
    go: function (number) {
      const stops = wall.said.stops;
      at = ((number % stops.length) + stops.length) % stops.length;
      left = wall.said.every;
      wall.show(stops[at]);
      wall.tellRotation();
    },
    // It goes on by itself after the seconds of the layout.
    pause: function () {
      if (wall.said.stops.length < 2) return;
      stopped = wall.said.pause;
      wall.tellRotation();
    },
    // places: where it is wrong, lowest first; the first of them the wall has a stop for is shown.
    hold: function (places) {
      held = true;
      const numbers = places.map(function (place) { return wall.said.stops.findIndex(function (stop) { return stop.place === place; }); });
      const number = Math.max(-1, numbers.find(function (one) { return one >= 0; }) ?? -1);
      if (number >= 0 && number !== at) wall.rotation.go(number);
      wall.tellRotation();
    },
    release: function () { held = false; left = wall.said.every; wall.tellRotation(); },
  };

  // By this machine's own count: its clock may be set meanwhile.
  function tick() {
    const now = performance.now(), passed = (now - last) / 1000;
    last = now;
    if (!wall.said) return; // the page's own script is still to come
    if (wall.said.stops.length < 2 || held || wall.coming()) return; // a stop's time begins when it is shown
    if (stopped > 0) {
      stopped -= passed;
      if (stopped <= 0) { stopped = 0; left = wall.said.every; wall.tellRotation(); }
      return;
    }
    left -= passed;
    if (left <= 0) wall.rotation.go(at + 1);
  }
  setInterval(tick, 250);

  document.addEventListener("pointerdown", function () { wall.rotation.pause(); });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && wall.said.stops.length > 1) wall.rotation.go(at + step);
    wall.rotation.pause();
  });
  document.addEventListener("jingwei:alarm", function (event) { wall.rotation.hold(event.detail ? event.detail.places || [event.detail.place] : []); });
  document.addEventListener("jingwei:calm", function () { wall.rotation.release(); });
})();
