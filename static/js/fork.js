// A fork's page: another seat or negotiator brings its fields. A session's page: the key F opens the page of its fork.
(() => {
  "use strict";
  const form = document.getElementById("session-fork");

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (form || event.key !== "f" || document.documentElement.hasAttribute("data-keys-off") || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    document.querySelector("a[data-fork]")?.click();
  });
  if (!form) return;

  const hide = () => form.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
  hide();
  document.addEventListener("htmx:afterSettle", hide);

  // Another negotiator takes a seat: the parameters go with who had them.
  function leave(name) {
    const start = name.replace(/negotiator$/, "p-");
    if (start !== name) form.querySelectorAll(`[name^="${start}"]`).forEach((field) => { field.disabled = true; });
  }

  // What the form has now, as a query; the token stays out of addresses and logs.
  function show(changes = {}) {
    Object.keys(changes).forEach(leave);
    const seat = document.getElementById("session-fork-seat");
    const given = new FormData(form);
    given.delete("csrfmiddlewaretoken");
    Object.entries(changes).forEach(([name, value]) => given.set(name, value));
    htmx.ajax("GET", seat.dataset.url, { source: form, target: seat, swap: "outerHTML", values: Object.fromEntries(given) });
  }
  form.addEventListener("change", (event) => {
    if (event.target.name === "party") show();
    if (event.target.name.endsWith("-negotiator")) show({ [event.target.name]: event.target.value });
  });
  form.addEventListener("click", (event) => {
    const fills = event.target.closest("button[formmethod][name]");
    if (!fills) return;
    event.preventDefault();
    show({ [fills.name]: fills.value });
  });
})();
