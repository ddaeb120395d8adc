// Gates the page's one poller (#live). htmx asks and swaps; this decides when it may, and with which cursors.
(() => {
  "use strict";
  const FIRST_WAIT = 1000, LONGEST_WAIT = 30000, TOLD_AFTER = 2, OFFLINE_AFTER = 5, SOON = 150, IDLE_AFTER = 600000;
  const GONE = { 401: "live-signed-out", 403: "live-gone", 404: "live-gone" };
  let request = null, again = false, stopped = false, fails = 0, notBefore = 0, retry = 0, since = null;
  let isOutageTold = false, fetched = 0, touched = Date.now();

  const byId = (id) => document.getElementById(id);
  const poller = () => byId("live");
  const clock = (date) => date.toLocaleTimeString("en-GB");
  const isPoll = (event) => event.detail.elt?.id === "live";

  // --- What the page says about itself ---------------------------------------------------------------------
  const TITLES = {
    live: "This page keeps itself up to date",
    reconnecting: "The server did not answer; this page goes on asking",
    offline: "This page is not up to date any more",
    paused: "This page asks nothing while nobody looks at it",
  };
  function say(state, word) {
    const mark = byId("live-state");
    if (!mark || mark.dataset.state === state) return;
    mark.dataset.state = state;
    mark.title = TITLES[state];
    mark.firstChild.data = word;
  }
  const toast = (type, title, text) => dispatchEvent(new CustomEvent("toast", { detail: { type, title, text, about: "outage" } }));
  // One message for an outage, however long, and one for its end; a single answer that is missed is no outage.
  function tellOutage() {
    if (!isOutageTold && fails >= TOLD_AFTER) {
      isOutageTold = true;
      fetched = 0;
      toast("warning", "Connection lost", "Reconnecting. What runs goes on, and nothing is lost.");
    }
    if (isOutageTold && !fails) {
      isOutageTold = false;
      toast("success", "Back online", fetched ? `${fetched} offer${fetched === 1 ? "" : "s"} fetched.` : "");
    }
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
    tellOutage();
    if (again) { again = false; now(); }
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (!isPoll(event)) return;
    const parameters = event.detail.parameters;
    parameters.every = /every (\d+)s/.exec(poller().getAttribute("hx-trigger"))[1];
    if (Date.now() - touched > IDLE_AFTER) parameters.idle = 1;
  });
  // An answer that could not carry all says so: the rest is fetched at once.
  document.addEventListener("live:more", () => setTimeout(now, SOON));

  // --- Back at once, and nothing left behind ----------------------------------------------------------------
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(retry);
    else now();
    state();
  });
  document.addEventListener("live:append", (event) => { if (event.target.id === "session-offers") fetched += event.detail.rows.length; });
  ["pointerdown", "keydown", "wheel"].forEach((input) => addEventListener(input, () => {
    const wasIdle = Date.now() - touched > IDLE_AFTER;
    touched = Date.now();
    if (wasIdle) now();
  }, { passive: true, capture: true }));
  addEventListener("online", () => { fails = 0; now(); state(); });
  addEventListener("offline", state);
  addEventListener("pagehide", () => clearTimeout(retry));
  addEventListener("pageshow", (event) => { if (event.persisted) { request = null; now(); state(); } });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-live-retry]")) now(); });
})();
