// Menus are <details>: they open and close without a script. This closes them on Escape and on a click beside them.
(() => {
  "use strict";
  const open = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    open().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") open().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
    const search = document.querySelector("[data-search]");
    if (event.key === "/" && !typing && search && !event.ctrlKey && !event.metaKey && !document.documentElement.hasAttribute("data-keys-off")) {
      event.preventDefault();
      search.focus();
    }
  });
  // A button that only a script can make work is not there without one.
  document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
  // A form is sent once, however often its button is clicked: a second session would start. htmx guards what it sends.
  // After some seconds it may be sent again: the answer may have been stopped, or the page fetched out of the history.
  const sent = new WeakSet(), SENT_FOR = 5000;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (sent.has(form)) event.preventDefault();
    else {
      sent.add(form);
      setTimeout(() => sent.delete(form), SENT_FOR);
    }
  });
  // Where filters scroll sideways, the chosen one is in sight.
  function showChosen(part) {
    part.querySelectorAll?.(".seg [aria-current]").forEach((chosen) => {
      const row = chosen.parentElement;
      row.scrollLeft = chosen.offsetLeft - row.offsetLeft - (row.clientWidth - chosen.offsetWidth) / 2;
    });
  }
  // Only what has just come is asked: any other would lay out the whole page for each row that a poll brings.
  document.addEventListener("htmx:oobAfterSwap", (event) => showChosen(event.target));
  showChosen(document);
  // A choice in a list of filters applies at once; without a script the form has its button.
  document.addEventListener("change", (event) => {
    if (event.target.matches("form[data-auto] select")) event.target.form.requestSubmit();
  });
})();
