// The address review by keys: arrows walk the queue, a digit picks a candidate (0: nobody can tell), Enter settles.
(function () {
  const page = function () { return document.querySelector(".address-review"); };

  function walk(step) {
    const rows = Array.from(document.querySelectorAll(".address-queue input[type=radio]"));
    const at = rows.findIndex(function (row) { return row.checked; });
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (next) { next.click(); next.scrollIntoView({ block: "nearest" }); }
  }

  function choiceOf(value) {
    return document.querySelector('.address-choices input[type=radio][value="' + value + '"]');
  }

  function pick(value) {
    const choice = choiceOf(value);
    if (choice) { choice.click(); choice.focus(); }
  }

  // Who writes a place means that one; who writes a name wants it kept.
  document.addEventListener("input", function (event) {
    const box = event.target.id === "address-place" ? choiceOf("other") : event.target.id === "address-name" ? document.getElementById("address-keep") : null;
    if (box && !box.checked) box.click();
  });

  document.addEventListener("keydown", function (event) {
    const review = page();
    if (!review || review.offsetParent === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target, inside = review.contains(target);
    if (!inside && target !== document.body && target.getAttribute("role") !== "tab") return;
    const writing = target.matches("input:not([type=radio]):not([type=checkbox])");
    if (event.key === "Enter" && inside && target.id !== "address-settle") document.getElementById("address-settle").click();
    else if (writing) return;
    else if (/^[0-9]$/.test(event.key)) pick(event.key === "0" ? "none" : event.key);
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !target.closest(".address-choices")) walk(event.key === "ArrowDown" ? 1 : -1);
    else return;
    event.preventDefault();
  });
})();
