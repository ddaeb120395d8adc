// The panel of a job's log: closed it costs nothing; open it has a cursor, which the page's one poller takes along.
(() => {
  "use strict";
  const panel = document.getElementById("job-log");
  if (!panel) return;
  const lines = () => document.getElementById("job-log-lines");
  const dress = () => panel.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });

  function ask(level) {
    htmx.ajax("GET", panel.dataset.log, { source: panel, target: "#job-log-panel", swap: "outerHTML", values: { level } });
  }
  panel.addEventListener("toggle", () => {
    if (panel.open) { if (!lines()?.dataset.append) ask(lines()?.dataset.level ?? "info"); return; }
    lines()?.removeAttribute("data-append");
  });
  panel.addEventListener("change", (event) => { if (event.target.name === "level") ask(event.target.value); });
  panel.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt?.id === "live" && lines()?.dataset.append) event.detail.parameters.level = lines().dataset.level;
  });
  document.addEventListener("htmx:afterSettle", dress);
  dress();
})();
