// Components that came as data (dashboard/wall/protocol.py) become elements, and later are changed in place: a number that changed is
// another text in the same element, so nothing flashes and nothing is thrown away. Never markup: texts are texts.
(function () {
  const wall = window.jingwei.wall;
  const TAGS = new Set(["div", "span", "strong", "em", "p", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "i", "b", "time", "small"]);
  const OWN = /^(role|title|lang|tabindex|colspan|rowspan|data-[\w-]+|aria-[\w-]+)$/;

  function listed(children) {
    return (Array.isArray(children) ? children.flat(Infinity) : [children]).filter(function (one) { return one !== null && one !== undefined && one !== false && one !== ""; });
  }

  function css(style) {
    return Object.entries(style).map(function ([name, value]) {
      return (name.startsWith("--") ? name : name.replace(/[A-Z]/g, function (c) { return "-" + c.toLowerCase(); })) + ": " + value;
    }).join("; ");
  }

  function attributes(props) {
    const wanted = {};
    for (const [name, value] of Object.entries(props)) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "className") wanted.class = value;
      else if (name === "id") wanted.id = value;
      else if (name === "style") wanted.style = css(value);
      else if (OWN.test(name.toLowerCase())) wanted[name.toLowerCase()] = String(value);
    }
    return wanted;
  }

  function dress(element, props) {
    const wanted = attributes(props);
    for (const { name } of [...element.attributes]) if (!(name in wanted) && name !== "data-tone" && name !== "hidden") element.removeAttribute(name);
    for (const [name, value] of Object.entries(wanted)) if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  function put(parent, child, node) {
    if (typeof node !== "object") {
      if (child && child.nodeType === 3) { if (child.data !== String(node)) child.data = String(node); }
      else if (child) child.replaceWith(String(node));
      else parent.append(String(node));
      return;
    }
    const tag = String(node.type).toLowerCase();
    const known = TAGS.has(tag) ? tag : "div";
    let element = child;
    if (!child || child.nodeName.toLowerCase() !== known) {
      element = document.createElement(known);
      if (child) child.replaceWith(element); else parent.append(element);
    }
    const props = node.props || {};
    dress(element, props);
    if (!element.classList.contains("countdown")) wall.fill(element, props.children); // its text is the clock's
  }

  // Let an element hold just these components, keeping every element that can stay.
  wall.fill = function (element, children) {
    const nodes = listed(children);
    nodes.forEach(function (node, i) { put(element, element.childNodes[i], node); });
    while (element.childNodes.length > nodes.length) element.lastChild.remove();
  };

  // Lines that do not fit are not shown: half a line is worse than none, and nothing scrolls here.
  wall.trim = function (box) {
    for (const lines of box.querySelectorAll(".wall-lines")) {
      for (const line of lines.children) line.hidden = false;
      const end = lines.getBoundingClientRect().bottom + 1;
      const far = [...lines.children].map(function (line) { return line.getBoundingClientRect().bottom > end; });
      [...lines.children].forEach(function (line, i) { line.hidden = far[i]; });
    }
  };
})();
