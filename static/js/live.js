// Gates the page's one poller (#live). htmx asks and swaps; this decides when it may, and with which cursors.
(() => {
  "use strict";
  const FIRST_WAIT = 1000, LONGEST_WAIT = 30000, OFFLINE_AFTER = 5;
  const GONE = { 401: "live-signed-out", 403: "live-gone", 404: "live-gone" };
  let request = null, again = false, stopped = false, fails = 0, notBefore = 0, retry = 0, since = null;
  const appended = new WeakMap();

  const byId = (id) => document.getElementById(id);
  const poller = () => byId("live");
  const clock = (date) => date.toLocaleTimeString("en-GB");
  const isPoll = (event) => event.detail.elt?.id === "live";

  // --- What the page says about itself ---------------------------------------------------------------------
  function say(state, word) {
    const mark = byId("live-state");
    if (!mark || mark.dataset.state === state) return;
    mark.dataset.state = state;
    mark.firstChild.data = word;
  }
  function banner(id, shown) {
    const element = byId(id);
    if (element) element.hidden = !shown;
  }
  function state() {
    if (stopped) return say("offline", "Offline");
    if (document.hidden) return say("paused", "Paused");
    const lost = !navigator.onLine || fails >= OFFLINE_AFTER;
    if (lost && !since) since = new Date();
    if (!fails && navigator.onLine) since = null;
    const time = byId("live-offline")?.querySelector("time");
    if (time && since) time.textContent = clock(since).slice(0, 5);
    banner("live-offline", lost);
    if (lost) return say("offline", "Offline");
    return fails ? say("reconnecting", "Reconnecting…") : say("live", "Live");
  }
  function updated() {
    const now = clock(new Date());
    document.querySelectorAll("[data-updated]").forEach((mark) => { mark.textContent = `Updated ${now}`; });
  }

  // --- When ------------------------------------------------------------------------------------------------
  function now() {
    if (stopped || document.hidden || !poller()) return;
    if (request) { again = true; return; }
    clearTimeout(retry);
    notBefore = 0;
    htmx.trigger(poller(), "live:now");
  }
  function backOff() {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** fails++) * (0.85 + 0.3 * Math.random());
    notBefore = Date.now() + wait;
    clearTimeout(retry);
    retry = setTimeout(now, wait);
  }
  function stop(code) {
    stopped = true;
    clearTimeout(retry);
    banner("live-offline", false);
    banner(GONE[code], true);
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isPoll(event)) return;
    const early = Date.now() < notBefore;
    if (stopped || document.hidden || request || early) event.preventDefault();
    else request = event.detail.xhr;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    // Told by its request, not by its element: an answer that replaces the poller reports on the body.
    if (event.detail.xhr !== request) {
      if (event.detail.requestConfig?.verb !== "get") now();
      return;
    }
    request = null;
    const code = event.detail.xhr.status;
    if (code in GONE) stop(code);
    else if (code >= 200 && code < 300) {
      fails = 0;
      notBefore = 0;
      if (!event.detail.xhr.responseText.includes('id="live-error"')) banner("live-error", false);
      updated();
    }
    else if (!document.hidden) backOff();
    state();
    if (again) { again = false; now(); }
  });

  // --- Cursors: the last row that this page shows, and the version of each part that changes in place -----------
  function lastSeq(box) {
    const rows = box.querySelectorAll("[data-seq]");
    return Number((rows.length ? rows[rows.length - 1].dataset.seq : box.dataset.seqBase) ?? 0);
  }
  document.addEventListener("htmx:configRequest", (event) => {
    if (!isPoll(event)) return;
    const parameters = event.detail.parameters;
    parameters.every = /every (\d+)s/.exec(poller().getAttribute("hx-trigger"))[1];
    document.querySelectorAll("[data-append]").forEach((box) => { parameters[box.dataset.append] = lastSeq(box); });
    document.querySelectorAll("[data-version][id]").forEach((part) => { parameters[`v-${part.id}`] = part.dataset.version; });
  });

  // --- Rows: each once, in order, and no more of them than the page can carry -----------------------------------
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const box = event.detail.target;
    if (!box.dataset || !("append" in box.dataset)) return;
    let top = lastSeq(box);
    const fresh = [];
    event.detail.fragment.querySelectorAll("[data-seq]").forEach((row) => {
      if (Number(row.dataset.seq) <= top) { row.remove(); return; }
      top = Number(row.dataset.seq);
      fresh.push(row);
    });
    if (fresh.length) appended.set(box, fresh);
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const box = event.detail.target, rows = appended.get(box);
    if (!rows) return;
    appended.delete(box);
    const shown = box.querySelectorAll("[data-seq]"), most = Number(box.dataset.appendMax ?? Infinity);
    for (let index = 0; index < shown.length - most; index++) shown[index].remove();
    box.dispatchEvent(new CustomEvent("live:append", { bubbles: true, detail: { rows } }));
  });

  // --- Back at once, and nothing left behind ----------------------------------------------------------------
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(retry);
    else now();
    state();
  });
  addEventListener("online", () => { fails = 0; now(); state(); });
  addEventListener("offline", state);
  addEventListener("pagehide", () => clearTimeout(retry));
  addEventListener("pageshow", (event) => { if (event.persisted) { request = null; now(); state(); } });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-live-retry]")) now(); });
})();
