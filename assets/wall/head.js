// The wall's head: what time and day it is where the district lies, how old the data is, what the wall goes through; and the marks of
// a wall that has lost its server. The age itself is assets/clock.js's.
(function () {
  const jingwei = window.jingwei, wall = jingwei.wall;
  const IDLE = 3000; // milliseconds until the pointer goes

  function element(name) { return document.querySelector(".wall-" + name); }
  function put(box, text) { if (box && box.textContent !== text) box.textContent = text; }

  let forms = null;
  function words(now) {
    const said = wall.said, fast = said.simulated && jingwei.speed() >= 60;
    const name = String(fast);
    if (!forms || forms.name !== name) {
      const zone = { timeZone: said.zone };
      forms = { name: name,
        time: new Intl.DateTimeFormat("en-GB", Object.assign({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, fast ? {} : { second: "2-digit" }, zone)),
        day: new Intl.DateTimeFormat(document.documentElement.lang, Object.assign({ year: "numeric", month: "long", day: "numeric", weekday: "long" }, zone)) };
    }
    return [forms.time.format(now), forms.day.format(now)];
  }

  function show() {
    const now = jingwei.now();
    if (now !== null) {
      const [time, day] = words(now);
      put(element("time"), time);
      put(element("day"), day);
    }
    if (wall.said.simulated) put(document.querySelector(".wall-speed"), jingwei.speed() === 1 ? "" : jingwei.speed() ? "×" + jingwei.speed() : wall.said.words.standing);
    const age = document.querySelector(".age");
    const link = age.dataset.state === "silent" || age.dataset.state === "lost" ? age.dataset.state : "";
    const root = document.documentElement;
    if (link && !root.dataset.link && now !== null) { // each panel says from when what it shows is
      const since = words(now - jingwei.silence() * 1000 * jingwei.speed())[0].slice(0, 5);
      root.style.setProperty("--stopped", JSON.stringify(wall.said.words.stopped_at.replace("{time}", since)));
    }
    root.dataset.link = link;
    for (const box of document.querySelectorAll(".countdown")) jingwei.desk.tick(box);
  }
  setInterval(show, 500);
  wall.tellTime = show;

  wall.tellRotation = function () {
    const said = wall.said, state = wall.rotation.state;
    const number = wall.shown ? said.stops.indexOf(wall.shown.stop) : wall.rotation.at;
    put(element("rotation"), state ? (number + 1) + " / " + said.stops.length + (state === "on" ? "" : " · " + said.words[state]) : "");
  };

  wall.tellHead = function (pieces) {
    put(element("place"), pieces.place);
    const badge = element("state");
    put(badge, pieces.state.word);
    badge.classList.toggle("is-emergency", pieces.state.emergency);
    document.documentElement.classList.toggle("is-emergency", pieces.state.emergency);
  };

  // A pointer that rests is not shown.
  let idle = 0;
  document.addEventListener("pointermove", function () {
    document.documentElement.classList.add("has-pointer");
    clearTimeout(idle);
    idle = setTimeout(function () { document.documentElement.classList.remove("has-pointer"); }, IDLE);
  });

  // The screen stays on where the browser lets a page ask for it (served by TLS, or from the machine itself).
  async function stay() {
    if (document.hidden || !navigator.wakeLock) return;
    try { await navigator.wakeLock.request("screen"); } catch (error) { /* then the machine's own setting decides */ }
  }
  document.addEventListener("visibilitychange", stay);
  stay();
})();
