// Notifications: each is told once in this tab, in the order in which they came; many at once are told as one.
(() => {
  "use strict";
  const SHOWN_FOR = 5000, NEWS_FOR = 60000, ALONE = 3, HISTORY = 200, MOST_SHOWN = 20;
  const LEVELS = ["info", "success", "warning", "error"];
  const byId = (id) => document.getElementById(id);
  const slot = byId("toasts"), fresh = byId("toasts-new");
  if (!slot || !fresh) return;

  // --- Storage, which may be blocked: then this tab knows what it knows -----------------------------------------
  function kept(store, name) { try { return window[store].getItem(name); } catch { return null; } }
  function keep(store, name, value) { try { window[store].setItem(name, value); } catch { /* blocked or full */ } }

  // --- The cursor: this tab's own; a new tab begins where the browser as a whole is --------------------------------
  const cursorName = () => `last_notification_id:${slot.dataset.version}`;
  const number = (text) => (/^\d{1,15}$/.test(text ?? "") ? Number(text) : null);
  function moveTo(seq, isReset = false) {
    fresh.dataset.seqBase = seq;
    keep("sessionStorage", cursorName(), seq);
    const all = isReset ? seq : Math.max(seq, number(kept("localStorage", cursorName())) ?? 0);
    keep("localStorage", cursorName(), all);
  }
  function begin() {
    const head = Number(fresh.dataset.seqBase);
    const known = number(kept("sessionStorage", cursorName())) ?? number(kept("localStorage", cursorName()));
    moveTo(known !== null && known <= head ? known : head, known > head);
    if (known < head && known !== null) htmx.trigger(document.body, "live:more");
  }
  document.addEventListener("inbox:reset", (event) => {
    slot.dataset.version = event.detail.key;
    moveTo(event.detail.head, true);
  });
  addEventListener("pageshow", (event) => {
    const known = number(kept("sessionStorage", cursorName()));
    if (event.persisted && known > Number(fresh.dataset.seqBase)) fresh.dataset.seqBase = known;
  });

  // --- Never twice, whatever an answer says: FNV-1a of what was told ----------------------------------------------
  function fnv1a(text) {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    return hash.toString(16).padStart(8, "0");
  }
  function history() {
    try {
      const stored = JSON.parse(kept("sessionStorage", "__toast_history_v1"));
      return Array.isArray(stored) ? stored.slice(-HISTORY) : [];
    } catch { return []; }
  }
  window.__notifiedIds = new Set(history());
  function isNew(one) {
    const told = window.__notifiedIds, mark = fnv1a(`${one.id}:${one.level}:${one.text}`);
    if (told.has(mark)) return false;
    told.add(mark);
    while (told.size > HISTORY) told.delete(told.values().next().value);
    keep("sessionStorage", "__toast_history_v1", JSON.stringify([...told]));
    return true;
  }

  // --- What came with an answer -----------------------------------------------------------------------------------
  const safe = (link) => (/^\/(?![\/\\])/.test(link ?? "") ? link : "");
  function read(row) {
    const { id, seq, kind, level, title, text, href, session, job, benchmark, quiet } = row.dataset;
    return { id, seq: Number(seq), kind, level, title, text, href: safe(href), session, job, benchmark, isQuiet: quiet !== undefined };
  }
  const tell = (name, detail) => dispatchEvent(new CustomEvent(name, { detail }));
  function announce(one) {
    tell("notification:created", one);
    if (one.session) tell("session:activity", one);
    if (one.job) tell("job:activity", one);
    if (one.benchmark) tell("benchmark:activity", one);
    for (const [name, id] of [["Session", one.session], ["Job", one.job], ["Benchmark", one.benchmark]]) {
      if (id) document.querySelectorAll(`[data-refresh="${CSS.escape(id)}"]`).forEach((element) => htmx.trigger(element, `refresh${name}`));
    }
  }
  // Whose turn it is stands on the page of the seat itself; a toast would only cover its form.
  const isInSight = (one) => one.kind?.endsWith("_turn") && !document.hidden && one.href.split(/[?#]/)[0] === location.pathname;
  fresh.addEventListener("live:append", (event) => {
    const told = event.detail.rows.filter((row) => row.dataset.id).map(read).filter(isNew);
    moveTo(Number(event.detail.rows.at(-1).dataset.seq));
    fresh.replaceChildren();
    told.forEach(announce);
    const loud = told.filter((one) => !one.isQuiet && !isInSight(one));
    if (sum || loud.length > ALONE) sumUp(loud);
    else loud.forEach((one) => tell("toast", { ...one, type: one.level }));
  });

  // --- Many at once ----------------------------------------------------------------------------------------------
  let sum = null;
  function sumUp(loud) {
    if (!loud.length) return;
    const count = (sum?.count ?? 0) + loud.length;
    const errors = (sum?.errors ?? 0) + loud.filter((one) => one.level === "error").length;
    sum?.element.remove();
    const text = errors ? `${errors} of them failed.` : "The activity page has them all.";
    const detail = { type: errors ? "error" : "info", title: `${count} notifications`, text, href: safe(byId("inbox-bell")?.getAttribute("href")) };
    tell("toast", detail);
    sum = { element: slot.lastElementChild, count, errors };
  }

  // --- Toasts: all in one place, the newest on top; errors stay ----------------------------------------------------
  const seenUrl = (id) => `/activity/${id}/seen/`;
  const top = () => slot.lastElementChild;
  // Closed one after the other, each is marked as read: htmx alone would keep the last of those that wait.
  slot.setAttribute("hx-sync", "this:queue all");
  const details = new WeakMap();
  let timer = 0, before = null;
  // Only what can be seen is being shown: the others begin their seconds as they come to light.
  const held = () => slot.querySelector(":focus-visible");
  const wait = () => clearTimeout(timer);
  function go() {
    wait();
    if (top() && !details.get(top()).stays && !held() && !slot.matches(":hover")) timer = setTimeout(() => close(top()), SHOWN_FOR);
  }
  function onTop() {
    if (held() && !top().contains(held())) top().querySelector("[data-close]").focus();
    [...slot.children].forEach((toast) => { toast.inert = toast !== top(); });
    if (sum && !sum.element.isConnected) sum = null;
    go();
  }
  const isStale = (toast) => toast && !details.get(toast).stays && Date.now() - details.get(toast).since > NEWS_FOR;
  function close(toast) {
    const isHeld = toast.contains(held());
    toast.remove();
    while (isStale(top())) top().remove();
    onTop();
    if (isHeld) (top()?.querySelector("[data-close]") ?? before)?.focus();
  }
  function dismiss(toast) {
    const { id } = details.get(toast);
    close(toast);
    if (id) htmx.ajax("POST", seenUrl(id), { source: slot, swap: "none" });
  }
  slot.addEventListener("mouseenter", wait);
  slot.addEventListener("mouseleave", go);
  slot.addEventListener("focusin", (event) => {
    wait();
    if (event.relatedTarget && !slot.contains(event.relatedTarget)) before = event.relatedTarget;
  });
  slot.addEventListener("focusout", () => setTimeout(go));
  addEventListener("pagehide", wait);
  addEventListener("pageshow", (event) => { if (event.persisted) go(); });
  // Before the menus hear of it: one key closes one thing.
  document.addEventListener("keydown", (event) => {
    const isTaken = event.target.closest?.("input, select, textarea, [contenteditable]") || document.querySelector("details.menu[open]");
    if (event.key === "Escape" && top() && !isTaken) dismiss(top());
  }, { capture: true });
  function fill(toast, detail) {
    const href = safe(detail.href), [title, text, link] = toast.querySelectorAll("b, p, a");
    title.textContent = detail.title ?? detail.text;
    text.textContent = detail.title ? detail.text ?? "" : "";
    [title, text].forEach((words) => { words.title = words.textContent; });
    if (href) {
      link.href = href;
      link.hidden = false;
      link.setAttribute("aria-label", `Open: ${title.textContent}`);
    }
    toast.querySelector("[data-close]").addEventListener("click", () => dismiss(toast));
    link.addEventListener("click", () => { if (detail.id) parleyPost(seenUrl(detail.id)); });
  }
  addEventListener("toast", ({ detail }) => {
    const level = LEVELS.includes(detail.type) ? detail.type : "info";
    const toast = byId(`toast-${level}`).content.firstElementChild.cloneNode(true);
    // What says how the same thing stands by now takes the place of what said it before.
    if (detail.about) [...slot.children].forEach((other) => { if (details.get(other).about === detail.about) other.remove(); });
    details.set(toast, { id: detail.id, about: detail.about, stays: level === "error", since: Date.now() });
    fill(toast, detail);
    slot.append(toast);
    while (slot.children.length > MOST_SHOWN) slot.firstElementChild.remove();
    onTop();
  });

  // --- The number of what is unread stands in the title, too --------------------------------------------------------
  document.addEventListener("htmx:oobAfterSwap", () => {
    const bell = byId("inbox-bell"), count = bell?.querySelector(".count")?.textContent;
    const title = document.title.replace(/^\(\d+\+?\) /, "");
    const wanted = count ? `(${count}) ${title}` : title;
    if (document.title !== wanted) document.title = wanted;
  });
  begin();
})();
