// The reference of the API: Swagger UI on our document, in the page's theme, with its CSRF token on what it tries.
(() => {
  "use strict";
  const root = document.documentElement;
  const follow = () => root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");

  const show = () => {
    const place = document.getElementById("reference");
    window.SwaggerUIBundle({
      domNode: place,
      url: place.dataset.url,
      defaultModelsExpandDepth: -1,
      docExpansion: "list",
      presets: [window.SwaggerUIBundle.presets.apis],
      requestInterceptor: (request) => {
        request.headers["X-CSRFToken"] = place.dataset.csrf;
        return request;
      },
    });
  };

  follow();
  document.addEventListener("theme:change", follow);
  document.addEventListener("DOMContentLoaded", show);
})();
