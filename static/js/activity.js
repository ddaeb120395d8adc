// The activity page: what is opened is read, and lists that were unfolded stay so when the server sends them anew.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-seen]");
    if (link) parleyPost(link.dataset.seen);
  });

  // --- The list comes anew: who works it with the keyboard stays where they were -----------------------------------
  const rows = () => [...document.querySelectorAll("#activity-list li.notice")].filter((row) => row.offsetParent);
  function place(list) {
    const focused = document.activeElement, row = focused.closest("li.notice");
    if (!list.contains(focused)) return null;
    return { group: focused.matches("summary") ? focused.parentElement.id : "", row: row?.id, index: rows().indexOf(row) };
  }
  // What was pressed may be gone: then the same row, or the one that took its place, or the list.
  function goBack({ group, row, index }) {
    if (document.activeElement !== document.body) return;
    const all = rows(), list = document.getElementById("activity-list");
    const near = all.find((one) => one.id === row) ?? all[Math.min(index, all.length - 1)];
    const next = group ? document.querySelector(`#${group} > summary`) : near?.querySelector("[id^=dismiss-]");
    if (!next) list.tabIndex = -1;
    (next ?? list).focus();
  }
  let unfolded = [], held = null;
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id !== "activity-list") return;
    held = place(event.detail.target);
    unfolded = [...document.querySelectorAll(".notice-group details[open]")].map((one) => one.id);
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id !== "activity-list") return;
    unfolded.forEach((id) => { const group = document.getElementById(id); if (group) group.open = true; });
    if (held) goBack(held);
  });
})();
