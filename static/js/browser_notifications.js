// Notifications of the browser: asked for by a click, shown once across all tabs, and not many in a minute.
(() => {
  "use strict";
  const A_MINUTE = 60000, MOST_A_MINUTE = 5;
  const slot = document.getElementById("toasts"), API = window.Notification;
  if (!slot) return;
  const wish = () => `browser_notifications:${slot.dataset.version}`, shown = () => `browser_notified:${slot.dataset.version}`;
  function kept(name) { try { return localStorage.getItem(name); } catch { return null; } }
  function keep(name, value) { try { localStorage.setItem(name, value); } catch { /* blocked: this page's memory has to do */ } }

  // Some browsers of phones have the name and refuse to show any from a page.
  let isRefused = false;

  // --- The switch ------------------------------------------------------------------------------------------------
  const isOn = () => Boolean(API) && !isRefused && API.permission === "granted" && kept(wish()) === "on";
  function standing() {
    if (isRefused) return "This browser shows none for pages.";
    if (!API || !isSecureContext) return "This browser shows none for this address: it has to be https, or this machine's own.";
    if (API.permission === "denied") return "The browser's settings forbid them for this address. Allow them there first.";
    return isOn() ? "On: what comes while this window is not in front is shown by the browser." : "Off.";
  }
  function show() {
    document.querySelectorAll("[data-browser-notifications]").forEach((button) => {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(isOn()));
      button.textContent = isOn() ? "Switch off" : "Switch on";
      button.disabled = !API || isRefused || !isSecureContext || API.permission === "denied";
    });
    document.querySelectorAll("[data-browser-standing]").forEach((text) => { text.textContent = standing(); });
  }
  document.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-browser-notifications]")) return;
    if (isOn()) keep(wish(), "off");
    else if (await API.requestPermission() === "granted") keep(wish(), "on");
    show();
  });
  document.addEventListener("htmx:afterSettle", show);
  show();

  // --- Shown once: the tab that moves the number on shows it --------------------------------------------------------
  let mine = 0;
  function take(seq) {
    const last = Math.max(mine, Number(kept(shown()) ?? 0) || 0);
    mine = Math.max(last, seq);
    if (seq <= last) return false;
    keep(shown(), seq);
    return true;
  }
  const alone = (work) => (navigator.locks ? navigator.locks.request("parley-browser-notifications", work) : work());
  const recent = [];
  let waiting = 0, later = 0;
  function pop(title, body, href, tag) {
    let popped;
    try { popped = new API(title, { body, tag }); } catch { isRefused = true; show(); return; }
    popped.onclick = () => { window.focus(); if (href) location.assign(href); popped.close(); };
  }
  function sumUp() {
    later = 0;
    if (waiting) pop(`${waiting} more notifications`, "", document.getElementById("inbox-bell")?.getAttribute("href"), "more");
    waiting = 0;
  }
  addEventListener("notification:created", ({ detail }) => {
    if (!isOn() || detail.isQuiet || document.hasFocus()) return;
    alone(() => {
      if (!take(detail.seq)) return;
      const now = Date.now();
      while (recent.length && now - recent[0] > A_MINUTE) recent.shift();
      if (recent.length < MOST_A_MINUTE) { recent.push(now); pop(detail.title, detail.text, detail.href, detail.id); return; }
      waiting++;
      later ||= setTimeout(sumUp, A_MINUTE - (now - recent[0]));
    });
  });
  addEventListener("pagehide", () => { clearTimeout(later); later = 0; });
})();
