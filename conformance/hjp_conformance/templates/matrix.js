(() => {
  // Whoever follows a link to a case wants to read it.
  function open() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = target && (target.matches("details") ? target : target.querySelector("details"));
    if (details) details.open = true;
  }
  addEventListener("hashchange", open);
  addEventListener("DOMContentLoaded", open);
})();
