// What waits to be sent, and what was refused: nothing goes away by itself.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = jingwei.desk, parts = jingwei.parts;

  jingwei.outbox = {
    // The strip under the bar; null while there is nothing to say.
    strip: function (phone) {
      const counts = jingwei.queue.counts(phone.entries, phone.post), words = desk.words, made = [];
      const strip = function (tone, icon, text, end) { made.push(desk.make("a", { class: "strip", href: "#outbox", data: { tone: tone } }, parts.icon(icon), desk.make("span", {}, text), end)); };
      if (jingwei.sender.signIn || phone.signIn) {
        made.push(desk.make("a", { class: "strip", data: { tone: "soon" }, href: "/sign-in?next=/my" }, parts.icon("alert-triangle"), desk.make("span", {}, words.sign_in_first), desk.make("b", {}, words.sign_in)));
      }
      if (counts.refused) strip("late", "alert-octagon", desk.fill(words.refused_n, { n: counts.refused }));
      if (counts.waiting) strip("info", "cloud-upload", desk.fill(jingwei.sender.sending ? words.sending : words.waiting_n, { n: counts.waiting }));
      if (counts.others) strip("soon", "cloud-upload", desk.fill(words.waiting_n, { n: counts.others }));
      return made;
    },

    draw: function (phone) {
      const entries = jingwei.queue.sorted(phone.entries);
      return [parts.bar(desk.words.outbox, phone.back, parts.button(parts.icon("refresh"), function () { jingwei.sender.kick(); phone.refresh(); }, { class: "bar-button", "aria-label": desk.words.send_now })),
        desk.make("main", { class: "cards" }, entries.length ? entries.map(function (one) { return item(phone, one); }) : desk.make("p", { class: "empty" }, desk.words.nothing))];
    },
  };

  function item(phone, one) {
    const words = desk.words, mine = !phone.post || one.post === phone.post, refused = one.state === "refused";
    const text = !mine ? desk.fill(words.of_another, { post: one.post }) : one.before ? words.before : one.said;
    return desk.make("article", { class: "card is-entry", data: { state: one.state } },
      desk.make("div", { class: "card-first" }, desk.make("strong", {}, one.name + " · " + one.category), desk.make("span", { class: "tag " + (refused ? "is-refused" : "is-pending") }, words.state[one.state])),
      desk.make("div", { class: "card-second" }, [one.number, phone.time(one.at), one.pictures.length ? desk.fill(words.pictures_n, { n: one.pictures.length }) : ""].filter(Boolean).join(" · ")),
      one.body.reason || one.body.note || one.body.text ? desk.make("p", { class: "entry-text" }, [one.body.reason, one.body.note, one.body.text].filter(Boolean).join("\n")) : null,
      text ? desk.make("p", { class: "problem" }, text) : null,
      desk.make("div", { class: "entry-end" },
        parts.button([parts.icon("trash"), words.throw], function () { parts.sure(words.throw_sure, words.throw, function () { phone.discard(one.key); }); }),
        refused && mine && one.kind === "move" ? parts.button(words.look, function () { look(phone, one); }, { class: "button is-first" }) : null,
        refused && mine && one.kind === "report" ? parts.button(words.mend, function () { jingwei.report.mend(phone, one); }, { class: "button is-first" }) : null));
  }

  // The case as it stands now; where the same move can still be made, its form with what was written.
  async function look(phone, one) {
    await phone.refresh();
    phone.go("#case-" + one.case_id);
    const row = phone.row(one.case_id);
    if (row && row.moves.includes(one.move)) jingwei.form.open(phone, row, one.move, { body: one.body, pictures: one.pictures.slice(), entry: one });
  }
})();
