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
  // What is wrong is said beside its field, which on a phone is screens above the button.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target === form()) form().querySelector("[aria-invalid=true]")?.focus();
  });
  // A turn is answered once: until the page has heard what became of it, nothing more is sent.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.closest("#session-seat") || elt.getAttribute("hx-post") !== form()?.getAttribute("hx-post")) return;
    if (xhr.status !== 204) return;
    if (elt === form()) {
      form().elements.text.value = "";
      form().querySelectorAll(".invalid-feedback, .banner-bad").forEach((told) => told.remove());
      form().querySelectorAll("[aria-invalid]").forEach((field) => {
        field.classList.remove("is-invalid");
        field.removeAttribute("aria-invalid");
        field.removeAttribute("aria-describedby");
      });
    }
    document.querySelectorAll("#session-seat-send button, #session-seat-turn button").forEach((button) => { button.disabled = true; });
    // What becomes of it is told there: a disabled button holds no focus, and on a phone it is screens away.
    document.getElementById("h-turn").focus({ preventScroll: true });
    document.getElementById("session-seat-turn").scrollIntoView({ block: "nearest" });
  });
})();
