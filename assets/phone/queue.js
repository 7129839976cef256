// What waits on the phone to be sent: its order, what a case looks like with it, and what becomes of an answer. Pure; tested in Node.
// An entry: { key, n, post, kind: "move" | "report", state: "waiting" | "refused", case_id, seq, move, tone, at, body, pictures, said }.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const LONGEST = 60; // seconds between two tries

  function waits(one) { return one.state === "waiting"; }

  const queue = (jingwei.queue = {
    // In the order in which they were tapped.
    sorted: function (entries) { return entries.slice().sort(function (a, b) { return a.n - b.n; }); },

    // The number of the next entry.
    number: function (entries) { return entries.reduce(function (most, one) { return Math.max(most, one.n); }, 0) + 1; },

    // What is sent next: the first that waits, of this post. What another post wrote is never sent in its name.
    next: function (entries, post) {
      return queue.sorted(entries).find(function (one) { return waits(one) && one.post === post; }) || null;
    },

    // A case as it will stand when what waits has been sent: { …row, seq, stage, group, moves, then, pending }. A move the row holds already
    // (it was sent, and the answer was lost) is not counted twice.
    projected: function (row, entries) {
      const found = Object.assign({}, row, { then: row.then || {}, pending: 0 });
      for (const one of queue.sorted(entries)) {
        if (!waits(one) || one.case_id !== row.id) continue;
        found.pending += 1;
        if (one.seq < row.seq) continue;
        const next = found.then[one.move];
        found.seq += 1;
        if (next) Object.assign(found, { stage: next.stage, group: next.group, moves: next.moves, then: {} });
        else if (one.tone !== "more") Object.assign(found, { group: "others", moves: [], then: {} });
      }
      return found;
    },

    // What an answer means: done · refused (a person decides) · later (try again) · sign_in. status 0: there was no answer.
    verdict: function (status, said) {
      if (status === 401) return "sign_in";
      if (status === 0 || status === 408 || status === 429 || status >= 500) return "later";
      if (status >= 200 && status < 300 && said && said.ok) return "done";
      return said && said.status >= 500 ? "later" : "refused";
    },

    // What is changed by an answer: { remove: [key], put: [entry] }. What was tapped on the same case after a refused move was
    // decided on something that did not happen, so it waits for a person too.
    settled: function (entries, key, verdict, said) {
      const one = entries.find(function (other) { return other.key === key; });
      if (!one || verdict === "later" || verdict === "sign_in") return { remove: [], put: [] };
      if (verdict === "done") return { remove: [key], put: [] };
      const after = entries.filter(function (other) { return one.kind === "move" && waits(other) && other.case_id === one.case_id && other.n > one.n; });
      return { remove: [], put: [Object.assign({}, one, { state: "refused", said: said.text || "", stale: Boolean(said.stale) })].concat(
        after.map(function (other) { return Object.assign({}, other, { state: "refused", said: "", before: true }); })) };
    },

    counts: function (entries, post) {
      const own = entries.filter(function (one) { return one.post === post; });
      const waiting = own.filter(waits).length;
      return { waiting: waiting, refused: own.length - waiting, others: entries.length - own.length };
    },

    // Seconds until the next try.
    pause: function (tries) { return Math.min(LONGEST, 3 * Math.pow(2, Math.max(0, tries - 1))); },
  });
})();
