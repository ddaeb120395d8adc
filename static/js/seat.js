// A person's seat: a suggestion goes into the form at a click, and what was sent leaves the message empty.
(() => {
  "use strict";
  const form = () => document.getElementById("session-seat-form");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-fill]");
    if (!link || !form()) return;
    event.preventDefault();
    link.dataset.fill.split(" ").forEach((text, index) => {
      const field = form().elements[`issue-${index}`];
      if (field) field.value = text;
    });
    form().querySelector("select, input:not([type=hidden])")?.focus();
    document.body.dispatchEvent(new CustomEvent("seat:filled"));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== form() || event.detail.xhr.status !== 204) return;
    form().elements.text.value = "";
  });
})();
