// What the console's and the phone's scripts share: elements from data (never from markup), the page's words, time left in words, requests.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const desk = (jingwei.desk = jingwei.desk || {});
  const MINUTE = 60000, HOUR = 3600000, DAY = 86400000;

  desk.root = function () { return document.querySelector(".desk-root"); };
  desk.part = function (name) { const root = desk.root(); return root && root.querySelector("." + name); };
  desk.words = {};

  // make("div", { class: "row", onclick: f, data: { id: 3 }, "aria-label": "…" }, "text", child, …); null and false are left out.
  desk.make = function (tag, said, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(said || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "class") made.className = value;
      else if (name === "data") Object.assign(made.dataset, value);
      else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name === "value") made.value = value;
      else made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter(function (child) { return child !== null && child !== undefined && child !== false && child !== ""; }));
    return made;
  };

  desk.fill = function (text, holes) {
    return text.replace(/\{(\w+)\}/g, function (hole, name) { return name in holes ? holes[name] : hole; });
  };

  desk.span = function (milliseconds) {
    const words = desk.words, n = Math.abs(milliseconds);
    const d = Math.floor(n / DAY), h = Math.floor((n % DAY) / HOUR), m = Math.floor((n % HOUR) / MINUTE);
    if (d >= 3) return desk.fill(words.day, { n: d });
    if (d) return desk.fill(words.day_hour, { d: d, h: h });
    if (h) return desk.fill(words.hour_minute, { h: h, m: m });
    return m ? desk.fill(words.minute, { n: m }) : words.soon_over;
  };

  // What a clock says now: { text, tone: late soon "" }.
  desk.left = function (due, started, warn) {
    if (!due) return { text: desk.words.no_clock, tone: "none" };
    const now = jingwei.now ? jingwei.now() : null;
    if (now === null) return { text: "", tone: "" };
    const left = due - now;
    if (left <= 0) return { text: desk.fill(desk.words.over, { time: desk.span(left) }), tone: "late" };
    const soon = started && now - started >= (due - started) * (warn || 0.8);
    return { text: desk.fill(desk.words.left, { time: desk.span(left) }), tone: soon ? "soon" : "" };
  };

  desk.countdown = function (due, started, warn, paused) {
    const box = desk.make("span", { class: "countdown", data: { due: due || "", started: started || "", warn: warn || "", paused: paused ? "1" : "" } });
    desk.tick(box);
    return box;
  };

  desk.tick = function (box) {
    const said = box.dataset.paused ? { text: desk.words.paused, tone: "none" } : desk.left(Number(box.dataset.due), Number(box.dataset.started), Number(box.dataset.warn));
    if (box.textContent !== said.text) box.textContent = said.text;
    if (box.dataset.tone !== said.tone) box.dataset.tone = said.tone;
  };

  setInterval(function () {
    const root = desk.root();
    if (root) for (const box of root.querySelectorAll(".countdown")) desk.tick(box);
  }, 1000);

  desk.marks = function (marks) {
    return marks.map(function (mark) { return desk.make("span", { class: "case-mark is-" + mark[1] }, mark[0]); });
  };

  desk.key = function () { // a name for a request, also where the page is not served securely
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  };

  // The answer as JSON, or an error with the server's words.
  desk.ask = async function (address, body) {
    const how = body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
    const answer = await fetch(address, Object.assign({ signal: AbortSignal.timeout(30000) }, how));
    const text = await answer.text();
    let said = null;
    try { said = JSON.parse(text); } catch (error) { /* words of the server, not JSON */ }
    if (answer.ok && said) return said;
    throw Object.assign(new Error(said && said.what ? [said.what, said.todo].filter(Boolean).join(" ") : text), { answered: true });
  };

  let lists = null;
  desk.lists = async function () {
    if (!lists) lists = desk.ask("/console/lists").catch(function (error) { lists = null; throw error; });
    return lists;
  };

  // One line of what happened, and lines of what did not; it stays until the next or until it is closed.
  desk.say = function (lines, tone) {
    const box = desk.part("work-said");
    if (!box) return;
    const made = [].concat(lines).filter(Boolean).map(function (line) { return desk.make("div", {}, line); });
    box.dataset.tone = tone || "good";
    box.replaceChildren(...(made.length ? [desk.make("div", { class: "said-lines" }, made),
      desk.make("button", { type: "button", class: "said-close", "aria-label": desk.words.close, onclick: function () { desk.say([]); } }, "×")] : []));
  };
})();
