// The studio's pages: the list of drafts, and one draft. What a draft shows is kept in `studio.now`; the map and the panel draw it.
(function () {
  const jingwei = (window.jingwei = window.jingwei || {});
  const desk = jingwei.desk = jingwei.desk || {};
  const studio = (desk.studio = desk.studio || {});
  desk.pages = desk.pages || {};

  desk.pages.studio = {
    begin: begin,
    escape: function () { return studio.escape ? studio.escape() : false; },
    key: function (event) { return studio.key ? studio.key(event) : false; },
  };

  studio.words = function () { return desk.words; };
  studio.button = function (text, does, more) { return desk.make("button", Object.assign({ type: "button", class: "button", onclick: does }, more || {}), text); };
  studio.count = function (value) { return value === null || value === undefined ? "–" : Math.round(value).toLocaleString("en"); };
  studio.number = function (value, digits) { return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }); };
  studio.show = function (...parts) { const body = desk.part("studio-body"); if (body) body.replaceChildren(...parts.flat().filter(Boolean)); };
  studio.decoded = function (text) { return new Int32Array(jingwei.decodeValues(text).buffer); };

  studio.ask = async function (address, body) {
    try { return await desk.ask(address, body); } catch (error) { desk.say(error.answered ? error.message : desk.words.lost, "late"); return null; }
  };

  studio.fetchFile = function (address) { const link = desk.make("a", { href: address, download: "" }); document.body.append(link); link.click(); link.remove(); };

  // A line that shows how a job goes, with a stop: done(job, result), failed(). Null where the job did not begin.
  studio.work = function (begun, done, failed) {
    if (!begun) { if (failed) failed(); return null; }
    const make = desk.make, words = desk.words.working, address = "/studio/works/" + begun.job, bar = make("progress", { max: 1, "aria-label": words.going }), text = make("span", { class: "quiet" }, words.going);
    const line = make("div", { class: "studio-work", role: "status" }, text, bar, studio.button(words.stop, function () { studio.ask(address, { what: "stop" }); }));
    const look = async function () {
      const said = await studio.ask(address);
      if (!said) { if (failed) failed(); return; }
      if (said.status === "running") {
        if (said.share === null) bar.removeAttribute("value"); else { bar.value = said.share; text.textContent = words.going + " " + Math.round(100 * said.share) + "%"; }
        setTimeout(look, 500);
      } else if (said.status === "done") done(begun.job, said.result);
      else { if (said.status !== "stopped" && said.failure) desk.say([said.failure.what, said.failure.todo], "late"); if (failed) failed(); }
    };
    setTimeout(look, 300);
    return line;
  };

  // Any plan as a file: the form, the system, a button.
  studio.planFiles = function (word) {
    const make = desk.make, words = desk.words.files;
    const select = function (pairs, text) { return make("select", { "aria-label": text }, pairs.map(function (pair) { return make("option", { value: pair[0] }, pair[1]); })); };
    const form = select(words.forms, words.form), crs = select(words.systems, words.system);
    return make("div", { class: "studio-group studio-files" }, form, crs, studio.button(words.save, function () { studio.fetchFile("/studio/plans/" + (typeof word === "function" ? word() : word) + "/plan." + form.value + "?crs=" + encodeURIComponent(crs.value)); }));
  };

  // Files in and out, below the drafts' making: a plan written out, a plan drawn elsewhere dropped here.
  studio.filesBar = function (said) {
    const make = desk.make, words = desk.words.files;
    const which = make("select", { "aria-label": words.which }, said.sides.map(function (one) { return make("option", { value: one[0] }, one[1] + " · " + one[2]); }));
    const out = said.sides.length ? make("section", { class: "studio-new" }, make("label", { class: "field" }, make("span", { class: "field-name" }, words.write), which), studio.planFiles(function () { return which.value; })) : "";
    return make("div", { class: "studio-two" }, out, said.may ? studio.dropZone() : "");
  };

  studio.go = function (href) {
    return function (event) {
      if (event && (event.ctrlKey || event.metaKey || event.shiftKey || event.button)) return;
      if (event) event.preventDefault();
      history.pushState({}, "", href);
      desk.say([]);
      begin();
    };
  };

  function begin() {
    const name = location.pathname.split("/")[2], id = name === "compare" ? name : Number(name) || 0;
    if (studio.end) studio.end();
    if (studio.endCompare) studio.endCompare();
    if (studio.endDrawn) studio.endDrawn();
    studio.id = id;
    if (id === "compare") studio.compare(); else if (id) studio.open(id); else every();
  }

  window.addEventListener("popstate", function () { if (desk.root() && desk.root().id === "studio") begin(); });

  async function every() {
    const said = await studio.ask("/studio/drafts");
    if (!said || studio.id) return;
    const make = desk.make, words = desk.words;
    studio.show(make("div", { class: "studio-all" },
      make("header", { class: "studio-top" }, make("div", {}, make("h1", {}, words.title), make("p", { class: "quiet" }, words.about)), make("a", { class: "button", href: "/studio/compare", onclick: studio.go("/studio/compare") }, words.compare_two)),
      said.may ? making(said) : "", studio.filesBar(said),
      said.drafts.length ? table(said.drafts) : make("div", { class: "studio-empty" }, make("strong", {}, words.none), make("span", { class: "quiet" }, words.none_hint))));
  }

  function making(said) {
    const make = desk.make, words = desk.words;
    const name = make("input", { type: "text", maxlength: 60, required: true, autocomplete: "off" });
    const from = make("select", {}, said.plans.map(function (one) { return make("option", { value: one[0] }, one[1] + " · " + one[2]); }));
    const rules = make("select", {}, said.rules.map(function (pair) { return make("option", { value: pair[0] }, pair[1]); }));
    const begin_ = make("button", { type: "submit", class: "button is-first" }, words.make);
    const progress = make("span", { class: "quiet", role: "status" });
    const field = function (text, control) { return make("label", { class: "field" }, make("span", { class: "field-name" }, text), control); };
    return make("form", { class: "studio-new", onsubmit: async function (event) {
      event.preventDefault();
      if (!name.value.trim()) { name.focus(); return; }
      const job = await studio.ask("/studio/drafts", { name: name.value, rules: rules.value, plan: Number(from.value) });
      if (!job) return;
      begin_.disabled = true;
      progress.textContent = words.making;
      wait(job.job, begin_, progress);
    } }, field(words.name, name), said.plans.length > 1 ? field(words.from_plan, from) : "", field(words.rules_word, rules), begin_, progress);
  }

  async function wait(job, button, progress) {
    const said = await studio.ask("/studio/drafts?job=" + encodeURIComponent(job));
    if (studio.id || !button.isConnected) return;
    if (said && said.making.status === "running") { setTimeout(function () { wait(job, button, progress); }, 700); return; }
    button.disabled = false;
    progress.textContent = "";
    if (!said) return;
    if (said.making.failure) desk.say([said.making.failure.what, said.making.failure.todo], "late");
    else studio.go("/studio/" + said.making.id)();
  }

  function table(drafts) {
    const make = desk.make, words = desk.words;
    return make("table", { class: "studio-drafts" },
      make("thead", {}, make("tr", {}, [words.name, words.state, words.from, words.lines, words.made].map(function (text) { return make("th", { scope: "col" }, text); }))),
      make("tbody", {}, drafts.map(function (one) {
        const href = "/studio/" + one.id;
        return make("tr", { onclick: studio.go(href) },
          make("td", {}, make("a", { href: href, onclick: studio.go(href) }, one.name)), make("td", {}, studio.state(one)), make("td", { class: "is-number" }, one.from || "–"),
          make("td", { class: "is-number" }, studio.count(one.seq)), make("td", { class: "quiet" }, one.made_at + " · " + one.made_by));
      })));
  }

  studio.state = function (one) { return desk.make("span", { class: "studio-state", data: { state: one.state } }, one.state_name); };
})();
