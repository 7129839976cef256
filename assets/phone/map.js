// Pointing at a place on the map. Its scripts come when it is opened for the first time.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = jingwei.desk, parts = jingwei.parts;
  const DISTRICT = 12.5, CLOSE = 17;
  let loading = null;

  function load() {
    if (!loading) {
      const files = JSON.parse(desk.root().dataset.late);
      loading = files.reduce(function (before, file) { return before.then(function () { return add(file); }); }, Promise.resolve());
      loading.catch(function () { loading = null; });
    }
    return loading;
  }

  function add(file) {
    return new Promise(function (resolve, reject) {
      const style = file.split("?")[0].endsWith(".css");
      const made = desk.make(style ? "link" : "script", style ? { rel: "stylesheet", href: file } : { src: file });
      made.onload = resolve;
      made.onerror = function () { reject(new Error(file)); };
      document.head.append(made);
    });
  }

  // at: where it begins, or null; chosen([lat, lon]) once somebody has pointed at a place.
  jingwei.pickOnMap = async function (at, chosen) {
    let point = at;
    const use = parts.button(desk.words.use_this, function () { close(); chosen(point); }, { class: "button is-first is-wide" });
    use.disabled = true;
    const box = desk.make("div", { class: "map-box" }, desk.make("p", { class: "empty" }, desk.words.loading));
    const close = parts.slip(desk.words.tap_map, box, desk.make("div", { class: "slip-end" }, use));
    box.closest(".slip").classList.add("is-tall");
    try { await load(); } catch (error) { box.firstChild.textContent = desk.words.offline_first; return; }
    const map = desk.smallMap(desk.words.where);
    box.replaceChildren(map.element);
    map.pick(function (found) { point = [found.lat, found.lng]; map.mark(point); use.disabled = false; });
    if (at) { map.show(at, CLOSE); use.disabled = false; }
    else {
      const said = await desk.ask("/search?q=" + encodeURIComponent(desk.root().dataset.district)).catch(function () { return { groups: [] }; });
      const first = said.groups.flatMap(function (group) { return group.items; }).find(function (one) { return one.at && one.level === "district"; });
      if (first) map.show(first.at, DISTRICT, false);
    }
  };
})();
