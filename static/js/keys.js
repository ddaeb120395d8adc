// Keys of every page: `?` shows them. A key presses what has it as its data-key; the sheet itself has those that are everywhere.
// Single letters may be in somebody's way: off in fields, and off altogether where that is chosen in the sheet.
(() => {
  "use strict";
  const sheet = document.getElementById("keys"), root = document.documentElement, WAIT = 1500;
  if (!sheet) return;
  const choice = sheet.querySelector("[data-keys-off]");
  const stored = () => { try { return localStorage.getItem("keys"); } catch { return null; } };
  let before = "", since = 0;

  function show() {
    const isOff = stored() === "off";
    root.toggleAttribute("data-keys-off", isOff);
    choice.checked = isOff;
  }
  show();
  addEventListener("storage", (event) => { if (event.key === "keys") show(); });
  choice.addEventListener("change", () => {
    try { localStorage.setItem("keys", choice.checked ? "off" : "on"); } catch { /* a private window keeps it for this page only */ }
    root.toggleAttribute("data-keys-off", choice.checked);
  });
  document.querySelectorAll("[data-keys-open]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    // Beside the sheet is its backdrop, which is the dialog itself.
    if (event.target === sheet) sheet.close();
    const opener = event.target.closest("[data-keys-open]"), menu = opener?.closest("details.menu");
    if (!opener) return;
    // The menu is done with, or the focus would return into what has closed meanwhile.
    menu?.querySelector("summary").focus();
    menu?.removeAttribute("open");
    sheet.showModal();
  });
  // What lies beneath the sheet has keys of its own, and hears none of those that are pressed here.
  addEventListener("keydown", (event) => { if (sheet.open) event.stopPropagation(); }, { capture: true });

  function act(event, key) {
    const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
    if (key === "?") sheet.showModal();
    else if (wanted) wanted.click();
    else return;
    event.preventDefault();
  }
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input:not([type=range], [type=checkbox]), select, textarea, [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping || root.hasAttribute("data-keys-off") || document.querySelector("dialog[open], details.menu[open]")) return;
    const isSecond = before && Date.now() - since < WAIT;
    const key = isSecond ? before + event.key : event.key;
    before = !isSecond && event.key === "g" ? "g" : "";
    since = Date.now();
    if (!before) act(event, key);
  });
})();
