// Runs before anything is drawn, so that the page never flashes in the wrong theme.
// The choice is the one Mantine remembers; without one the system decides.
(function () {
  let chosen = "auto";
  try { chosen = localStorage.getItem("mantine-color-scheme-value") || "auto"; } catch (error) { /* storage is off */ }
  const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const root = document.documentElement;
  root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  root.setAttribute("data-ag-theme-mode", dark ? "dark" : "light");
})();
