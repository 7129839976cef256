// The queue: tabs with counts, rows kept in place by their case, the row one is at, those selected, and what may be done with them.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const MOST_NAMED = 4;
  const MOST = 200; // selected at once: as many as the server takes
  const WINDOW = 200, STEP = 50, NEAR = 25; // rows that are there at once; where they may begin; how near the window's end may come

  const queue = (desk.queue = {
    tab: "new", mark: "", counts: {}, rows: [], rules: {}, at: null, selected: new Set(), failed: false,
    offset: 0, beside: [], wanted: null, // the window's first row; selected rows outside it; the row to be at once it has come

    reset: function () { Object.assign(queue, { mark: "", rows: [], at: null, selected: new Set(), failed: false, offset: 0, beside: [], wanted: null, drawn: 0 }); queue.lines = new Map(); },
    lines: new Map(), // case → { element, said }
    all: function () { return queue.counts[queue.tab] || 0; },

    row: function (id) { return queue.rows.find(function (row) { return row.id === id; }); },
    rule: function (row, move) { return (queue.rules[row.digest] || {})[move]; },
    index: function () { return queue.rows.findIndex(function (row) { return row.id === queue.at; }); },

    refresh: async function () {
      if (!desk.part("queue-rows") || queue.asking) { queue.again = Boolean(queue.asking); return; }
      queue.asking = true;
      const tab = queue.tab;
      try {
        const offset = queue.offset;
        const said = await desk.ask("/console/queue?" + new URLSearchParams({ tab: tab, mark: queue.mark, offset: offset, also: [...queue.selected].join() }));
        queue.failed = false;
        if (offset !== queue.offset) queue.again = true; // the window was moved meanwhile
        else if (said.rows && tab === queue.tab) queue.take(said);
        else queue.foot();
      } catch (error) {
        queue.failed = true;
        queue.foot();
      }
      queue.asking = false;
      if (queue.again || tab !== queue.tab) { queue.again = false; queue.refresh(); }
    },

    take: function (said) {
      const moved = said.offset !== queue.drawn, before = moved && queue.tall ? Math.ceil(desk.part("queue-rows").scrollTop / queue.tall) - said.offset : queue.index();
      queue.drawn = said.offset;
      Object.assign(queue, { mark: said.mark, counts: said.counts, rows: said.rows, rules: said.moves, empty: said.empty, offset: said.offset });
      queue.beside = said.selected.filter(function (one) { return !queue.row(one.id); });
      const asked = new Set(said.selected.map(function (one) { return one.id; }));
      for (const id of [...queue.selected]) if (!queue.row(id) && !asked.has(id)) queue.selected.delete(id);
      const goal = queue.wanted === null ? null : queue.rows[Math.min(queue.wanted, queue.all() - 1) - queue.offset];
      if (goal) queue.at = goal.id;
      else if (!queue.row(queue.at)) queue.at = queue.rows.length ? queue.rows[Math.min(Math.max(before, 0), queue.rows.length - 1)].id : null;
      queue.draw();
      if (goal) { queue.wanted = null; queue.lines.get(queue.at).element.scrollIntoView({ block: "nearest" }); }
      if (desk.caseView) desk.caseView.follow();
    },

    // Rows that stay keep their element and their place on the screen; only what changed is written.
    draw: function () {
      const box = desk.part("queue-rows");
      if (!box) return;
      const here = queue.lines.get(queue.at);
      const above = here && here.element.isConnected ? here.element.offsetTop - box.scrollTop : null;
      const kept = new Map();
      for (const empty of box.querySelectorAll(".queue-empty")) empty.remove();
      const [top, bottom] = spaces(box);
      let next = top.nextElementSibling;
      for (const row of queue.rows) {
        const said = JSON.stringify(row);
        let line = queue.lines.get(row.id);
        if (!line || line.said !== said) {
          const element = draw_row(row);
          if (line) { if (next === line.element) next = element; line.element.replaceWith(element); }
          line = { element: element, said: said };
        }
        if (line.element !== next) box.insertBefore(line.element, next);
        else next = next.nextElementSibling;
        kept.set(row.id, line);
      }
      for (const [id, line] of queue.lines) if (!kept.has(id)) line.element.remove();
      queue.lines = kept;
      const tall = queue.rows.length ? kept.get(queue.rows[0].id).element.offsetHeight : 0;
      top.style.height = queue.offset * tall + "px";
      bottom.style.height = Math.max(0, queue.all() - queue.offset - queue.rows.length) * tall + "px";
      queue.tall = tall;
      if (!queue.rows.length) box.append(desk.make("div", { class: "queue-empty quiet" }, queue.empty || ""));
      const now = queue.lines.get(queue.at);
      if (now && above !== null) box.scrollTop = now.element.offsetTop - above;
      queue.show();
    },

    // The row one is at, the selection, the tabs: what changes without new data.
    show: function () {
      const box = desk.part("queue-rows");
      for (const [id, line] of queue.lines) {
        line.element.classList.toggle("is-here", id === queue.at);
        line.element.classList.toggle("is-open", Boolean(desk.caseView && desk.caseView.id === id));
        line.element.setAttribute("aria-selected", String(queue.selected.has(id)));
      }
      if (queue.at) box.setAttribute("aria-activedescendant", "queue-row-" + queue.at);
      else box.removeAttribute("aria-activedescendant");
      tabs();
      bulk();
      queue.foot();
    },

    foot: function () {
      const foot = desk.part("queue-foot");
      if (!foot) return;
      const all = queue.all(), number = function (n) { return n.toLocaleString("en"); };
      const shown = { from: number(queue.offset + 1), to: number(queue.offset + queue.rows.length), all: number(all) };
      const text = queue.failed ? desk.words.failed : all > queue.rows.length ? desk.fill(desk.words.window, shown) + " · " + desk.words.none_selected : desk.words.none_selected;
      if (foot.textContent !== text) foot.textContent = text;
    },

    go: function (steps) {
      if (!queue.rows.length) return;
      const goal = Math.min(Math.max(queue.offset + queue.index() + steps, 0), queue.all() - 1), at = goal - queue.offset;
      if (at < 0 || at >= queue.rows.length) { queue.wanted = goal; queue.shift(goal); return; }
      queue.at = queue.rows[at].id;
      queue.show();
      queue.lines.get(queue.at).element.scrollIntoView({ block: "nearest" });
    },

    select: function (id) {
      if (!id) return;
      if (!queue.selected.delete(id)) {
        if (queue.selected.size >= MOST) { desk.say(desk.fill(desk.words.most, { n: MOST }), "soon"); return; }
        queue.selected.add(id);
      }
      queue.show();
    },

    selectAll: function () {
      if (queue.rows.every(function (row) { return queue.selected.has(row.id); })) queue.selected.clear();
      else for (const row of queue.rows) if (queue.selected.size < MOST) queue.selected.add(row.id);
      if (queue.selected.size === MOST) desk.say(desk.fill(desk.words.most, { n: MOST }), "soon");
      queue.show();
    },

    // The window is brought around a row.
    shift: function (row) {
      const offset = Math.max(0, Math.floor((row - WINDOW / 2) / STEP) * STEP);
      if (offset === queue.offset) return;
      queue.offset = offset;
      queue.refresh();
    },

    scrolled: function () {
      const box = desk.part("queue-rows");
      if (!box || !queue.tall || queue.wanted !== null || !queue.rows.length) return;
      const first = Math.floor(box.scrollTop / queue.tall), last = first + Math.ceil(box.clientHeight / queue.tall);
      const end = queue.offset + queue.rows.length;
      if ((first < queue.offset + NEAR && queue.offset > 0) || (last > end - NEAR && end < queue.all())) queue.shift(Math.round((first + last) / 2));
    },

    turn: function (tab) {
      if (tab === queue.tab) return;
      queue.tab = tab;
      queue.reset();
      desk.part("queue-rows").replaceChildren();
      desk.part("queue-rows").append(desk.make("div", { class: "queue-empty quiet" }, desk.words.loading));
      queue.show();
      try { sessionStorage.setItem("jingwei-queue", tab); } catch (error) { /* storage is off */ }
      queue.refresh();
    },

    chosen: function () { return queue.rows.concat(queue.beside).filter(function (row) { return queue.selected.has(row.id); }); },

    // The moves all of some rows may make.
    common: function (rows) {
      const first = rows[0];
      return first ? first.moves.filter(function (move) { return rows.every(function (row) { return row.moves.includes(move) && queue.rule(row, move); }); }) : [];
    },
  });

  // What stands for the rows before and after the window, so that the list is as long as it is.
  function spaces(box) {
    const made = [...box.querySelectorAll(":scope > .queue-space")];
    if (made.length === 2) return made;
    const pair = [desk.make("div", { class: "queue-space" }), desk.make("div", { class: "queue-space" })];
    box.prepend(pair[0]);
    box.append(pair[1]);
    if (!box.dataset.scrolls) { box.dataset.scrolls = "1"; box.addEventListener("scroll", function () { requestAnimationFrame(queue.scrolled); }, { passive: true }); }
    return pair;
  }

  function draw_row(row) {
    const make = desk.make;
    const box = make("input", { type: "checkbox", tabindex: "-1", "aria-label": desk.fill(desk.words.select, { number: row.number }) });
    box.checked = queue.selected.has(row.id);
    box.addEventListener("click", function (event) { event.stopPropagation(); event.preventDefault(); setTimeout(function () { queue.at = row.id; queue.select(row.id); }); });
    const urgent = row.urgency === "normal" ? null : make("span", { class: "case-mark is-" + (row.urgency === "emergency" ? "late" : "soon") }, row.urgency_name);
    const parts = row.parts ? make("span", { class: "case-mark is-info" }, desk.fill(desk.words.parts, { done: row.parts[0], all: row.parts[1] })) : null;
    return make("div", { class: "queue-row", role: "option", id: "queue-row-" + row.id, data: { id: row.id }, onclick: function () { queue.at = row.id; queue.show(); desk.open(row.id); } },
      make("span", { class: "cell-select" }, box),
      make("span", { class: "cell-number", title: row.number }, row.number),
      make("span", { class: "cell-category", title: row.category }, row.category),
      make("span", { class: "cell-place", title: row.place }, row.place),
      make("span", { class: "cell-unit", title: row.unit }, row.unit || "–"),
      make("span", { class: "cell-stage" }, row.stage),
      make("span", { class: "cell-left", title: row.clock }, desk.countdown(row.due, row.started, row.warn, false)),
      make("span", { class: "cell-marks", title: row.marks.map(function (mark) { return mark[0]; }).join(" · ") || null }, urgent, desk.marks(row.marks), parts));
  }

  function tabs() {
    const box = desk.part("queue-tabs");
    const names = Object.entries(desk.words.tabs);
    if (box.childElementCount < names.length) {
      box.replaceChildren(...names.map(function ([tab, name]) {
        return desk.make("button", { type: "button", role: "tab", data: { tab: tab }, onclick: function () { queue.turn(tab); desk.part("queue-rows").focus(); } },
          desk.make("span", {}, name), desk.make("span", { class: "tab-count" }, ""));
      }), ...(desk.intake.may() ? [desk.make("button", { type: "button", class: "tab-intake", onclick: function () { desk.intake.open(); } }, desk.words.new)] : []));
    }
    for (const button of box.querySelectorAll("[data-tab]")) {
      const n = queue.counts[button.dataset.tab];
      const text = n === undefined ? "" : n.toLocaleString("en");
      button.setAttribute("aria-selected", String(button.dataset.tab === queue.tab));
      if (button.lastChild.textContent !== text) button.lastChild.textContent = text;
      button.lastChild.dataset.tone = n ? { late: "late", soon: "soon" }[button.dataset.tab] || "" : "none";
    }
  }

  function bulk() {
    const box = desk.part("queue-bulk");
    const rows = queue.chosen();
    for (const [id, line] of queue.lines) line.element.querySelector("input").checked = queue.selected.has(id);
    box.hidden = !rows.length;
    const said = rows.map(function (row) { return row.id + ":" + row.seq; }).join();
    if (box.dataset.said === said) return;
    box.dataset.said = said;
    const moves = queue.common(rows);
    const button = function (move) {
      const rule = queue.rule(rows[0], move);
      return desk.make("button", { type: "button", class: "button", data: { move: move }, onclick: function () { desk.form.openFor(move); } }, rule.name, rule.key && desk.make("kbd", {}, rule.key));
    };
    const more = moves.slice(MOST_NAMED);
    box.replaceChildren(desk.make("strong", {}, desk.fill(desk.words.selected, { n: rows.length })), ...moves.slice(0, MOST_NAMED).map(button),
      more.length ? desk.make("details", { class: "more-moves" }, desk.make("summary", { class: "button" }, desk.words.more_moves), desk.make("div", {}, more.map(button))) : "",
      moves.length ? "" : desk.make("span", { class: "quiet" }, desk.words.no_common),
      desk.make("button", { type: "button", class: "button is-plain", onclick: function () { queue.selected.clear(); queue.show(); } }, desk.words.clear));
  }

  desk.head = function () {
    const box = desk.part("queue-head");
    if (box) box.replaceChildren(desk.make("span", {}), ...desk.words.columns.map(function (name) { return desk.make("span", {}, name); }));
  };
})();
