// The files of a screen are made from what its address says: the choice goes along.
document.addEventListener("click", function (event) {
  const link = event.target.closest && event.target.closest("a[data-export]");
  if (!link) return;
  const beside = link.dataset.beside && document.getElementById(link.dataset.beside);
  const query = beside ? new URL(beside.href, location.href).search : location.search;
  link.href = link.dataset.export + query;
}, true);
