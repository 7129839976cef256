// Taking a call, by keyboard alone: what, of which kind, where. While it is written, the page says who answers for it and what may be
// the same. Enter in a field goes on, Ctrl+Enter registers.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const WAIT = 200;
  const SMALL = ["building", "block"];
  const ZOOM = { street: 13, community: 14, grid: 15, micro_grid: 16, estate: 16, building: 18, block: 18 };
  let element = null, where = null, key = "", began = 0, timer = 0, asked = 0, found = [], at = -1, map = null, same = null;

  const intake = (desk.intake = {
    shown: false,

    // Whether this post may open an event at all; where it lies is asked once more.
    may: function () { return (desk.words.openings || []).some(function (one) { return one.kind === "event"; }); },

    open: function () {
      if (!intake.may()) return;
      if (desk.opening.shown) desk.opening.close(true);
      if (intake.shown) { element.querySelector("textarea").focus(); return; }
      desk.form.close();
      desk.caseView.close();
      desk.say([]);
      where = null; same = null; key = desk.key(); began = performance.now();
      intake.shown = true;
      draw();
      address("/console/intake");
    },

    close: function (quiet) {
      if (!intake.shown) return;
      intake.shown = false;
      if (map) { map.end(); map = null; }
      element = null;
      address("/console");
      if (!quiet) { desk.caseView.nothing(); desk.part("queue-rows").focus(); }
    },
  });

  // The address says that a call is being taken, without the page being drawn anew.
  function address(path) { if (location.pathname.startsWith("/console") && location.pathname !== path) history.replaceState(history.state, "", path); }

  function draw() {
    const make = desk.make, words = desk.words;
    const label = function (name, ...inner) { return make("label", { class: "field" }, make("span", { class: "field-name" }, name), ...inner); };
    const urgency = make("select", { name: "urgency" }), channel = make("select", { name: "channel" });
    desk.lists().then(function (lists) {
      urgency.append(...lists.urgency.map(function (one) { return make("option", { value: one[0] }, one[1]); }));
      channel.append(...lists.channels.map(function (one) { return make("option", { value: one }, one); }));
    });
    const [category, options] = desk.named("category", "categories", words.category_hint);
    const place = make("input", { type: "text", name: "where", autocomplete: "off", placeholder: words.where_hint, role: "combobox", "aria-expanded": "false", "aria-controls": "intake-places", "aria-autocomplete": "list" });
    map = desk.smallMap(words.where);
    element = make("form", { class: "intake", novalidate: true, onsubmit: function (event) { event.preventDefault(); send(); } },
      make("h2", {}, words.intake),
      label(words.what, make("textarea", { name: "text", rows: 3, maxlength: 2000, placeholder: words.what_hint })),
      make("div", { class: "intake-row" }, label(words.category, category, options), label(words.urgency, urgency), label(words.channel, channel)),
      make("div", { class: "field is-place" }, label(words.where, place), make("div", { class: "search-results", id: "intake-places", role: "listbox" })),
      make("div", { class: "field" }, make("span", { class: "field-name" }, words.picture), desk.picturesField()),
      make("div", { class: "intake-offer", "aria-live": "polite" }, make("p", { class: "quiet" }, words.first)),
      make("div", { class: "form-problem", role: "alert" }),
      make("div", { class: "form-end" }, make("button", { type: "submit", class: "button is-first" }, words.register, make("kbd", {}, "Ctrl+Enter")), make("button", { type: "button", class: "button", onclick: function () { intake.close(); } }, words.cancel, make("kbd", {}, "Esc"))),
      map.element);
    desk.part("work-body").replaceChildren(element);
    map.pick(function (point) { choose({ at: [point.lat, point.lng], label: desk.fill(words.picked, { lat: point.lat.toFixed(5), lon: point.lng.toFixed(5) }), point: true }); });
    home();
    element.addEventListener("keydown", keys);
    category.addEventListener("change", offer);
    category.addEventListener("input", offer);
    place.addEventListener("input", function () { where = null; clearTimeout(timer); timer = setTimeout(look, WAIT); });
    place.addEventListener("blur", function () { setTimeout(function () { list([]); }, 150); });
    element.querySelector("textarea").focus();
  }

  async function home() {
    const said = await desk.ask("/search?q=" + encodeURIComponent(desk.root().dataset.district || "")).catch(function () { return { groups: [] }; });
    const first = said.groups.flatMap(function (group) { return group.items; }).find(function (one) { return one.at && one.level === "district"; });
    if (map && first && !where) map.show(first.at, 12.5, false);
  }

  function keys(event) {
    if (event.isComposing) return;
    const name = event.target.name;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); return; }
    if (name === "where" && found.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); mark(at + (event.key === "ArrowDown" ? 1 : -1)); return; }
    if (event.key !== "Enter" || event.shiftKey || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    if (name === "where" && found[at]) choose(found[at].item);
    const order = ["text", "category", "where"], next = order[order.indexOf(name) + 1];
    if (next) element.elements[next].focus();
    else element.querySelector(".is-first").focus();
  }

  async function look() {
    const text = element.elements.where.value.trim(), number = (asked += 1);
    if (!text) { list([]); return; }
    const said = await desk.ask("/search?q=" + encodeURIComponent(text)).catch(function () { return { groups: [] }; });
    if (number === asked && element) list(said.groups.flatMap(function (group) { return group.items; }).filter(function (one) { return one.place; }));
  }

  function list(items) {
    if (!element) return;
    const box = element.querySelector(".search-results");
    found = items.map(function (item, i) {
      const line = desk.make("div", { class: "search-item", role: "option", id: "intake-place-" + i, onmousedown: function (event) { event.preventDefault(); choose(item); } }, desk.make("span", {}, item.label), desk.make("span", {}, item.detail));
      return { item: item, line: line };
    });
    box.replaceChildren(...found.map(function (one) { return one.line; }));
    element.elements.where.setAttribute("aria-expanded", String(found.length > 0));
    at = -1;
    if (found.length) mark(0);
  }

  function mark(next) {
    at = (next + found.length) % found.length;
    found.forEach(function (one, i) { one.line.setAttribute("aria-selected", String(i === at)); });
    found[at].line.scrollIntoView({ block: "nearest" });
    element.elements.where.setAttribute("aria-activedescendant", "intake-place-" + at);
  }

  function choose(item) {
    where = item;
    list([]);
    element.elements.where.value = item.label;
    if (item.at) { if (item.point) map.mark(item.at); else map.show(item.at, ZOOM[item.level] || 15, SMALL.includes(item.level)); }
    offer();
  }

  function place() {
    if (!where) return {};
    const point = where.at ? { lat: where.at[0], lon: where.at[1] } : {};
    return where.point ? point : Object.assign({ place: where.level + "=" + where.place }, point);
  }

  async function category() {
    const written = element.elements.category.value.trim();
    return written ? await desk.chosen("categories", written).catch(function () { return ""; }) : "";
  }

  async function offer() {
    if (!where) return;
    const number = (asked += 1), mine = element;
    const query = new URLSearchParams(Object.assign({ category: await category() }, place()));
    const said = await desk.ask("/console/offer?" + query).catch(function () { return null; });
    if (!said || number !== asked || mine !== element || !element) return;
    const make = desk.make, words = desk.words;
    const path = said.path.slice(1).map(function (one) { return one.name; }).join(" › ");
    const rows = said.duplicates.map(function (one) {
      return make("li", {}, make("strong", {}, one.number), make("span", { class: "quiet" }, [one.stage, one.at, desk.fill(words.metres, { n: one.metres })].join(" · ")),
        make("button", { type: "button", class: "button", onclick: function () { same = one.number; send(); } }, words.same_link));
    });
    element.querySelector(".intake-offer").replaceChildren(make("dl", { class: "facts" },
      make("dt", {}, words.lies), make("dd", { class: said.outside ? "is-bad" : "" }, said.outside ? words.outside : path || "–"),
      make("dt", {}, words.unit), make("dd", {}, said.unit || words.no_unit)),
    rows.length ? make("div", { class: "intake-same" }, make("h3", {}, words.same), make("ul", { class: "case-list" }, rows)) : make("p", { class: "quiet" }, words.same_none));
  }

  async function send() {
    const problem = element.querySelector(".form-problem"), button = element.querySelector(".is-first"), words = desk.words;
    const get = function (name) { return element.elements[name].value.trim(); };
    const id = await category();
    const lacking = [[get("text"), words.what], [id, words.category], [where, words.where]].filter(function (one) { return !one[0]; });
    if (lacking.length) {
      problem.textContent = get("category") && !id ? desk.fill(words.unknown, { text: get("category") }) : desk.fill(words.missing, { fields: lacking.map(function (one) { return one[1]; }).join(" ") });
      return;
    }
    let evidence;
    try { evidence = desk.picturesOf(element, 0); } catch (why) { problem.textContent = why; return; }
    problem.textContent = words.sending;
    button.disabled = true;
    try {
      const said = await desk.ask("/console/cases", Object.assign({ key: key, text: get("text"), category: id, urgency: get("urgency"), channel: get("channel"), other: same, evidence: evidence }, place()));
      const seconds = Math.round((performance.now() - began) / 1000);
      intake.close(true);
      await desk.open(said.case_id);
      const line = said.registered ? desk.fill(words.registered, said) : desk.fill(words.reported, { number: said.number, why: said.text });
      desk.say(line + " · " + desk.fill(words.seconds, { n: seconds }), said.registered ? "good" : "soon");
      desk.part("queue-rows").focus();
      desk.queue.refresh();
    } catch (error) {
      if (!element) return;
      problem.textContent = error.answered ? error.message : words.lost;
      button.disabled = false;
    }
  }
})();
