// The page of a room: the dialog of a decision, what an offer would earn, the time that is left of a turn.
(() => {
  "use strict";
  // --- A link that opens a dialog; without a script it leads to a page of its own ---------------------------------
  document.addEventListener("htmx:afterSwap", (event) => {
    const body = event.detail.target;
    if (body.id === "room-dialog-body") body.closest("dialog").showModal();
  });
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-dialog-close]");
    const dialog = close?.closest("dialog") ?? (event.target.matches("dialog") ? event.target : null);
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  });
  document.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });

  // --- What an offer would earn -------------------------------------------------------------------------------
  const number = (text) => (text.trim() ? Number(text.trim().replace(",", ".")) : NaN);
  const money = (value) => value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replace("-", "−");
  function profit() {
    const form = document.querySelector("form[data-cost]");
    if (!form) return;
    const each = number(form.elements.price.value) - Number(form.dataset.cost), all = each * number(form.elements.quantity.value);
    const words = form.querySelector("[data-profit]");
    if (Number.isNaN(all)) return;
    words.textContent = `Profit ${money(each)} each, ${money(all)} in all${each < Number(form.dataset.least) - Number(form.dataset.cost) ? ": below your least price" : ""}.`;
  }
  document.addEventListener("input", (event) => { if (event.target.closest("form[data-cost]")) profit(); });
  profit();

  // --- What is being written outlives the turn: with each a poll brings the form of a seat anew ------------------
  const drafts = new Map();
  const fields = () => document.querySelectorAll("#seat-form :is(textarea, input[type=text])");
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id !== "seat-form") return;
    fields().forEach((field) => {
      if (field.value === field.defaultValue) drafts.delete(field.name);
      else drafts.set(field.name, { text: field.value, at: field === document.activeElement ? field.selectionStart : null });
    });
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id !== "seat-form") return;
    fields().forEach((field) => {
      const draft = drafts.get(field.name);
      if (!draft) return;
      field.value = draft.text;
      if (draft.at === null) return;
      field.focus({ preventScroll: true });
      field.setSelectionRange(draft.at, draft.at);
    });
    profit();
  });

  // --- The time that is left, by this page's own clock ----------------------------------------------------------
  function spoken(seconds) {
    if (seconds <= 0) return "the time is over";
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    if (!minutes) return `${Math.floor(seconds)} s left`;
    if (!hours) return `${minutes} min ${Math.floor(seconds % 60)} s left`;
    return hours < 48 ? `${hours} h ${minutes % 60} min left` : `${Math.floor(hours / 24)} days left`;
  }
  function count() {
    const part = document.querySelector("[data-until]");
    if (!part || document.hidden) return;
    let left = part.querySelector("[data-left]");
    if (!left) {
      left = document.createElement("span");
      left.dataset.left = "";
      left.setAttribute("aria-hidden", "true");
      part.append(", ", left);
    }
    left.textContent = spoken((new Date(part.dataset.until) - Date.now()) / 1000);
  }
  setInterval(count, 1000);
  count();
})();
