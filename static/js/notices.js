// What could not be done is said in a banner: text only, gone after ten seconds or on a click (B-15).
(() => {
  "use strict";
  const SHOWN_FOR = 10000;
  const notice = document.getElementById("live-notice");
  if (!notice) return;
  let timer = 0;
  function hide() { clearTimeout(timer); notice.hidden = true; }
  function show(text) {
    notice.querySelector("span").textContent = text;
    notice.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(hide, SHOWN_FOR);
  }
  // A page of ours that refuses says why under its title; that is worth more than a number.
  function reason(xhr) {
    const why = new DOMParser().parseFromString(xhr.responseText ?? "", "text/html").querySelector(".empty > span")?.textContent.trim();
    if (why) return why;
    if (!xhr.status) return "The server could not be reached. Nothing was changed; try again once the page is live.";
    return `The server refused this (${xhr.status}). Nothing was changed; reload the page and try again.`;
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, requestConfig, successful } = event.detail;
    if (!successful && requestConfig && requestConfig.verb !== "get") show(reason(xhr));
  });
  addEventListener("live:notice", (event) => show(String(event.detail?.text ?? "")));
  addEventListener("pagehide", hide);
  notice.querySelector("[data-close]").addEventListener("click", hide);
})();
