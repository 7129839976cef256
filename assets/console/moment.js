// A day and time: 2026-11-22 14:05, written the same in every browser whatever its own language, with a small calendar beside it.
// desk.moment(said): { element, input }. said.value and input.value are the local text, with a "T" or a space; said.end: a day
// alone means its end; said.words: the page's, where it has no desk.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = (jingwei.desk = jingwei.desk || {});
  const WRITTEN = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT,，]+(\d{1,2})\s*[:：时]\s*(\d{1,2})\s*分?(?::\d+)?)?$/;
  const two = function (n) { return String(n).padStart(2, "0"); };

  // What somebody wrote as "2026-11-22 14:05"; null when it is no time.
  desk.momentText = function (text, end) {
    const found = WRITTEN.exec(text.trim());
    if (!found) return null;
    const [year, month, day] = found.slice(1, 4).map(Number), [hour, minute] = found[4] ? [Number(found[4]), Number(found[5])] : end ? [23, 59] : [0, 0];
    const made = new Date(Date.UTC(year, month - 1, day, hour, minute));
    if (made.getUTCMonth() !== month - 1 || hour > 23 || minute > 59) return null;
    return year + "-" + two(month) + "-" + two(day) + " " + two(hour) + ":" + two(minute);
  };

  desk.moment = function (said) {
    const make = desk.make, words = said.words || desk.words.moment, given = Object.assign({}, said);
    delete given.end;
    delete given.words;
    delete given.onchange;
    const input = make("input", Object.assign(given, { type: "text", class: "moment-text", placeholder: words.hint, autocomplete: "off", maxlength: 32, value: (said.value || "").replace("T", " ") }));
    const open = make("button", { type: "button", class: "moment-open", "aria-label": words.open, title: words.open, "aria-expanded": "false" }, "▾");
    const element = make("span", { class: "moment" }, input, open);
    const settle = function (event) {
      const text = desk.momentText(input.value, said.end), wrong = input.value.trim() !== "" && text === null;
      input.setCustomValidity(wrong ? words.wrong : "");
      input.classList.toggle("is-wrong", wrong);
      if (text === null) return;
      input.value = text;
      if (said.onchange) said.onchange(event);
    };
    input.addEventListener("change", settle);
    open.addEventListener("click", function (event) {
      event.preventDefault();
      if (element.querySelector(".moment-days")) close(element);
      else calendar(element, input, open, words, said.end);
    });
    element.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && close(element)) { event.stopPropagation(); open.focus(); }
    });
    element.addEventListener("focusout", function (event) { if (event.relatedTarget && !element.contains(event.relatedTarget)) close(element); });
    return { element: element, input: input };
  };

  function close(element) {
    const days = element.querySelector(".moment-days");
    if (!days) return false;
    days.remove();
    element.querySelector(".moment-open").setAttribute("aria-expanded", "false");
    return true;
  }

  function calendar(element, input, open, words, end) {
    const make = desk.make, language = document.documentElement.lang || "zh";
    const clock = jingwei.now ? jingwei.now() : null, zone = desk.root() ? desk.root().dataset.zone : undefined;
    const today = new Intl.DateTimeFormat("sv-SE", { timeZone: zone || undefined, dateStyle: "short" }).format(clock === null ? Date.now() : clock);
    const box = make("div", { class: "moment-days", role: "dialog", "aria-label": words.open });
    open.setAttribute("aria-expanded", "true");
    element.append(box);
    const chosen = function () { return (desk.momentText(input.value, end) || "").slice(0, 10); };
    show((chosen() || today).slice(0, 7));

    function show(month) {
      const [year, number] = month.split("-").map(Number), first = new Date(Date.UTC(year, number - 1, 1));
      const step = function (by) { return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7); };
      const named = function (how, day) { return new Intl.DateTimeFormat(language, Object.assign({ timeZone: "UTC" }, how)).format(day); };
      const turn = function (text, by) { return make("button", { type: "button", class: "moment-turn", "aria-label": named({ year: "numeric", month: "long" }, new Date(step(by) + "-01T00:00Z")), onclick: function () { show(step(by)); box.querySelector(by < 0 ? ".moment-turn" : ".moment-turn:last-child").focus(); } }, text); };
      const cells = [];
      for (let i = 0; i < 7; i += 1) cells.push(make("span", { class: "moment-name" }, named({ weekday: "narrow" }, new Date(Date.UTC(2024, 0, 1 + i)))));
      for (let i = 0; i < (first.getUTCDay() + 6) % 7; i += 1) cells.push(make("span", {}));
      for (let day = 1; day <= new Date(Date.UTC(year, number, 0)).getUTCDate(); day += 1) {
        const text = month + "-" + two(day);
        cells.push(make("button", { type: "button", class: "moment-day" + (text === today ? " is-today" : ""), "aria-pressed": String(text === chosen()), "aria-label": named({ dateStyle: "long" }, new Date(text + "T00:00Z")), onclick: function () { pick(text); } }, String(day)));
      }
      box.replaceChildren(make("div", { class: "moment-head" }, turn("‹", -1), make("strong", {}, named({ year: "numeric", month: "long" }, first)), turn("›", 1)), make("div", { class: "moment-grid" }, cells));
    }

    function pick(day) {
      const time = (desk.momentText(input.value, end) || "").slice(11) || (end ? "23:59" : "00:00");
      input.value = day + " " + time;
      close(element);
      input.focus();
      input.setSelectionRange(11, 16);
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
})();
