// What the page's poller takes along and brings: the last row of each list and the version of each part that it shows;
// rows, each once and in order, no more of them than the page can carry. What came twice, or did not come, is told.
(() => {
  "use strict";
  const appended = new WeakMap();
  let dropped = 0, missed = 0;

  // In the order of their numbers; a list with `data-newest` shows the newest first, and its answers bring them so.
  const inOrder = (box, rows) => ("newest" in box.dataset ? [...rows].reverse() : [...rows]);
  const shownIn = (box) => inOrder(box, box.querySelectorAll("[data-seq]"));
  function lastSeq(box) {
    const last = shownIn(box).at(-1), base = Number(box.dataset.seqBase ?? 0);
    return last ? Math.max(base, Number(last.dataset.seq)) : base;
  }

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt?.id !== "live") return;
    const parameters = event.detail.parameters;
    document.querySelectorAll("[data-append]").forEach((box) => { parameters[box.dataset.append] = lastSeq(box); });
    document.querySelectorAll("[data-version][id]").forEach((part) => { parameters[`v-${part.id}`] = part.dataset.version; });
    if (dropped) parameters.dropped = dropped;
    if (missed) parameters.missed = missed;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const told = event.detail.requestConfig?.parameters;
    if (!event.detail.successful || event.detail.requestConfig?.elt?.id !== "live") return;
    dropped -= Number(told.dropped ?? 0);
    missed -= Number(told.missed ?? 0);
  });

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const box = event.detail.target;
    if (!box.dataset || !("append" in box.dataset)) return;
    let top = lastSeq(box);
    const fresh = [];
    inOrder(box, event.detail.fragment.querySelectorAll("[data-seq]")).forEach((row) => {
      const seq = Number(row.dataset.seq);
      if (seq <= top) { row.remove(); dropped++; return; }
      if ("dense" in box.dataset) missed += seq - top - 1;
      top = seq;
      fresh.push(row);
    });
    if (fresh.length) appended.set(box, fresh);
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const box = event.detail.target, rows = appended.get(box);
    if (!rows) return;
    appended.delete(box);
    const shown = shownIn(box), most = Number(box.dataset.appendMax ?? Infinity);
    for (let index = 0; index < shown.length - most; index++) shown[index].remove();
    box.dispatchEvent(new CustomEvent("live:append", { bubbles: true, detail: { rows } }));
  });
})();
