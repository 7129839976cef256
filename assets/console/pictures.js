// Pictures: those of a case as thumbnails that open large, and the field that adds some. What is sent is made anew by the server, so
// nothing but what can be seen is kept.
(function () {
  const desk = (window.jingwei = window.jingwei || {}).desk = window.jingwei.desk || {};
  const MOST = 9;

  // names of pictures → a row of thumbnails.
  desk.thumbnails = function (names, labels) {
    const make = desk.make;
    return make("div", { class: "thumbnails" }, names.map(function (name, i) {
      const image = make("img", { src: "/attachments/" + name, alt: "", loading: "lazy", onerror: function () { image.replaceWith(make("span", { class: "quiet" }, desk.words.picture_gone)); } });
      const label = (labels && labels[i]) || desk.fill(desk.words.picture_n, { n: i + 1 });
      return make("button", { type: "button", class: "thumbnail", title: label, "aria-label": label, onclick: function () { enlarge(names, i, labels); } }, image);
    }));
  };

  function enlarge(names, first, labels) {
    const make = desk.make, back = document.activeElement;
    let at = first;
    const image = make("img", { alt: "" }), said = make("figcaption", {});
    const close = function () { box.remove(); if (back) back.focus({ preventScroll: true }); };
    const show = function (next) {
      at = (next + names.length) % names.length;
      image.src = "/attachments/" + names[at];
      said.textContent = ((labels && labels[at]) || "") + (names.length > 1 ? " " + (at + 1) + " / " + names.length : "");
    };
    const box = make("div", { class: "enlarged", role: "dialog", "aria-modal": "true", "aria-label": desk.words.pictures_title, tabindex: -1, onclick: close, onkeydown: function (event) {
      event.stopPropagation();
      if (event.key === "Escape" || event.key === "Enter") { event.preventDefault(); close(); }
      if (event.key === "ArrowRight") show(at + 1);
      if (event.key === "ArrowLeft") show(at - 1);
    } }, make("figure", {}, image, said));
    show(first);
    desk.root().append(box);
    box.focus();
  }

  // A field that takes pictures; its element's `names` are those that have arrived, `waiting` how many are on their way.
  desk.picturesField = function () {
    const make = desk.make, list = make("div", { class: "thumbnails" }), problem = make("span", { class: "is-bad" });
    const input = make("input", { type: "file", accept: "image/jpeg,image/png,image/webp", multiple: true, onchange: function () { for (const file of [...input.files].slice(0, MOST)) send(file); input.value = ""; } });
    const box = make("div", { class: "pictures-field" }, list, make("label", { class: "button pictures-add" }, input, make("span", {}, desk.words.picture_add)), problem);
    box.names = [];
    box.waiting = 0;

    async function send(file) {
      box.waiting += 1;
      problem.textContent = "";
      const line = make("span", { class: "quiet" }, desk.words.sending);
      list.append(line);
      try {
        const answer = await fetch("/api/v1/attachments", { method: "POST", headers: { "content-type": file.type || "application/octet-stream" }, body: file, signal: AbortSignal.timeout(60000) });
        const said = await answer.json();
        if (!answer.ok) throw new Error([said.what, said.todo].filter(Boolean).join(" "));
        box.names.push(said.name);
        const one = make("button", { type: "button", class: "thumbnail", "aria-label": desk.words.picture_drop, title: desk.words.picture_drop, onclick: function () { box.names.splice(box.names.indexOf(said.name), 1); one.remove(); } }, make("img", { src: "/attachments/" + said.name, alt: "" }), make("span", { class: "thumbnail-drop" }, "×"));
        line.replaceWith(one);
      } catch (error) { line.remove(); problem.textContent = error.message; }
      box.waiting -= 1;
    }
    return box;
  };

  // The pictures a form has; throws words where some are still on their way or too few.
  desk.picturesOf = function (form, least) {
    const box = form.querySelector(".pictures-field");
    if (!box) return [];
    if (box.waiting) throw desk.words.pictures_coming;
    if (box.names.length < least) throw desk.fill(desk.words.pictures_least, { n: least });
    return box.names;
  };
})();
