// The form of a new session: another scenario or negotiator brings its fields, every change brings the check anew.
(() => {
  "use strict";
  const form = document.getElementById("session-new");
  if (!form) return;
  document.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
  document.querySelectorAll("[data-keys], [data-new-seed]").forEach((part) => { part.hidden = false; });

  // What the form has now, as a query; the token stays out of addresses and logs.
  function values(changes = {}) {
    const given = new FormData(form);
    given.delete("csrfmiddlewaretoken");
    Object.entries(changes).forEach(([name, value]) => given.set(name, value));
    return Object.fromEntries(given);
  }
  const ask = (url, changes) => htmx.ajax("GET", url, { source: form, target: form, swap: "none", values: values(changes) });
  const shapes = (name) => name === "scenario" || /-(negotiator|p-offering|p-acceptance|p-model)$/.test(name);

  form.addEventListener("change", (event) => {
    ask(shapes(event.target.name) ? form.dataset.parties : form.dataset.check);
  });
  form.addEventListener("click", (event) => {
    const dice = event.target.closest("[data-new-seed]");
    if (dice) {
      const field = document.getElementById(dice.dataset.newSeed);
      field.value = String(crypto.getRandomValues(new Uint32Array(1))[0] % 1000000);
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const fills = event.target.closest("button[formmethod][name]");
    if (fills) {
      event.preventDefault();
      ask(form.dataset.parties, { [fills.name]: fills.value });
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  // What arrives later has the same buttons for people without a script.
  document.addEventListener("htmx:afterSettle", () => {
    form.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
  });
})();
