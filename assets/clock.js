// What time it is here: the server's time in the deployment's zone, or the simulated one, which may stand or run faster. And how old
// the data is, and whether the server has been heard of: each with a word once it is no longer as it should be.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const SILENT = 20, LOST = 60; // seconds without a word from the server; jingwei.away: it was asked and did not answer
  const OLD = 86400, VERY_OLD = 7 * 86400; // seconds of the deployment's time since data came in
  const SPANS = [[86400, "day"], [3600, "hour"], [60, "minute"], [0, "second"]];
  const forms = {};

  // The last beat: now, newest (milliseconds), speed, and when it was heard by this machine's own count.
  let beat = null;
  let heard = performance.now(); // the last word of any kind; the page itself is one

  jingwei.hear = function () { heard = performance.now(); };
  jingwei.setTime = function (said) { beat = Object.assign({ at: performance.now() }, said); show(); };
  jingwei.silence = function () { return (performance.now() - heard) / 1000; };
  jingwei.speed = function () { return beat ? beat.speed : 1; };
  jingwei.now = function () {
    if (!beat) return null;
    const simulated = beat.speed !== 1 || document.querySelector("[data-simulated]");
    const until = simulated ? Math.min(performance.now(), heard + SILENT * 1000) : performance.now();
    return beat.now + (until - beat.at) * beat.speed;
  };

  function form(zone, dated, seconds) {
    const name = [zone, dated, seconds].join();
    if (!forms[name]) {
      forms[name] = new Intl.DateTimeFormat("sv-SE", Object.assign({ timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
        dated ? { year: "numeric", month: "2-digit", day: "2-digit" } : {}, seconds ? { second: "2-digit" } : {}));
    }
    return forms[name];
  }

  function put(element, text) { if (element && element.textContent !== text) element.textContent = text; }

  function showClock(clock, now) {
    const dated = clock.hasAttribute("data-simulated");
    const words = JSON.parse(clock.dataset.words || "{}");
    put(clock.querySelector("time"), form(clock.dataset.clock, dated, beat.speed < 60).format(new Date(now)));
    put(clock.querySelector(".clock-speed"), dated ? (beat.speed ? "×" + beat.speed : words.paused) : "");
    for (const button of document.querySelectorAll("[data-speed]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === beat.speed));
    }
  }

  function showAge(age, now) {
    const words = JSON.parse(age.dataset.words);
    const silent = jingwei.silence();
    const seconds = beat.newest === null ? null : Math.max(0, Math.floor((now - beat.newest) / 1000));
    const [size, span] = SPANS.find(function (one) { return seconds >= one[0]; });
    put(age.querySelector(".age-text"), seconds === null ? words.none : words[span].replace("{n}", Math.floor(seconds / (size || 1))));
    const state = silent > LOST ? "lost" : silent > SILENT || jingwei.away ? "silent" : seconds > VERY_OLD ? "very_old" : seconds > OLD ? "old" : "";
    put(age.querySelector(".age-state"), state ? words[state] : "");
    age.classList.toggle("is-old", state === "old" || state === "silent");
    age.classList.toggle("is-lost", state === "lost" || state === "very_old");
    age.dataset.state = state;
  }

  function show() {
    if (!beat) return;
    const now = jingwei.now();
    for (const clock of document.querySelectorAll("[data-clock]")) showClock(clock, now);
    for (const age of document.querySelectorAll(".age")) showAge(age, now);
  }
  setInterval(show, 500);
})();
