// What the page's poller takes along and brings: the last row of each list and the version of each part that it shows;
// rows, each once and in order, no more of them than the page can carry. What came twice, or did not come, is told.
(() => {
  "use strict";
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

  // Put in here and not by htmx, which would dress, settle and tell of each row by itself: of a hundred that costs more
  // than their arrival.
  function put(box, rows) {
    if ("newest" in box.dataset) box.prepend(...[...rows].reverse()); else box.append(...rows);
    // Few lists have rows that ask the server by themselves.
    rows.filter((row) => row.querySelector("[hx-get], [hx-post]")).forEach((row) => htmx.process(row));
    const shown = shownIn(box), most = Number(box.dataset.appendMax ?? Infinity);
    for (let index = 0; index < shown.length - most; index++) shown[index].remove();
    box.dispatchEvent(new CustomEvent("live:append", { bubbles: true, detail: { rows } }));
  }
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target: box, fragment } = event.detail;
    // A fragment of the document is the list anew, an element is what holds its rows.
    if (!box.dataset || !("append" in box.dataset) || fragment.nodeType !== Node.ELEMENT_NODE) return;
    event.detail.shouldSwap = false;
    let top = lastSeq(box);
    const fresh = [];
    inOrder(box, fragment.querySelectorAll("[data-seq]")).forEach((row) => {
      const seq = Number(row.dataset.seq);
      if (seq <= top) { dropped++; return; }
      if ("dense" in box.dataset) missed += seq - top - 1;
      top = seq;
      fresh.push(row);
    });
    if (fresh.length) put(box, fresh);
  });
})();
