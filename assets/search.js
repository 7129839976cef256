// The search field: "/" goes to it, the arrows go through what was found, Enter opens it. The server finds (dashboard/search.py).
(function () {
  const WAIT = 120; // ms of quiet before asking
  const ZOOM = { street: 13, community: 14, grid: 15, micro_grid: 16, estate: 16, building: 17, block: 18 };
  let timer = 0, asked = 0, items = [], at = -1;

  function field() { return document.getElementById("search"); }
  function list() { return document.getElementById("search-results"); }
  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function prepare(input) {
    if (input.getAttribute("role")) return;
    const said = { role: "combobox", "aria-controls": "search-results", "aria-expanded": "false", "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(said)) input.setAttribute(name, value);
  }

  function show(groups) {
    const shown = [];
    items = [];
    at = -1;
    for (const group of groups) {
      shown.push(element("div", "search-group", group.name));
      for (const item of group.items) {
        const line = element("div", "search-item");
        line.id = "search-item-" + items.length;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        line.append(element("span", "", item.label), element("span", "", item.detail));
        line.addEventListener("mousedown", function (event) { event.preventDefault(); open(item); });
        items.push({ item: item, line: line });
        shown.push(line);
      }
    }
    if (!shown.length) shown.push(element("div", "search-none", list().closest(".search").dataset.none));
    list().replaceChildren(...shown);
    field().setAttribute("aria-expanded", "true");
    if (items.length) mark(0);
  }

  function mark(next) {
    if (items[at]) items[at].line.setAttribute("aria-selected", "false");
    at = (next + items.length) % items.length;
    items[at].line.setAttribute("aria-selected", "true");
    items[at].line.scrollIntoView({ block: "nearest" });
    field().setAttribute("aria-activedescendant", items[at].line.id);
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    items = [];
    if (list()) list().replaceChildren();
    if (field()) {
      field().setAttribute("aria-expanded", "false");
      field().removeAttribute("aria-activedescendant");
    }
  }

  async function ask(text) {
    const number = ++asked;
    const answer = await fetch("/search?q=" + encodeURIComponent(text));
    if (!answer.ok || number !== asked) return;
    const found = await answer.json();
    if (number === asked) show(found.groups);
  }

  // On the map's page the drawer opens and the map goes there; from another page the address does both.
  function open(item) {
    close();
    field().blur();
    const here = document.getElementById("map");
    const view = here && window.jingwei.maps && window.jingwei.maps.map;
    if (!here) {
      const said = new URLSearchParams(item.case ? { case: item.case } : { place: item.place });
      if (item.at) said.set("at", [item.at[0].toFixed(5), item.at[1].toFixed(5), ZOOM[item.level] || 14].join(","));
      window.location.assign("/?" + said);
      return;
    }
    if (item.case) { window.jingwei.pick({ place: "", figure: null, part: null, days: null, case: item.case }); return; }
    if (item.at && view && view.goTo) view.goTo([item.at, ZOOM[item.level] || 14]);
    window.jingwei.pick({ place: item.place, figure: null, part: null });
  }

  let ready = false;
  document.addEventListener("focusin", function (event) {
    if (event.target.id !== "search") return;
    prepare(event.target);
    if (!ready) fetch("/search").then(function (answer) { return answer.text(); }); // the server makes its list of places while the first word is typed
    ready = true;
  });
  document.addEventListener("focusout", function (event) { if (event.target.id === "search") close(); });
  document.addEventListener("input", function (event) {
    if (event.target.id !== "search") return;
    clearTimeout(timer);
    const text = event.target.value.trim();
    if (!text) { close(); return; }
    timer = setTimeout(ask, WAIT, text);
  });
  document.addEventListener("keydown", function (event) {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && field()) {
      event.preventDefault();
      field().focus();
      field().select();
      return;
    }
    if (event.target.id !== "search" || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (items.length) mark(at + (event.key === "ArrowDown" ? 1 : -1));
      event.preventDefault();
    } else if (event.key === "Enter" && items[at]) {
      event.preventDefault();
      open(items[at].item);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (list().childElementCount) close(); else field().blur();
    }
  }, true);
})();
