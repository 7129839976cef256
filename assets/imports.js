// The drop zone of the import page: a file goes to the server as it is, with its progress shown, and its token to Dash.
(function () {
  const UPLOAD = "/imports/upload";

  function zone() { return document.getElementById("import-drop"); }
  function say(text) { const line = document.getElementById("import-upload"); if (line) line.textContent = text; }
  function size(bytes) { return (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0) + " MB"; }

  function failure(request) {
    if (request.status === 413) return zone().dataset.large;
    try { const told = JSON.parse(request.responseText); return [told.what, told.todo].filter(Boolean).join(" "); }
    catch (error) { return request.responseText || ""; }
  }

  function send(file) {
    const words = zone().dataset;
    const request = new XMLHttpRequest();
    request.open("POST", UPLOAD);
    request.setRequestHeader("x-file-name", encodeURIComponent(file.name));
    request.upload.onprogress = function (event) {
      say(words.sending + " " + file.name + " " + Math.round((100 * event.loaded) / (event.total || file.size || 1)) + "%");
    };
    request.onload = function () {
      if (request.status !== 200) { say(words.failed + "：" + failure(request)); return; }
      const told = JSON.parse(request.responseText);
      say(words.here + " " + told.name + " · " + size(told.size));
      window.dash_clientside.set_props("import-file", { data: told });
    };
    request.onerror = function () { say(words.failed); };
    say(words.sending + " " + file.name);
    request.send(file);
  }

  function choose() {
    const input = document.createElement("input");
    input.type = "file";
    input.onchange = function () { if (input.files.length) send(input.files[0]); };
    input.click();
  }

  function inside(event) { const found = zone(); return found && found.contains(event.target) ? found : null; }

  document.addEventListener("dragover", function (event) {
    event.preventDefault();
    const found = zone();
    if (found) found.classList.toggle("is-over", Boolean(inside(event)));
  });
  document.addEventListener("dragleave", function () { const found = zone(); if (found) found.classList.remove("is-over"); });
  document.addEventListener("drop", function (event) {
    event.preventDefault(); // a file dropped beside the zone must not replace the page
    const found = zone();
    if (!found) return;
    found.classList.remove("is-over");
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });
  document.addEventListener("click", function (event) { if (inside(event)) { event.preventDefault(); choose(); } });
  document.addEventListener("keydown", function (event) {
    if (inside(event) && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); choose(); }
  });
})();
