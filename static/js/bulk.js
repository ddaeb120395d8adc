// The ticks of a list: how many there are, all of a page at once, and kept where a poll replaces a row.
(() => {
  "use strict";
  const form = document.querySelector("form.bulk");
  if (!form) return;
  const all = form.querySelector("[data-bulk-all]"), count = form.querySelector("[data-bulk-count]");
  const ticked = new Set();
  const own = `input[form="${form?.id}"]`, boxes = () => [...document.querySelectorAll(own)];

  function show() {
    const found = boxes(), known = new Set(found.map((box) => box.value));
    ticked.forEach((value) => { if (!known.has(value)) ticked.delete(value); });
    count.textContent = ticked.size ? `${ticked.size} ticked` : "None ticked";
    form.querySelectorAll("button").forEach((button) => { button.disabled = ticked.size < Number(button.dataset.least ?? 1); });
    all.firstElementChild.checked = found.length > 0 && ticked.size === found.length;
    all.firstElementChild.indeterminate = ticked.size > 0 && ticked.size < found.length;
  }
  function note(box) { ticked[box.checked ? "add" : "delete"](box.value); }
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-bulk-all]")) boxes().forEach((box) => { box.checked = event.target.checked; note(box); });
    else if (event.target.matches(own)) note(event.target);
    else return;
    show();
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    boxes().forEach((box) => { box.checked = ticked.has(box.value); });
    show();
  });
  // A page that comes back from the browser's memory may have ticks already.
  addEventListener("pageshow", () => { boxes().forEach(note); show(); });
  all.hidden = false;
  boxes().forEach(note);
  show();
})();
