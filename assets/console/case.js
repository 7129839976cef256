// One case in the right half, or on a page of its own: where it stands, what may be done, what happened.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const MOST_BUTTONS = 7;

  const view = (desk.caseView = {
    id: null, said: null, text: "", map: null,

    open: async function (id) {
      if (view.id !== id) { desk.form.close(); view.end(); view.id = id; view.said = null; view.text = ""; loading(); }
      if (desk.intake.shown) desk.intake.close(true);
      if (desk.opening.shown) desk.opening.close(true);
      if (desk.queue && desk.part("queue-rows")) desk.queue.show();
      await view.load();
    },

    load: async function () {
      const id = view.id;
      if (!id) return;
      try {
        const said = await desk.ask("/console/cases/" + id);
        if (id !== view.id) return;
        const text = JSON.stringify(said);
        if (text === view.text) return;
        view.text = text;
        view.said = said;
        view.draw();
        if (said.moves.includes("dispatch")) desk.unitsOf(id); // asked for while the case is read
      } catch (error) { if (id === view.id && error.answered) { desk.say(error.message, "late"); } }
    },

    // The queue was looked at anew: if this case has moved, so does this view.
    follow: function () {
      const row = view.said && desk.queue.row(view.id);
      if (view.id && (!row || row.seq !== view.said.seq)) view.load();
    },

    close: function () { view.end(); view.id = null; view.said = null; view.text = ""; nothing(); },
    end: function () { if (view.map) { view.map.end(); view.map = null; } },

    draw: function () {
      const body = desk.part("work-body");
      const said = view.said;
      const before = body.querySelector(".case-scroll");
      const scrolled = before ? before.scrollTop : 0;
      const focused = document.activeElement && body.contains(document.activeElement) ? document.activeElement.dataset.move : null;
      const form = body.querySelector(".move-form");
      const kept = view.map && view.mapOf === view.id ? view.map : null;
      if (!kept) view.end();
      const scroll = desk.make("div", { class: "case-scroll" }, sections(said, kept));
      body.replaceChildren(head(said), form || actions(said), scroll);
      if (form) desk.form.refresh();
      scroll.scrollTop = scrolled;
      if (focused) { const button = body.querySelector('[data-move="' + focused + '"]'); if (button) button.focus(); }
      document.title = desk.fill(desk.words.title, { number: said.number });
    },

    // Puts the buttons back where a form stood.
    buttons: function () {
      const form = desk.part("work-body").querySelector(".move-form");
      if (form && view.said) form.replaceWith(actions(view.said));
      else if (form) form.remove();
    },

    target: function () { return view.said; },
  });

  function loading() { desk.part("work-body").replaceChildren(desk.make("p", { class: "work-empty quiet" }, desk.words.loading)); }
  function nothing() { desk.part("work-body").replaceChildren(desk.make("p", { class: "work-empty quiet" }, desk.words.nothing)); }
  view.nothing = nothing;

  function head(said) {
    const make = desk.make;
    const urgent = said.urgency === "normal" ? null : make("span", { class: "case-mark is-" + (said.urgency === "emergency" ? "late" : "soon") }, said.urgency_name);
    const clocks = said.clocks.map(function (clock) {
      return make("span", { class: "case-clock" }, make("span", { class: "quiet" }, clock.name), desk.countdown(clock.due, clock.started, clock.warn, clock.standing));
    });
    const path = said.path.slice(1).map(function (place) { return make("span", { title: place.level }, place.name); });
    return make("header", { class: "case-head" },
      make("div", { class: "case-title" }, make("h2", {}, said.category || said.kind_name), urgent, desk.marks(said.marks),
        make("a", { class: "case-number", href: "/case/" + said.id, title: desk.words.open_page }, said.number)),
      make("div", { class: "case-path" }, path),
      make("div", { class: "case-clocks" }, make("strong", { class: "case-stage" }, said.stage), clocks));
  }

  function actions(said) {
    const make = desk.make;
    const rules = said.rules[said.digest];
    const button = function (move) {
      const rule = rules[move];
      return make("button", { type: "button", class: "button", data: { move: move }, disabled: rule.pictures > 0, title: rule.pictures ? desk.words.pictures_needed : null, onclick: function () { desk.form.openFor(move, [said]); } },
        rule.name, rule.key && make("kbd", {}, rule.key));
    };
    const about = desk.opening.kindsAbout();
    const first = said.moves.slice(0, MOST_BUTTONS), more = said.moves.slice(MOST_BUTTONS);
    return make("div", { class: "case-actions", role: "group", "aria-label": desk.words.moves },
      said.moves.length ? first.map(button) : make("span", { class: "quiet" }, desk.words.no_moves),
      about.length ? make("details", { class: "more-moves" }, make("summary", { class: "button" }, desk.words.open, " +"), make("div", {}, about.map(function (one) { return make("button", { type: "button", class: "button", onclick: function () { desk.opening.open({ kind: one.kind, about: said }); } }, one.name); }))) : null,
      more.length ? make("details", { class: "more-moves" }, make("summary", { class: "button" }, desk.words.more_moves), make("div", {}, more.map(button))) : null);
  }

  function section(title, ...children) { return desk.make("section", { class: "case-section" }, desk.make("h3", {}, title), ...children); }

  function sections(said, kept) {
    const make = desk.make, words = desk.words;
    const found = [];
    found.push(timeline(said));
    if (said.text) found.push(section(words.text, make("p", { class: "case-text" }, said.text)));
    if (said.doubt.length) found.push(make("section", { class: "case-section is-doubt" }, make("h3", {}, words.doubt), said.doubt.map(function (line) { return make("p", {}, line); })));
    if (said.duplicates.length) found.push(section(words.duplicates, make("ul", { class: "case-list" }, said.duplicates.map(function (one) { return duplicate(said, one); }))));
    if (said.parts.length) found.push(parts(said));
    if (said.links.length) found.push(section(words.links, make("ul", { class: "case-list" }, said.links.map(function (one) { return make("li", {}, link(one), make("span", { class: "quiet" }, one.stage)); }))));
    const facts = make("dl", { class: "facts" }, said.facts.flatMap(function (pair) { return [make("dt", {}, pair[0]), make("dd", {}, pair[1])]; }));
    found.push(make("div", { class: "case-two" }, section(words.facts, facts), map(said, kept)));
    found.push(section(words.ledger, make("ol", { class: "case-ledger" }, said.ledger.map(line))));
    if (said.call_backs.length) found.push(section(words.call_backs, make("ul", { class: "case-list" }, said.call_backs.map(function (one) { return make("li", {}, make("time", {}, one.at), make("span", {}, one.said)); }))));
    return found;
  }

  function timeline(said) {
    const at = said.stages.findIndex(function (stage) { return stage.here; });
    return desk.make("ol", { class: "case-timeline", "aria-label": desk.words.timeline }, said.stages.map(function (stage, i) {
      return desk.make("li", { class: stage.here ? "is-here" : stage.at && i < at ? "is-past" : "is-ahead", "aria-current": stage.here ? "step" : null },
        desk.make("span", {}, stage.name), stage.at && i <= at ? desk.make("time", { class: "quiet" }, clock(stage.at)) : "");
    }));
  }

  function clock(at) {
    const form = new Intl.DateTimeFormat("sv-SE", { timeZone: desk.root().dataset.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
    return form.format(new Date(at)).slice(5);
  }

  function link(one) { return desk.make("a", { href: "/case/" + one.id, onclick: function (event) { if (desk.page().opens) { event.preventDefault(); desk.open(one.id); } } }, one.number); }

  function duplicate(said, one) {
    const make = desk.make;
    const join = one.linked ? make("span", { class: "quiet" }, desk.words.linked)
      : said.moves.includes("link") ? make("button", { type: "button", class: "button", onclick: function () { desk.form.sendNow("link", said, { other: one.number }); } }, desk.words.link) : null;
    return make("li", {}, link(one), make("span", { class: "quiet" }, [one.stage, one.at, desk.fill(desk.words.metres, { n: one.metres })].join(" · ")), join);
  }

  function parts(said) {
    const make = desk.make;
    const done = said.parts_done, all = said.parts_all;
    const bar = make("progress", { max: all, "aria-label": desk.words.parts_title });
    bar.value = done;
    return section(desk.words.parts_title, make("div", { class: "case-progress" }, bar, make("span", {}, desk.fill(desk.words.parts_done, { done: done, all: all })), make("a", { href: "/task/" + said.id }, desk.words.progress)),
      make("ul", { class: "case-list" }, said.parts.map(function (part) { return make("li", {}, link(part), make("span", {}, part.where), make("span", { class: "quiet" }, part.stage), part.done ? "" : desk.countdown(part.due, null, 0.8, false)); })));
  }

  function map(said, kept) {
    if (!said.point) return desk.make("p", { class: "small-map is-none quiet" }, desk.words.no_point);
    if (kept) return kept.element;
    view.map = desk.smallMap(said.number);
    view.mapOf = said.id;
    view.map.show(said.point);
    return view.map.element;
  }

  function line(one) {
    const make = desk.make;
    return make("li", {}, make("time", {}, one.at), make("div", {},
      make("strong", { class: one.alarm ? "is-bad" : "" }, one.what), one.unit ? make("span", {}, one.unit) : "", one.by ? make("span", { class: "quiet" }, one.by) : "",
      one.due ? make("span", { class: "quiet" }, desk.fill(desk.words.due, { time: one.due })) : "", one.pictures ? make("span", { class: "quiet" }, desk.fill(desk.words.pictures, { n: one.pictures })) : "",
      one.note ? make("p", {}, one.note) : ""));
  }
})();
