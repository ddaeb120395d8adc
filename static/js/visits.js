// New since your last visit: a divider in the list of a page, a number beside its entry in the lists of pages.
// Kept in this browser, for each user apart. Nothing that is read back is trusted; without storage nothing is new.
(() => {
  "use strict";
  const MOST = 300, WORDS = "New since your last visit";
  const list = document.querySelector("[data-append][data-visit]");

  // --- What was seen: {"session:<id>": [last row, when]} -----------------------------------------------------
  const key = () => `visits:${document.getElementById("toasts")?.dataset.version ?? "anyone"}`;
  const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
  const isVisit = ([, visit]) => Array.isArray(visit) && visit.length === 2 && visit.every(isCount);
  function read() {
    try { return new Map(Object.entries(JSON.parse(localStorage.getItem(key())) ?? {}).filter(isVisit)); } catch { return new Map(); }
  }
  function write(visits) {
    const newest = [...visits].sort(([, one], [, other]) => other[1] - one[1]).slice(0, MOST);
    try { localStorage.setItem(key(), JSON.stringify(Object.fromEntries(newest))); } catch { /* blocked or full */ }
  }

  // --- Lists: entries that were visited and have more rows now ---------------------------------------------------
  function count() {
    const visits = read();
    document.querySelectorAll("span[data-visit]").forEach((badge) => {
      const visit = visits.get(badge.dataset.visit), more = visit ? Number(badge.dataset.rows) - visit[0] : 0;
      const text = more > 0 ? `${more} new` : "";
      if (badge.textContent !== text) badge.textContent = text;
    });
  }
  // One answer brings many pieces. They are counted once, after the last of them and before the browser paints.
  let isDue = false;
  function countSoon() {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => { isDue = false; count(); });
  }
  ["htmx:oobAfterSwap", "htmx:afterSettle"].forEach((name) => document.addEventListener(name, countSoon));
  // Another tab has seen more; or this page comes out of the history, as it was left.
  addEventListener("storage", (event) => { if (event.key === key() || event.key === null) count(); });
  addEventListener("pageshow", (event) => { if (event.persisted) count(); });
  count();
  if (!list) return;

  // --- The page itself: what is shown to somebody is seen --------------------------------------------------------
  const id = list.dataset.visit, rows = () => [...list.querySelectorAll("[data-seq]")];
  function see() {
    if (document.hidden) return;
    const visits = read(), last = Number(rows().at(-1)?.dataset.seq ?? 0);
    visits.set(id, [Math.max(last, visits.get(id)?.[0] ?? 0), Date.now()]);
    write(visits);
  }

  // The last row that was seen before this visit; undefined on the first. A reload goes on with the visit it interrupts.
  function seenBefore() {
    const visits = read(), seen = visits.get(id)?.[0], how = performance.getEntriesByType("navigation")[0]?.type;
    // Fewer rows than were seen: the database is another one. Not so where the browser shows an old copy of the page.
    if (seen > Number(list.dataset.rows) && how !== "back_forward") {
      visits.delete(id);
      write(visits);
      return undefined;
    }
    const [whose, before] = history.state?.visit ?? [];
    return how === "reload" && !document.wasDiscarded && whose === key() ? before : seen;
  }
  function divide() {
    const seen = seenBefore(), first = rows().find((row) => Number(row.dataset.seq) > seen);
    history.replaceState({ ...history.state, visit: [key(), seen] }, "");
    if (!first) return;
    const line = document.createElement("li");
    line.className = "offers-new";
    line.setAttribute("role", "separator");
    line.setAttribute("aria-label", WORDS);
    line.textContent = WORDS;
    first.before(line);
  }
  divide();
  see();
  list.addEventListener("live:append", see);
  document.addEventListener("visibilitychange", see);
  addEventListener("pagehide", see);
})();
