// The theme, set before the first paint: that is why this one script of the head is not deferred.
(() => {
  "use strict";
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const preferred = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const show = (theme) => { root.dataset.bsTheme = theme; };

  show(stored() ?? preferred());
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    show(theme);
    try { localStorage.setItem("theme", theme); } catch { /* a private window keeps it for this page only */ }
    document.dispatchEvent(new CustomEvent("theme:change", { detail: theme }));
  });
  addEventListener("storage", (event) => { if (event.key === "theme") show(event.newValue ?? preferred()); });
})();
