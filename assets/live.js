// The page follows the store: one socket, which is opened again whenever nothing was heard for a while, and plain requests for the
// same messages as long as none can be opened. Messages: dashboard/live/channels.py. What they change is changed in place: nothing
// is drawn anew, nothing moves.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const QUIET = 25; // seconds without a word after which a socket is given up; the server says something every ten
  const FIRST_WAIT = 1, LONGEST_WAIT = 30; // seconds before the next try
  const ASK_EVERY = 5; // seconds between plain requests
  const LOOK_EVERY = 2; // seconds between them while nobody answers: they say first that the server is there again
  const SPREAD = 2000; // milliseconds over which screens come back to a server that was away: not all at once
  const REST = 700; // milliseconds a choice must stand before it is followed: its own callbacks answer first
  const RELOADED = "jingwei-reloaded";

  let socket = null;
  let wait = FIRST_WAIT;
  let tryAt = 0; // milliseconds of this machine's own count (its clock may be set meanwhile), when to open the next socket
  let failed = 0; // sockets in a row that never said anything
  let asking = false, askedAt = -Infinity, unanswered = false;
  let wanted = null; // the query this page shows; null: it only wants the time
  let number = 0, resting = 0;
  let names = {}; // part → channel, as the server last answered
  let marks = {}; // part → what this page shows of it

  const parts = (jingwei.liveParts = {}); // part → function (pieces, whole): assets/live_parts.js and whoever else wants to

  function address(path) { return (location.protocol === "https:" ? "wss:" : "ws:") + "//" + location.host + path; }

  function open() {
    const mine = (socket = new WebSocket(address("/live/socket")));
    let spoke = false;
    mine.onmessage = function (event) {
      if (mine !== socket) return;
      if (!spoke) { spoke = true; unanswered = false; failed = 0; wait = FIRST_WAIT; ask_for(); }
      hear(JSON.parse(event.data), false);
    };
    mine.onclose = function () {
      if (mine !== socket) return;
      socket = null;
      if (!spoke) failed += 1;
      names = {};
      tryAt = performance.now() + wait * 1000 * (0.75 + Math.random() / 2);
      wait = Math.min(LONGEST_WAIT, wait * 2);
    };
    mine.onerror = function () { mine.close(); };
  }

  function drop() {
    const old = socket;
    if (!old) return;
    old.onclose();
    old.onmessage = old.onerror = null;
    old.close();
  }

  function ask_for() {
    names = {};
    if (socket && socket.readyState === WebSocket.OPEN && wanted !== null) {
      socket.send(JSON.stringify({ follow: ++number, search: wanted, marks: marks }));
    }
  }

  function hear(said, asked) {
    jingwei.hear();
    if (said.beat) {
      jingwei.setTime(said.beat);
      jingwei.watchMark = said.beat.watch; // of alarms, emergencies and warnings: assets/emergency/strip.js
      document.dispatchEvent(new Event("jingwei:beat"));
      reload(said.beat.build);
    } else if (said.channels) {
      if (said.follow === number) names = said.channels;
    } else if (said.part === "news") {
      if (wanted !== null) parts.news(said);
    } else if (asked || names[said.part] === said.channel) take(said);
  }

  function take(said) {
    if (said.from && said.from !== marks[said.part]) { // something was missed
      if (socket) socket.send(JSON.stringify({ again: said.part }));
      return;
    }
    if (said.mark === marks[said.part]) return;
    if (apply(said)) marks[said.part] = said.mark;
  }

  function apply(said) {
    const shows = parts[said.part];
    if (shows && shows(said.pieces, !said.from) === false) return false;
    for (const [name, value] of Object.entries(said.pieces)) if (name[0] === "#") jingwei.fillBox(name.slice(1), value);
    return true;
  }

  // A page of another program than the server's loads itself anew, once a program.
  function reload(build) {
    const own = document.querySelector("meta[name=build]");
    if (!own || own.content === build) return;
    try {
      if (sessionStorage.getItem(RELOADED) === build) return;
      sessionStorage.setItem(RELOADED, build);
    } catch (error) { return; } // without storage nothing would end it
    location.reload();
  }

  async function ask() {
    asking = true;
    askedAt = performance.now();
    const shown = wanted;
    const query = new URLSearchParams(shown === null ? {} : { search: shown, marks: JSON.stringify(marks) });
    try {
      const answer = await fetch("/live/now?" + (shown === null ? "search=none" : query), { signal: AbortSignal.timeout(20000) });
      if (answer.ok) for (const said of await answer.json()) if (shown === wanted || said.beat) hear(said, true);
      if (unanswered) { wait = FIRST_WAIT; tryAt = Math.min(tryAt, performance.now() + Math.random() * SPREAD); }
      unanswered = false;
    } catch (error) { unanswered = true; } // the server is away: the clock says so
    asking = false;
  }

  // The watchdog.
  setInterval(function () {
    if (socket && jingwei.silence() > QUIET) { wait = FIRST_WAIT; drop(); }
    if (!socket && performance.now() >= tryAt) open();
    const alive = socket && socket.readyState === WebSocket.OPEN;
    const pause = unanswered ? LOOK_EVERY : ASK_EVERY;
    if (!alive && (failed >= 2 || jingwei.silence() > pause) && !asking && performance.now() - askedAt > pause * 1000) ask();
    jingwei.away = !alive && unanswered;
  }, 500);

  function hurry() { tryAt = 0; wait = FIRST_WAIT; }
  window.addEventListener("online", hurry);
  window.addEventListener("pageshow", hurry);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) hurry(); });

  // A choice was made, or its own answers came: follow it once it stands. What comes meanwhile belongs to another one.
  function follow(search) {
    names = {};
    wanted = null;
    clearTimeout(resting);
    resting = setTimeout(function () {
      marks = {};
      wanted = search();
      const map = jingwei.maps.map;
      if (wanted !== null && map && map.data && map.data.mark) marks.map = map.data.mark;
      if (wanted !== null) ask_for();
      else if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ follow: ++number, search: "", marks: {} }));
    }, REST);
  }

  // A page that knows what it wants to follow (assets/wall): at once.
  function show(search) {
    marks = {};
    wanted = search;
    askedAt = -Infinity;
    ask_for();
  }

  jingwei.live = { show: show, state: function () { return { socket: socket ? socket.readyState : null, marks: marks, names: names, wanted: wanted, silence: jingwei.silence() }; } };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    live: {
      choice: function (_chosen, _painted, chosen) {
        if (chosen) follow(function () { return document.getElementById("map") ? window.location.search : null; });
      },
    },
  });
})();
