// How long ago, told anew with each poll in the words of the server: no row has to come again only to be older.
(() => {
  "use strict";
  const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  function age(seconds) {
    const [unit, size] = UNITS.find(([, least]) => seconds >= least) ?? UNITS.at(-1);
    return `${Math.floor(seconds / size)} ${unit}`;
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.elt?.id !== "live" || !event.detail.successful) return;
    const now = Date.parse(event.detail.xhr.getResponseHeader("Date")) || Date.now();
    document.querySelectorAll("time[data-age]").forEach((time) => {
      time.textContent = age(Math.max(0, (now - Date.parse(time.dateTime)) / 1000));
    });
  });
})();
