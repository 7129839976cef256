// The alarm strip of every page and wall: what waits for somebody, who may say that it was seen, and the sound. What stands now is asked
// when the server's sign of life bears another mark. Tells others: jingwei:alarm (detail.place: the place's code; detail.places: with those above it, lowest first) when one comes in,
// jingwei:calm when none waits any more, jingwei:watched after every answer (window.jingwei.watched).
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const SOUND = "/assets/emergency/alarm.wav", MUTED = "jingwei-alarm-muted";
  const MOST_SHOWN = 6;
  const LOUD = ["red", "orange"];
  let said = null, asking = false, again = false, opened = false, refused = false, failed = "";
  let known = null; // waiting alarm → the level it stands at; null before the first answer
  let bell = null;

  function strips() { return [...document.querySelectorAll(".alarm-strip")]; }
  function words(strip) { return (strip.words = strip.words || JSON.parse(strip.dataset.words)); }
  function muted() { try { return localStorage.getItem(MUTED) === "1"; } catch (error) { return false; } }
  function keep(value) { try { localStorage.setItem(MUTED, value ? "1" : "0"); } catch (error) { /* storage is off */ } }

  function place() { const own = strips().find(function (strip) { return strip.dataset.place; }); return own ? own.dataset.place : ""; }

  async function look() {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const code = place();
      const answer = await fetch("/emergency/now" + (code ? "?place=" + encodeURIComponent(code) : ""), { signal: AbortSignal.timeout(20000) });
      if (answer.ok) take(await answer.json());
    } catch (error) { /* the server is away: the clock says so, and the next beat asks again */ }
    asking = false;
    if (again) { again = false; look(); }
  }

  function take(now) {
    said = jingwei.watched = now;
    const waiting = new Map(now.alarms.filter(function (one) { return one.waits; }).map(function (one) { return [one.id, one]; }));
    const fresh = known ? [...waiting.values()].filter(function (one) { return known.get(one.id) !== one.level; }) : [];
    const calmed = known && known.size && !waiting.size;
    known = new Map([...waiting.values()].map(function (one) { return [one.id, one.level]; }));
    show();
    for (const one of fresh) {
      document.dispatchEvent(new CustomEvent("jingwei:alarm", { detail: { id: one.id, title: one.title, text: one.text, colour: one.colour, place: one.code, places: one.codes } }));
    }
    if (fresh.some(concerns)) ring();
    if (calmed) document.dispatchEvent(new Event("jingwei:calm"));
    document.dispatchEvent(new Event("jingwei:watched"));
  }

  // A sound is for those who can answer it, and for the wall they work under.
  function concerns(one) { return LOUD.includes(one.colour) && (one.may || Boolean(place())); }

  async function ring() {
    if (muted()) return;
    bell = bell || new Audio(SOUND);
    bell.currentTime = 0;
    try { await bell.play(); refused = false; } catch (error) { refused = error.name === "NotAllowedError"; }
    show();
  }

  async function acknowledge(one) {
    failed = "";
    try {
      const how = { method: "POST", headers: { "content-type": "application/json" }, body: "{}", signal: AbortSignal.timeout(20000) };
      const answer = await fetch("/emergency/alarms/" + one.id, how);
      const told = await answer.json();
      if (!answer.ok) failed = [told.what, told.todo].filter(Boolean).join(" ");
      else if (place()) look();
      else take(told);
    } catch (error) { failed = words(strips()[0]).failed; }
    show();
  }

  function show() { if (said) for (const strip of strips()) { draw(strip); } state(); }

  function draw(strip) {
    const make = jingwei.desk.make, text = words(strip);
    const waiting = said.alarms.filter(function (one) { return one.waits; });
    strip.hidden = !waiting.length && !said.emergencies.length;
    strip.dataset.drawn = said.mark;
    if (strip.hidden) { strip.replaceChildren(); return; }
    const shown = waiting.slice(0, opened ? MOST_SHOWN : 1);
    const rows = shown.map(function (one, number) { return row(one, text, number ? [] : tools(waiting, text)); });
    if (!rows.length) rows.push(make("div", { class: "alarm-row is-state", data: { colour: said.emergencies[0].colour } }, standing(text)));
    if (failed) rows.push(make("div", { class: "alarm-failed", role: "alert" }, failed));
    const focused = [...strip.querySelectorAll("button, a")].indexOf(document.activeElement);
    strip.replaceChildren(...rows);
    const there = strip.querySelectorAll("button, a")[focused];
    if (there) there.focus({ preventScroll: true });
  }

  function row(one, text, tools) {
    const make = jingwei.desk.make;
    return make("div", { class: "alarm-row", data: { colour: one.colour } },
      make("span", { class: "alarm-colour" }, text.colours[one.colour]),
      make("strong", { class: "alarm-title" }, one.title),
      make("span", { class: "alarm-text" }, one.case && !place() ? make("a", { href: "/case/" + one.case }, one.text) : one.text),
      make("span", { class: "alarm-place" }, one.place),
      make("span", { class: "alarm-age", data: { since: one.raised } }, age(one.raised, text)),
      one.up ? make("span", { class: "alarm-up" }, jingwei.desk.fill(text.up, { level: one.up })) : "",
      make("span", { class: "alarm-tools" }, tools,
        one.may ? make("button", { type: "button", class: "button is-first", onclick: function () { acknowledge(one); } }, text.acknowledge) : ""));
  }

  function tools(waiting, text) {
    const make = jingwei.desk.make, more = waiting.length - 1;
    const sound = refused ? text.refused : muted() ? text.muted : text.sounding;
    return [
      more > 0 ? make("button", { type: "button", class: "alarm-more", "aria-expanded": String(opened), onclick: function () { opened = !opened; show(); } },
        opened ? text.fewer : jingwei.desk.fill(text.others, { n: more })) : "",
      waiting.some(concerns) ? make("button", { type: "button", class: "alarm-sound" + (refused ? " is-refused" : ""), "aria-pressed": String(!muted() && !refused), onclick: turn }, sound) : "",
    ];
  }

  // Touched: a sound that was refused is allowed now; otherwise it goes off or on.
  function turn() {
    if (refused) { refused = false; ring(); return; }
    keep(!muted());
    if (muted() && bell) bell.pause();
    show();
  }

  function standing(text) {
    const make = jingwei.desk.make;
    return said.emergencies.map(function (one) {
      return make("a", { class: "alarm-standing", href: place() ? null : "/emergency" },
        make("span", { class: "alarm-colour" }, one.name), make("span", {}, one.place), make("span", { class: "alarm-age", data: { since: one.since } }, age(one.since, text)));
    });
  }

  function age(since, text) {
    const now = jingwei.now ? jingwei.now() : null;
    if (now === null) return "";
    const n = Math.max(0, now - since), d = Math.floor(n / 86400000), h = Math.floor(n / 3600000) % 24, m = Math.floor(n / 60000) % 60;
    const fill = jingwei.desk.fill;
    return d ? fill(text.day_hour, { d: d, h: h }) : h ? fill(text.hour_minute, { h: h, m: m }) : m ? fill(text.minute, { n: m }) : text.soon_over;
  }

  function state() {
    for (const box of document.querySelectorAll(".duty-state")) {
      if (box.textContent !== said.state.short) box.textContent = said.state.short;
      box.title = said.state.word;
      box.classList.toggle("is-emergency", said.state.emergency);
    }
  }

  document.addEventListener("jingwei:beat", function () {
    if (jingwei.watchMark && strips().length && (!said || said.mark !== jingwei.watchMark)) look();
  });
  setInterval(function () {
    if (!said) return;
    for (const strip of strips()) {
      if (strip.dataset.drawn !== said.mark) draw(strip);
      for (const box of strip.querySelectorAll(".alarm-age")) {
        const text = age(Number(box.dataset.since), words(strip));
        if (box.textContent !== text) box.textContent = text;
      }
    }
    state();
  }, 1000);

  jingwei.alarms = { look: look, age: age, get said() { return said; }, get sound() { return refused ? "refused" : muted() ? "muted" : "on"; } };
})();
