// The activity page: what is opened is read, lists that were unfolded stay so when the server sends them anew, and ages grow.
(() => {
  "use strict";
  const headers = () => JSON.parse(document.body.getAttribute("hx-headers"));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-seen]");
    // The page goes away with this click, and a request of htmx would go with it.
    if (link) fetch(link.dataset.seen, { method: "POST", headers: headers(), keepalive: true });
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

  // --- How long ago, told anew with each poll; the words are those of the server ----------------------------------
  const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  function age(seconds) {
    const [unit, size] = UNITS.find(([, least]) => seconds >= least) ?? UNITS.at(-1);
    return `${Math.floor(seconds / size)} ${unit}`;
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.elt?.id !== "live" || !event.detail.successful) return;
    const now = Date.parse(event.detail.xhr.getResponseHeader("Date")) || Date.now();
    document.querySelectorAll("#activity-list time[datetime]").forEach((time) => {
      time.textContent = age(Math.max(0, (now - Date.parse(time.dateTime)) / 1000));
    });
  });
})();
