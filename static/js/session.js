// The session page: the clock between two answers, and the reader's place in the list.
(() => {
  "use strict";
  const list = document.getElementById("session-offers");
  if (!list) return;
  const box = list.parentElement, more = document.querySelector("[data-to-newest]");
  let unseen = 0, isAtEnd = true;

  // --- Elapsed time runs between two answers, by this page's own clock ------------------------------------------
  const began = new WeakMap();
  function text(seconds) {
    const whole = Math.floor(seconds), minutes = Math.floor(whole / 60);
    if (!minutes) return `${whole} s`;
    return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }
  setInterval(() => {
    const figure = document.querySelector("[data-elapsed]");
    if (!figure || document.hidden) return;
    if (!began.has(figure)) began.set(figure, performance.now() - 1000 * Number(figure.dataset.elapsed));
    figure.textContent = text((performance.now() - began.get(figure)) / 1000);
  }, 1000);

  // --- A reader who scrolled up stays where they are, and is told what came -------------------------------------
  // Where that is was noted as they scrolled: to ask when rows have just come would lay out the whole page once more.
  function look() {
    isAtEnd = Math.abs(box.scrollTop) < 24;
    tell();
  }
  function tell() {
    if (isAtEnd) unseen = 0;
    more.hidden = !unseen;
    more.textContent = `${unseen} new`;
  }
  box.addEventListener("scroll", look, { passive: true });
  more.addEventListener("click", () => { box.scrollTop = 0; });

  list.addEventListener("live:append", (event) => {
    const count = event.detail.rows.length;
    if (!isAtEnd) unseen += count;
    tell();
  });
  look();
})();
