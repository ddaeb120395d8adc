// The ticks of a list: how many there are, all of a page at once or all that match, and kept where a poll replaces a row.
(() => {
  "use strict";
  const form = document.querySelector("form.bulk");
  if (!form) return;
  const all = form.querySelector("[data-bulk-all]"), count = form.querySelector("[data-bulk-count]");
  const ticked = new Set(), every = () => form.querySelector("[data-bulk-every]");
  let isEvery = false;
  const own = `input[form="${form?.id}"]`, boxes = () => [...document.querySelectorAll(own)];

  function show() {
    const found = boxes(), known = new Set(found.map((box) => box.value));
    ticked.forEach((value) => { if (!known.has(value)) ticked.delete(value); });
    isEvery = every()?.checked ?? false;
    count.textContent = isEvery ? `${every().dataset.bulkEvery} chosen` : ticked.size ? `${ticked.size} ticked` : "None ticked";
    form.querySelectorAll("button").forEach((button) => { button.disabled = isEvery ? "least" in button.dataset : ticked.size < Number(button.dataset.least ?? 1); });
    all.firstElementChild.checked = found.length > 0 && ticked.size === found.length;
    all.firstElementChild.indeterminate = ticked.size > 0 && ticked.size < found.length;
  }
  function tickAll(is) { boxes().forEach((box) => { box.checked = is; note(box); }); }
  function note(box) { ticked[box.checked ? "add" : "delete"](box.value); }
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-bulk-all], [data-bulk-every]")) tickAll(event.target.checked);
    else if (event.target.matches(own)) note(event.target);
    else return;
    // Who unticks one of them no longer means all.
    if (!event.target.checked && every()) every().checked = false;
    show();
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    boxes().forEach((box) => { box.checked = isEvery || ticked.has(box.value); note(box); });
    if (every()) every().checked = isEvery;
    show();
  });
  // A page that comes back from the browser's memory may have ticks already.
  addEventListener("pageshow", () => { boxes().forEach(note); show(); });
  all.hidden = false;
  boxes().forEach(note);
  show();
})();
