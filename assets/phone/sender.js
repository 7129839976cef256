// Sends what waits, one after the other, whenever there may be a connection: at the start, when it is back, when the page is looked at
// again, and now and then. Each carries its key, so an answer that was lost on the way costs nothing.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const PATIENCE = 60000, EVERY = 20000;
  let running = false, timer = 0;

  const sender = (jingwei.sender = {
    post: null, // who is signed in; nothing is sent before that is known
    signIn: false,
    sending: false,
    tries: 0,
    told: function () {}, // (entry, verdict, answer) after each answer

    kick: function () { sender.tries = 0; clearTimeout(timer); return run(); },

    begin: function () {
      window.addEventListener("online", sender.kick);
      document.addEventListener("visibilitychange", function () { if (!document.hidden) sender.kick(); });
      setInterval(function () { if (!document.hidden && !sender.tries) run(); }, EVERY);
    },
  });

  // One tab at a time.
  function alone(work) {
    return navigator.locks ? navigator.locks.request("jingwei-phone", { ifAvailable: true }, function (lock) { return lock ? work() : null; }) : work();
  }

  async function run() {
    if (running || !navigator.onLine || sender.post === null || sender.signIn) return;
    running = true;
    try { await alone(all); } finally { running = false; if (sender.sending) { sender.sending = false; sender.told(null); } }
  }

  async function all() {
    for (;;) {
      const one = jingwei.queue.next(await jingwei.keep.entries(), sender.post);
      if (!one) return;
      if (!sender.sending) { sender.sending = true; sender.told(null); }
      const answer = await deliver(one), verdict = jingwei.queue.verdict(answer.status, answer.said);
      const change = jingwei.queue.settled(await jingwei.keep.entries(), one.key, verdict, answer.said || {});
      if (change.put.length) await jingwei.keep.put(...change.put);
      if (change.remove.length) await jingwei.keep.remove(...change.remove);
      sender.signIn = verdict === "sign_in";
      await sender.told(one, verdict, answer.said || {});
      if (verdict === "later" || verdict === "sign_in") { wait(); return; }
      sender.tries = 0;
    }
  }

  function wait() {
    sender.tries += 1;
    clearTimeout(timer);
    timer = setTimeout(run, jingwei.queue.pause(sender.tries) * 1000);
  }

  // Pictures first, each kept by its name once it is there, then what they belong to.
  async function deliver(one) {
    for (const picture of one.pictures) {
      if (picture.name) continue;
      const kept = await ask("/api/v1/attachments", picture.blob, picture.blob.type || "image/jpeg");
      if (kept.status !== 201) return kept;
      picture.name = kept.said.name;
      if (!(await jingwei.keep.update(one))) return { status: 0, said: null }; // thrown away meanwhile
    }
    const said = Object.assign({}, one.body, { post: one.post, key: one.key, ago: Math.max(1, Math.round(Date.now() - one.at)),
      evidence: one.pictures.map(function (picture) { return picture.name; }) });
    if (one.kind === "move") Object.assign(said, { case_id: one.case_id, move: one.move, expected_seq: one.seq });
    return ask(one.kind === "move" ? "/my/orders" : "/my/reports", JSON.stringify(said), "application/json");
  }

  // { status, said }; status 0 where there was no answer.
  async function ask(address, body, kind) {
    try {
      const answer = await fetch(address, { method: "POST", headers: { "content-type": kind }, body: body, signal: AbortSignal.timeout(PATIENCE) });
      const text = await answer.text();
      let said = null;
      try { said = JSON.parse(text); } catch (error) { said = { text: text }; }
      if (said && said.what) said.text = [said.what, said.todo].filter(Boolean).join(" ");
      return { status: answer.status, said: said };
    } catch (error) { return { status: 0, said: null }; }
  }
})();
