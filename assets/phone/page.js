// The page itself: which view the address means, the list and its age, what waits to be sent, and the worker that keeps all of it on the phone.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = jingwei.desk, parts = jingwei.parts, queue = jingwei.queue, keep = jingwei.keep, sender = jingwei.sender;
  const EVERY = 20000;
  const root = document.getElementById("phone");
  let asking = null, choices = null, drawn = "", worker = null, offered = null;

  const phone = (jingwei.phone = {
    said: null, // the list as the server said it last, with `at`: when
    entries: [], post: "", signIn: false, refusal: "", outdated: false,

    rows: function () { return phone.said ? phone.said.cases.map(function (row) { return queue.projected(row, phone.entries); }) : []; },
    row: function (id) { return phone.rows().find(function (row) { return row.id === id; }) || null; },
    time: function (at) { return new Intl.DateTimeFormat("sv-SE", { timeZone: root.dataset.zone, hour: "2-digit", minute: "2-digit" }).format(new Date(at)); },

    back: function () {
      if (location.hash === "#report" && jingwei.report.begun()) { parts.sure(desk.words.close_report, desk.words.discard, phone.home); return; }
      phone.home();
    },
    // Another view, at once; the address follows.
    go: function (hash) { history.pushState(null, "", hash); draw(); reload(); window.scrollTo(0, 0); },
    home: function () {
      if (location.hash === "#report") jingwei.report.end();
      history.replaceState(null, "", location.pathname);
      phone.draw(true);
      window.scrollTo(0, 0);
    },

    // The lists of a form; those the phone has where there is no connection.
    choices: function () {
      if (!choices) {
        choices = desk.ask("/my/choices").then(function (found) { keep.set("choices", { found: found }).catch(function () {}); return found; }, async function (error) {
          const kept = await keep.get("choices").catch(function () { return null; });
          choices = null;
          if (!kept) throw error;
          return kept.found;
        });
      }
      return choices;
    },

    // A move that was tapped: true once it lies on the phone.
    tap: async function (row, move, rule, body, pictures, replaced) {
      const added = await phone.add({ kind: "move", case_id: row.id, seq: row.seq, move: move, tone: rule.tone, name: rule.name, category: row.category, number: row.number, body: body, pictures: pictures }, replaced);
      if (!added) return false;
      if (!navigator.onLine) parts.say(desk.fill(desk.words.saved, { move: rule.name }), "info");
      const next = (row.then || {})[move];
      if (rule.tone !== "more" && location.hash !== "" && !(next && next.moves.length && next.group !== "others")) phone.home();
      else if (location.hash === "#outbox") phone.draw();
      return true;
    },

    // Lays something into the outbox and has it sent; null where the phone cannot keep it.
    add: async function (given, replaced) {
      const entry = Object.assign({ key: replaced ? replaced.key : desk.key(), n: queue.number(phone.entries), post: phone.post, state: "waiting", at: Date.now(), said: "" }, given);
      try { await keep.put(entry); } catch (error) { parts.say(desk.words.no_room, "late"); return null; }
      if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(function () {});
      await entries();
      phone.draw();
      sender.kick();
      return entry;
    },

    discard: async function (key) { await keep.remove(key); await entries(); phone.draw(); },

    refresh: function () {
      if (!asking) asking = ask().finally(function () { asking = null; });
      return asking;
    },

    draw: draw,
  });

  async function entries() { phone.entries = await keep.entries().catch(function () { return phone.entries; }); }

  async function ask() {
    await entries(); // another tab may have sent some
    if (!navigator.onLine) { draw(); return; }
    let answer = null;
    try { answer = await fetch("/my/cases?mark=" + encodeURIComponent(phone.said ? phone.said.mark : ""), { signal: AbortSignal.timeout(20000) }); }
    catch (error) { phone.lost = true; draw(); return; }
    phone.lost = false;
    if (answer.status === 401) { await forget(); phone.signIn = true; draw(true); return; }
    if (!answer.ok) { phone.refusal = answer.status === 403 ? await answer.text() : ""; draw(); return; }
    heard(await answer.json());
  }

  async function heard(said) {
    const same = phone.said && said.mark === phone.said.mark && said.post === phone.post, waited = phone.signIn || sender.post !== said.post;
    if (!same && !said.cases) { phone.said = null; asking = null; return phone.refresh(); }
    phone.said = Object.assign({}, phone.said, said, { at: Date.now() });
    Object.assign(phone, { post: said.post, signIn: false, refusal: "", outdated: said.build !== root.dataset.build });
    sender.post = said.post;
    sender.signIn = false;
    if (phone.outdated && worker) worker.update().catch(function () {});
    keep.set("list", { said: phone.said }).catch(function () {});
    if (!same || waited) { draw(); reload(); }
    if (waited) sender.kick();
    return null;
  }

  async function forget() {
    phone.said = null;
    jingwei.caseView.forget();
    await keep.forget().catch(function () {});
  }

  jingwei.now = function () { return phone.said ? phone.said.beat.now + (Date.now() - phone.said.at) * phone.said.beat.speed : null; };

  function here() {
    const found = /^#case-(\d+)$/.exec(location.hash);
    return found ? { view: "case", id: Number(found[1]) } : { view: ["#report", "#outbox"].includes(location.hash) ? location.hash.slice(1) : "list" };
  }

  function reload() { const at = here(); if (at.view === "case") jingwei.caseView.load(phone, at.id); }

  // Draws the view; a report that is being written is left as it stands, only the strips above it change.
  function draw(anew) {
    const at = here(), name = at.view + (at.id || ""), strips = document.querySelector(".strips"), body = document.querySelector(".view");
    strips.replaceChildren(...[...state(), ...jingwei.outbox.strip(phone)]);
    if (name === drawn && at.view === "report" && body.contains(document.querySelector(".report")) && anew !== true) return;
    drawn = name;
    const chips = body.querySelector(".chips"), scrolled = chips ? chips.scrollLeft : 0;
    body.replaceChildren(...views[at.view](at).flat().filter(Boolean));
    body.dataset.view = at.view;
    if (body.querySelector(".chips")) body.querySelector(".chips").scrollLeft = scrolled;
  }

  const views = {
    list: function () {
      const title = desk.make("span", { class: "title" }, desk.words.title, phone.said && phone.said.unit ? desk.make("small", {}, phone.said.unit) : null);
      const menu = desk.make("button", { type: "button", class: "bar-button", "aria-label": desk.words.menu, onclick: openMenu }, parts.icon("dots-vertical"));
      return [parts.bar(title, null, menu), jingwei.list.draw(phone), desk.make("footer", { class: "actions" },
        parts.button([parts.icon("camera"), desk.words.report], function () { jingwei.report.begin(phone, true); phone.go("#report"); }, { class: "button is-first is-wide is-report" }))];
    },
    case: function (at) { return [jingwei.caseView.draw(phone, at.id)]; },
    report: function () { return [jingwei.report.draw(phone)]; },
    outbox: function () { return [jingwei.outbox.draw(phone)]; },
  };

  // What is the matter with the connection or the program itself.
  function state() {
    const words = desk.words, made = [];
    const strip = function (tone, icon, text, end) { made.push(desk.make("div", { class: "strip", data: { tone: tone }, role: "status" }, parts.icon(icon), desk.make("span", {}, text), end)); };
    if (!navigator.onLine || phone.lost) strip("soon", "wifi-off", phone.said ? desk.fill(words.offline, { time: phone.time(phone.said.at) }) : words.offline_first);
    if (phone.refusal) strip("late", "alert-triangle", desk.fill(words.refused_list, { text: phone.refusal }));
    if (phone.outdated) strip("info", "refresh", words.updated, parts.button(words.reload, function () { location.reload(); }, { class: "button is-plain" }));
    return made;
  }

  function openMenu() {
    const words = desk.words, other = root.dataset.language === "zh" ? "en" : "zh";
    const close = parts.slip(words.menu, desk.make("div", { class: "slip-body slip-list" },
      offered ? parts.button(words.install_now, function () { close(); offered.prompt(); }) : desk.make("p", { class: "quiet" }, words.install),
      desk.make("a", { class: "button", href: "/" }, words.desktop), desk.make("a", { class: "button", href: "/language/" + other + "?next=/my", lang: other }, words.language),
      parts.button(words.leave, function () {
        close();
        const waiting = phone.entries.length;
        if (waiting) parts.sure(desk.fill(words.leave_waiting, { n: waiting }), words.leave_anyway, leave);
        else leave();
      })));
  }

  async function leave() {
    await forget();
    const form = desk.make("form", { method: "post", action: "/sign-out" });
    document.body.append(form);
    form.submit();
  }

  sender.told = async function (one, verdict, said) {
    await entries();
    if (one && verdict === "done") {
      if (one.kind === "move") parts.say(desk.fill(desk.words.sent, { move: one.name, number: one.number }), "good");
      else if (location.hash !== "#report") parts.say(desk.fill(desk.words.reported, said), "good");
      await phone.refresh();
    } else if (one && verdict === "refused") {
      if (one.kind === "move" || location.hash !== "#report") parts.say([one.name, said.text].join("："), "late");
      await phone.refresh();
    }
    if (one && one.kind === "report") jingwei.report.told(phone, one, verdict, said);
    draw();
  };

  async function serve() {
    if (!("serviceWorker" in navigator)) return;
    try { worker = await navigator.serviceWorker.register("/my/worker.js", { scope: "/my" }); } catch (error) { /* not served securely: it works with a connection only */ }
  }

  async function begin() {
    desk.words = JSON.parse(root.dataset.words);
    parts.icons = JSON.parse(root.dataset.icons);
    root.append(desk.make("div", { class: "strips" }), desk.make("div", { class: "view" }), desk.make("div", { class: "toast", role: "status", hidden: true, onclick: function () { parts.say(""); } }));
    await entries();
    const kept = await keep.get("list").catch(function () { return null; });
    if (kept) { phone.said = kept.said; phone.post = kept.said.post; }
    window.addEventListener("popstate", function () { if (parts.slipShown) parts.slipShown(); draw(); reload(); window.scrollTo(0, 0); });
    window.addEventListener("online", phone.refresh);
    window.addEventListener("offline", function () { draw(); });
    window.addEventListener("beforeinstallprompt", function (event) { event.preventDefault(); offered = event; });
    document.addEventListener("visibilitychange", function () { if (!document.hidden) phone.refresh(); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function (event) {
      let chosen = null;
      try { chosen = localStorage.getItem("mantine-color-scheme-value"); } catch (error) { /* storage is off */ }
      if (!chosen || chosen === "auto") document.documentElement.setAttribute("data-mantine-color-scheme", event.matches ? "dark" : "light");
    });
    setInterval(function () { if (!document.hidden) phone.refresh(); }, EVERY);
    draw();
    reload();
    sender.begin();
    if (await jingwei.position.allowed()) jingwei.position.find(60000).then(function () { draw(); }, function () {});
    await phone.refresh();
    phone.choices().catch(function () {});
    serve();
  }

  begin();
})();
