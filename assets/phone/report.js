// Reporting something on the spot: the camera opens with the tap, the position is found meanwhile, then one tap says what it is and one sends
// it. While it is written, the page says where it lies and what may be the same.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = jingwei.desk, parts = jingwei.parts;
  const WAIT = 250;
  let draft = null, timer = 0, asked = 0;

  const report = (jingwei.report = {
    // Whether something would be lost by leaving.
    begun: function () { return Boolean(draft && !draft.entry && (draft.pictures.taken.length || draft.text.value.trim())); },

    // with_camera: at once, while the tap still counts as the person's own.
    begin: function (phone, with_camera) {
      if (!draft || draft.entry) draft = made(phone);
      if (with_camera) draft.pictures.open();
      if (!draft.place) locate();
    },

    // A report that was refused, as it was written, to be corrected and sent again under its key.
    mend: function (phone, entry) {
      draft = Object.assign(made(phone), { mends: entry, category: entry.body.category });
      draft.text.value = entry.body.text || "";
      draft.pictures.put(entry.pictures.slice());
      if (entry.body.lat) put({ at: [entry.body.lat, entry.body.lon], named: entry.body.place, label: desk.words.picked });
      phone.go("#report");
    },

    end: function () { draft = null; },

    draw: function (phone) {
      if (!draft) report.begin(phone, false);
      return [parts.bar(desk.words.report, phone.back), draft.element];
    },

    // What became of a report that was sent: the view shows it while it is still looked at.
    told: function (phone, entry, verdict, said) {
      if (!draft || !draft.entry || draft.entry.key !== entry.key) return;
      if (verdict === "done") ended(phone, desk.fill(desk.words.reported, { number: said.number }), said);
      else if (verdict === "refused") ended(phone, said.text, null, "late");
      else ended(phone, desk.words.reported_later, null, "info");
    },
  });

  function made(phone) {
    const make = desk.make, words = desk.words;
    const one = { place: null, category: null, same: null, entry: null, mends: null };
    one.pictures = parts.pictures(words.add_picture);
    one.text = make("textarea", { rows: 2, maxlength: 2000, placeholder: words.text_hint, "aria-label": words.say_more });
    one.kinds = make("div", { class: "kinds" });
    one.place_line = make("p", { class: "place-line", "aria-live": "polite" }, words.finding);
    one.offer = make("div", { class: "offer", "aria-live": "polite" });
    one.problem = make("p", { class: "problem", role: "alert" });
    one.send = parts.button(words.send, function () { send(phone); }, { class: "button is-first is-wide" });
    one.element = make("main", { class: "report" }, one.pictures.element,
      make("section", { class: "part" }, make("h2", {}, words.what), one.kinds),
      make("section", { class: "part" }, make("h2", {}, words.where), one.place_line, make("div", { class: "place-ways" },
        parts.button([parts.icon("current-location"), words.use_position], locate),
        parts.button([parts.icon("map-pin"), words.pick], function () { jingwei.pickOnMap(one.place && one.place.at, function (at) { put({ at: at, label: words.picked }); }); }),
        parts.button([parts.icon("search"), words.address], address)), one.offer),
      make("section", { class: "part" }, make("h2", {}, words.say_more), one.text),
      make("footer", { class: "actions" }, one.problem, one.send));
    phone.choices().then(function (found) { kinds(one, found); }).catch(function () { one.kinds.replaceChildren(make("p", { class: "quiet" }, words.offline_first)); });
    return one;
  }

  // The usual categories as big pictures; all others by their name.
  function kinds(one, found) {
    const by = new Map(found.categories.map(function (category) { return [category[0], category]; }));
    const usual = found.usual.filter(function (id) { return by.has(id); });
    function tile(id) {
      const category = by.get(id), icon = parts.icon("");
      icon.style.setProperty("--icon", 'url("' + found.icons[category[3]].replace(/"/g, "'") + '")');
      return desk.make("button", { type: "button", class: "kind", "aria-pressed": String(one.category === id), data: { id: id }, onclick: function () { choose(id); } }, icon, desk.make("span", {}, category[1]));
    }
    function choose(id) { one.category = id; one.problem.textContent = ""; one.same = null; draw(); look(); }
    function draw() {
      const shown = one.category === null || usual.includes(one.category) ? usual : [one.category, ...usual.slice(0, -1)];
      one.kinds.replaceChildren(desk.make("div", { class: "kind-tiles" }, shown.map(tile)), parts.button([parts.icon("search"), desk.words.search_category], search, { class: "button is-plain" }));
    }
    function search() {
      const list = desk.make("div", { class: "options is-long" });
      const field = desk.make("input", { type: "search", placeholder: desk.words.search_category, autocomplete: "off", oninput: fill });
      const close = parts.slip(desk.words.other_category, desk.make("div", { class: "slip-body" }, field, list));
      function fill() {
        const text = field.value.trim(), hits = found.categories.filter(function (category) { return !text || category[1].includes(text) || category[2].includes(text); });
        list.replaceChildren(...(hits.length ? hits.map(function (category) {
          return desk.make("button", { type: "button", class: "option", onclick: function () { close(); choose(category[0]); } }, desk.make("span", {}, category[1]), desk.make("small", {}, category[2]));
        }) : [desk.make("p", { class: "quiet" }, desk.words.no_category)]));
      }
      fill();
    }
    draw();
  }

  async function locate() {
    const one = draft;
    one.place_line.textContent = desk.words.finding;
    try {
      const found = await jingwei.position.find();
      if (one === draft && !(one.place && one.place.chosen)) put({ at: [found.lat, found.lon], label: desk.fill(desk.words.accuracy, { n: found.accuracy }), found: true });
    } catch (error) {
      if (one === draft && !one.place) { one.place_line.textContent = desk.words.no_fix; one.place_line.dataset.tone = "soon"; }
    }
  }

  // place: { at, label, found }, or a place of the map's by its code { named, label, at }.
  function put(place) {
    draft.place = Object.assign({ chosen: !place.found }, place);
    draft.place_line.textContent = place.label;
    draft.place_line.dataset.tone = "";
    draft.problem.textContent = "";
    draft.same = null;
    look();
  }

  function address() {
    const list = desk.make("div", { class: "options is-long" }), field = desk.make("input", { type: "search", placeholder: desk.words.address_hint, autocomplete: "off", oninput: wait });
    const close = parts.slip(desk.words.address, desk.make("div", { class: "slip-body" }, field, list));
    let typed = 0;
    function wait() { clearTimeout(typed); typed = setTimeout(find, WAIT); }
    async function find() {
      const said = await desk.ask("/search?q=" + encodeURIComponent(field.value.trim())).catch(function () { return null; });
      if (!said) { list.replaceChildren(desk.make("p", { class: "quiet" }, desk.words.offline_first)); return; }
      list.replaceChildren(...said.groups.flatMap(function (group) { return group.items; }).filter(function (one) { return one.place; }).map(function (one) {
        return desk.make("button", { type: "button", class: "option", onclick: function () { close(); put({ named: one.level + "=" + one.place, at: one.at, label: one.label }); } }, desk.make("span", {}, one.label), desk.make("small", {}, one.detail));
      }));
    }
  }

  function told() {
    const place = draft.place;
    if (!place) return {};
    const point = place.at ? { lat: place.at[0], lon: place.at[1] } : {};
    return place.named ? Object.assign({ place: place.named }, point) : point;
  }

  // Where it lies and what may be the same, as far as there is a connection to ask.
  function look() {
    clearTimeout(timer);
    timer = setTimeout(async function () {
      if (!draft || !draft.place || !navigator.onLine) return;
      const one = draft, number = (asked += 1);
      const said = await desk.ask("/console/offer?" + new URLSearchParams(Object.assign({ category: one.category || "" }, told()))).catch(function () { return null; });
      if (said && number === asked && one === draft && !one.entry) offer(one, said);
    }, WAIT);
  }

  function offer(one, said) {
    const words = desk.words, path = said.path.slice(1).map(function (place) { return place.name; }).join(" › ");
    one.place_line.textContent = [path, one.place.label].filter(Boolean).join(" · ");
    const wrong = said.outside ? words.outside : said.may ? "" : words.not_mine;
    one.offer.replaceChildren(...[wrong ? desk.make("p", { class: "problem" }, wrong) : null, ...same(one, said.duplicates)].filter(Boolean));
  }

  function same(one, duplicates) {
    if (!duplicates.length) return [];
    return [desk.make("h3", {}, desk.words.same), ...duplicates.slice(0, 3).map(function (other) {
      return desk.make("button", { type: "button", class: "option", "aria-pressed": String(one.same === other.number), onclick: function (event) {
        one.same = one.same === other.number ? null : other.number;
        for (const button of one.offer.querySelectorAll(".option")) button.setAttribute("aria-pressed", "false");
        event.currentTarget.setAttribute("aria-pressed", String(one.same === other.number));
      } }, desk.make("span", {}, other.number, desk.make("b", {}, desk.words.same_this)), desk.make("small", {}, details(other)));
    })];
  }

  function details(other) { return [other.stage, other.at, desk.fill(desk.words.near, { n: other.metres })].join(" · "); }

  async function send(phone) {
    const one = draft, words = desk.words;
    const lacking = [one.category ? "" : words.missing_category, one.place ? "" : words.missing_place].filter(Boolean);
    if (lacking.length) { one.problem.textContent = lacking.join(" "); return; }
    one.send.disabled = true;
    const body = Object.assign({ category: one.category, text: one.text.value.trim() }, one.same ? { other: one.same } : {}, told());
    const name = one.kinds.querySelector('[aria-pressed="true"]').textContent;
    one.entry = await phone.add({ kind: "report", case_id: 0, seq: 0, move: "", tone: "on", name: words.report, category: name, number: "", body: body, pictures: one.pictures.taken }, one.mends);
    if (!one.entry) { one.send.disabled = false; return; }
    if (!navigator.onLine) ended(phone, words.reported_later, null, "info");
    else one.send.textContent = desk.fill(words.sending, { n: 1 });
  }

  function ended(phone, text, said, tone) {
    const rows = said && said.duplicates && said.duplicates.length ? [desk.make("h3", {}, desk.words.same), desk.make("ul", { class: "same" }, said.duplicates.map(function (other) {
      return desk.make("li", {}, desk.make("strong", {}, other.number), desk.make("span", { class: "quiet" }, details(other)));
    }))] : [];
    draft.element.replaceChildren(desk.make("section", { class: "ended", data: { tone: tone || "good" } },
      parts.icon(tone === "late" ? "alert-octagon" : tone === "info" ? "cloud-upload" : "check"), desk.make("h2", { role: "status" }, text),
      said && said.path ? desk.make("p", { class: "quiet" }, said.path.join(" › ")) : null, rows),
    desk.make("footer", { class: "actions" }, desk.make("div", { class: "actions-beside" },
      parts.button([parts.icon("camera"), desk.words.another], function () { draft = null; report.begin(phone, true); phone.draw(); })),
      parts.button(desk.words.done, function () { draft = null; phone.home(); }, { class: "button is-first is-wide" })));
  }
})();
