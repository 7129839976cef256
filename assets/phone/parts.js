// What the phone's views are made of: icons, the bar on top, a line that says what happened, a slip from below, pictures.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const desk = jingwei.desk;
  const SAID = 5000, REFUSED = 9000; // milliseconds a line stays; what was refused also stands in the strip above

  const parts = (jingwei.parts = {
    icons: {},

    icon: function (name) {
      const made = desk.make("span", { class: "icon", "aria-hidden": "true" });
      if (parts.icons[name]) made.style.setProperty("--icon", 'url("' + parts.icons[name].replace(/"/g, "'") + '")');
      return made;
    },

    button: function (words, act, more) {
      return desk.make("button", Object.assign({ type: "button", class: "button", onclick: act }, more), words);
    },

    bar: function (title, back, end) {
      return desk.make("header", { class: "bar" },
        back && desk.make("button", { type: "button", class: "bar-button", "aria-label": desk.words.back, onclick: back }, parts.icon("chevron-left")),
        desk.make("h1", {}, title), end);
    },

    // One line above the bottom edge; tone: good soon late.
    say: function (text, tone) {
      const box = document.querySelector(".toast");
      clearTimeout(parts.saying);
      box.replaceChildren(desk.make("span", {}, text));
      box.dataset.tone = tone || "good";
      box.hidden = !text;
      parts.saying = setTimeout(function () { box.hidden = true; }, tone === "late" ? REFUSED : SAID);
    },

    // A slip from below; gives the function that closes it.
    slip: function (title, ...content) {
      const make = desk.make, before = document.activeElement;
      const close = function () {
        if (!parts.slipShown) return;
        parts.slipShown = null;
        box.remove();
        document.body.classList.remove("has-slip");
        if (before && before.isConnected) before.focus({ preventScroll: true });
      };
      if (parts.slipShown) parts.slipShown();
      const box = make("div", { class: "slip-ground", onclick: function (event) { if (event.target === box) close(); } },
        make("section", { class: "slip", role: "dialog", "aria-modal": "true", "aria-label": title },
          make("div", { class: "slip-head" }, make("h2", {}, title), make("button", { type: "button", class: "bar-button", "aria-label": desk.words.close, onclick: close }, parts.icon("x"))),
          content));
      parts.slipShown = close;
      document.body.classList.add("has-slip");
      document.body.append(box);
      const first = box.querySelector("[data-needed] :is(textarea, input, select), input[type=search], .button.is-first"); // the keyboard comes where it is needed
      (first || box.querySelector("button")).focus({ preventScroll: true });
      return close;
    },

    // A question with one way on and one way back.
    sure: function (text, yes, act) {
      const close = parts.slip(text, desk.make("div", { class: "slip-end" },
        parts.button(desk.words.cancel, function () { close(); }),
        parts.button(yes, function () { close(); act(); }, { class: "button is-first is-bad" })));
    },

    // The camera's button: calls back with small pictures. `at_once`: opens the camera by itself.
    camera: function (label, got) {
      const field = desk.make("input", { type: "file", accept: "image/*", capture: "environment", class: "unseen", tabindex: "-1", "aria-hidden": "true", onchange: async function () {
        for (const file of field.files) {
          try { got(await jingwei.shrink(file)); } catch (error) { parts.say(desk.words.bad_picture, "late"); }
        }
        field.value = "";
      } });
      const button = desk.make("button", { type: "button", class: "picture-add", onclick: function () { field.click(); } }, parts.icon("camera"), desk.make("span", {}, label));
      return { element: desk.make("div", { class: "camera" }, field, button), open: function () { field.click(); } };
    },

    // Pictures that were taken, each with a way to take it off again.
    pictures: function (label, changed) {
      const taken = [], strip = desk.make("div", { class: "pictures" });
      const camera = parts.camera(label, function (blob) { taken.push({ blob: blob }); draw(); });
      function draw() {
        for (const image of strip.querySelectorAll("img")) URL.revokeObjectURL(image.src);
        strip.replaceChildren(...taken.map(function (one, i) {
          return desk.make("div", { class: "picture" }, desk.make("img", { src: URL.createObjectURL(one.blob), alt: desk.fill(desk.words.picture, { n: i + 1 }) }),
            desk.make("button", { type: "button", class: "picture-off", "aria-label": desk.fill(desk.words.remove_picture, { n: i + 1 }), onclick: function () { taken.splice(i, 1); draw(); } }, parts.icon("x")));
        }), camera.element);
        if (changed) changed();
      }
      draw();
      return { element: strip, taken: taken, open: camera.open, put: function (given) { taken.push(...given); draw(); } };
    },

    far: function (metres) {
      return metres < 950 ? desk.fill(desk.words.near, { n: Math.round(metres / 10) * 10 }) : desk.fill(desk.words.far, { n: (metres / 1000).toFixed(1) });
    },

    // Where a case stands for this post: what is to be done with it, else its stage.
    stage: function (phone, row, known) {
      const groups = (phone.said || {}).groups || {};
      return desk.make("span", { class: "tag" }, (row && groups[row.group]) || (row && row.pending ? row : known || row).stage);
    },
  });
})();
