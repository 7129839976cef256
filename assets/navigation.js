// The header's heads: one open at a time; Escape, a choice or a click elsewhere closes it, the arrows walk what is under it.
(function () {
  const HEAD = "#pages > .nav-head";

  function heads() { return [...document.querySelectorAll(HEAD)]; }
  function close(but) { for (const head of heads()) if (head !== but) head.open = false; }

  document.addEventListener("toggle", function (event) {
    if (event.target.matches && event.target.matches(HEAD) && event.target.open) close(event.target);
  }, true);
  document.addEventListener("pointerdown", function (event) { close(event.target.closest && event.target.closest(HEAD)); });
  document.addEventListener("focusin", function (event) { if (!event.target.closest(HEAD)) close(null); });
  document.addEventListener("click", function (event) { if (event.target.closest(HEAD + " a")) close(null); });
  document.addEventListener("keydown", function (event) {
    const head = event.target.closest && event.target.closest(HEAD);
    if (!head || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && head.open) { head.open = false; head.querySelector("summary").focus(); }
    else if (step) walk(head, step);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page below has keys of its own
  }, true);

  function walk(head, step) {
    head.open = true;
    const links = [...head.querySelectorAll("a")], at = links.indexOf(document.activeElement);
    links[(at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step + links.length) % links.length].focus();
  }

  // Marks the page an address means, and its head: the longest path that begins it.
  function here(path) {
    const known = { case: "/console", task: "/console" }[path.split("/")[1]] || path;
    const links = [...document.querySelectorAll("#pages a:not([target])")];
    const fits = links.filter(function (link) { const own = link.getAttribute("href"); return known === own || (own !== "/" && known.startsWith(own + "/")); });
    const best = fits.sort(function (a, b) { return b.getAttribute("href").length - a.getAttribute("href").length; })[0];
    for (const link of links) if (link === best) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    for (const head of heads()) head.classList.toggle("is-here", head.contains(best || null));
    return "nav";
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { navigation: { here: here } });
})();
