// A place by its name: a field with what is found under it. desk.placeField(hint, chosen) → { element, input }; chosen(item) is told the
// place, and what it returns stands in the field.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const WAIT = 200;
  let made = 0;

  desk.placeField = function (name, hint, chosen) {
    const make = desk.make, id = "place-field-" + (made += 1);
    let found = [], at = -1, asked = 0, timer = 0;
    const input = make("input", { type: "text", name: name, autocomplete: "off", placeholder: hint, role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" });
    const box = make("div", { class: "search-results", id: id, role: "listbox" });

    async function look() {
      const text = input.value.trim(), number = (asked += 1);
      if (!text) { list([]); return; }
      const said = await desk.ask("/search?q=" + encodeURIComponent(text)).catch(function () { return { groups: [] }; });
      if (number === asked) list(said.groups.flatMap(function (group) { return group.items; }).filter(function (one) { return one.place; }));
    }

    function list(items) {
      found = items;
      box.replaceChildren(...items.map(function (item, i) {
        return make("div", { class: "search-item", role: "option", id: id + "-" + i, onmousedown: function (event) { event.preventDefault(); take(item); } }, make("span", {}, item.label), make("span", {}, item.detail));
      }));
      input.setAttribute("aria-expanded", String(items.length > 0));
      at = -1;
      if (items.length) mark(0);
    }

    function mark(next) {
      at = (next + found.length) % found.length;
      [...box.children].forEach(function (line, i) { line.setAttribute("aria-selected", String(i === at)); });
      box.children[at].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", id + "-" + at);
    }

    function take(item) { list([]); asked += 1; input.value = chosen(item) || ""; }

    input.addEventListener("input", function () { chosen(null); clearTimeout(timer); timer = setTimeout(look, WAIT); });
    input.addEventListener("blur", function () { setTimeout(function () { list([]); }, 150); });
    input.addEventListener("keydown", function (event) {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { if (found.length) { event.preventDefault(); mark(at + (event.key === "ArrowDown" ? 1 : -1)); } return; }
      if (event.key === "Escape" && found.length) { event.preventDefault(); event.stopPropagation(); list([]); return; }
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      if (found[at]) { event.stopPropagation(); take(found[at]); }
    });
    return { element: make("div", { class: "place-field" }, input, box), input: input };
  };
})();
