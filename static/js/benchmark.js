// The page of a benchmark: what a poll brings as events `benchmark:<type>`, a sign of life, panels that are asked for as
// they are opened. Events are made from the rows and figures that have arrived; the counts are the server's.
(() => {
  "use strict";
  const VERSION = "1.0", STALE_AFTER = 60000, LOOK_EVERY = 5000;
  const byId = (id) => document.getElementById(id);
  const rows = byId("benchmark-matches");
  if (!byId("benchmark-title")) return;
  const tell = (type, detail = {}) => document.dispatchEvent(new CustomEvent(`benchmark:${type}`, { detail }));
  const now = () => new Date().toISOString();
  const isPoll = (event) => event.detail.requestConfig?.elt?.id === "live";
  const folds = [...document.querySelectorAll("details[data-fold]")];
  let isConnected = false, sign = {}, before = seen();

  // --- What the figures say now ------------------------------------------------------------------------------------
  function seen() {
    const element = byId("benchmark-figures"), figures = element.dataset, title = byId("benchmark-title").dataset;
    if (element !== sign.element) sign = { element, at: Date.now() - 1000 * Number(figures.leaseAge) };
    return { done: Number(figures.done), total: Number(figures.total), status: title.status, error: title.error };
  }
  const interval = () => Number(/every (\d+)s/.exec(byId("live")?.getAttribute("hx-trigger") ?? "")?.[1] ?? 0);
  function look() {
    const after = seen();
    if (after.done !== before.done || after.total !== before.total) {
      tell("progress", { tasks_completed: after.done, total_tasks: after.total, current_task: rows?.querySelector("[data-match]")?.dataset.match ?? null, current_step: after.done });
    }
    if (after.status !== before.status) tell("status", { status: after.status, timestamp: now() });
    // Who competed where is known once the files are read: lists of filters and the set-up have it, too.
    if (after.status === "completed" && before.status !== after.status && "imported" in byId("benchmark-title").dataset) location.reload();
    if (after.error && after.error !== before.error) tell("error", { message: after.error, timestamp: now() });
    before = after;
  }

  // Rows come the newest first; each is told of once, in the order in which they ended.
  rows?.addEventListener("live:append", (event) => {
    event.detail.rows.forEach(({ dataset }) => {
      const score = Number(dataset.score.replace("−", "-"));
      tell("task_complete", { task_id: dataset.match, success: JSON.parse(dataset.success), score: Number.isNaN(score) ? null : score });
    });
  });

  // An answer is looked at once all of its pieces are in the page.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isPoll(event)) return;
    const code = event.detail.xhr.status;
    if (!event.detail.successful) {
      if (code) tell("error", { message: `The server answered with ${code}.`, timestamp: now() });
      return;
    }
    if (!isConnected) tell("connected", { timestamp: now(), interval: interval(), version: VERSION });
    isConnected = true;
    setTimeout(() => { look(); tell("heartbeat", { timestamp: now(), lease_age: leaseAge() }); }, 0);
  });

  // Which order the rows have: competitors stay where they are while the scores move.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt?.id !== "live") return;
    const shown = [...document.querySelectorAll("#benchmark-leaderboard [data-competitor]")];
    if (shown.length) event.detail.parameters.order = shown.map((row) => row.dataset.competitor).join(".");
    const closed = folds.filter((fold) => !fold.open).map((fold) => fold.dataset.fold);
    if (closed.length) event.detail.parameters.closed = closed.join(".");
  });

  // --- A sign of life: how old it was the server says, since then it is this machine's clock -------------------------
  const leaseAge = () => Math.max(0, Math.round((Date.now() - sign.at) / 1000));
  setInterval(() => {
    const mark = document.querySelector("#benchmark-title [data-stale]");
    if (mark && !document.hidden) mark.hidden = before.status !== "running" || leaseAge() * 1000 < STALE_AFTER;
  }, LOOK_EVERY);

  // --- Closed it costs nothing ----------------------------------------------------------------------------------------
  folds.forEach((fold) => fold.addEventListener("toggle", () => { if (fold.open && byId("live")) htmx.trigger("#live", "live:now"); }));
  const workers = byId("benchmark-workers"), empty = byId("benchmark-workers-panel")?.cloneNode(true);
  workers?.addEventListener("toggle", () => {
    const panel = byId("benchmark-workers-panel");
    if (!workers.open) { panel.replaceChildren(...empty.cloneNode(true).childNodes); return; }
    htmx.ajax("GET", workers.dataset.workers, { source: workers, target: panel });
  });
})();
