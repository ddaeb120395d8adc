// What is told to the server as its page goes away: a request of htmx would go with it.
(() => {
  "use strict";
  window.parleyPost = (url) => fetch(url, { method: "POST", headers: JSON.parse(document.body.getAttribute("hx-headers")), keepalive: true });
})();
