// What the page's poller takes along and brings: the last row of each list and the version of each part that it shows;
// rows, each once and in order, no more of them than the page can carry. What came twice, or did not come, is told.
(() => {
  "use strict";
  const appended = new WeakMap();
  let dropped = 0, missed = 0;

  const shownIn = (box) => box.querySelectorAll("[data-seq]");
  function lastSeq(box) {
    const rows = shownIn(box), base = Number(box.dataset.seqBase ?? 0);
    return rows.length ? Math.max(base, Number(rows[rows.length - 1].dataset.seq)) : base;
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
    event.detail.fragment.querySelectorAll("[data-seq]").forEach((row) => {
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
