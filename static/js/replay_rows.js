// The list while a step is replayed: rows as the server writes them, fetched around the step, those after it hidden.
// And an offer that is clicked, in the list or on a chart, lights up in all of them.
(() => {
  "use strict";
  const parley = window.parleyCharts, rows = document.getElementById("session-replay");
  if (!parley || !rows) return;
  const live = parley.list.parentElement, box = rows.parentElement;
  let fetching = false, from = 0, to = 0, isWhole = false;

  const known = () => [...rows.children];
  function bounds() {
    const all = known();
    from = Number(all[0]?.dataset.seq ?? 0);
    to = Number(all.at(-1)?.dataset.seq ?? 0);
  }
  // The number of the last offer up to the step; from the charts' data, which is there by then.
  const lastShown = () => parley.offers[parley.count() - 1]?.seq ?? 0;
  function hides(seq) { return (from > 1 && seq < from + 20) || seq > to || (!known().length && seq > 0); }
  async function around(step) {
    if (fetching) return;
    fetching = true;
    try {
      const answer = await fetch(`${parley.bar.dataset.rows}?step=${step}`);
      if (!answer.ok) return;
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
      rows.replaceChildren(...parsed.querySelectorAll("li"));
      isWhole = true;
      bounds();
    } catch { /* the next step asks again */ } finally { fetching = false; }
    cut();
  }
  function cut() {
    const last = lastShown();
    known().forEach((row) => { row.hidden = Number(row.dataset.seq) > last; });
    light();
    box.scrollTop = 0;
  }
  function show() {
    const step = parley.view.step, replays = step !== null;
    live.hidden = replays;
    box.hidden = !replays;
    if (!replays) { light(); return; }
    const last = lastShown();
    if (!isWhole || hides(last)) around(step);
    cut();
  }
  function light() {
    document.querySelectorAll(".offer.at").forEach((row) => row.classList.remove("at"));
    if (parley.view.lit === null) return;
    document.querySelectorAll(`.offers > [data-seq="${parley.view.lit}"]`).forEach((row) => row.classList.add("at"));
  }
  bounds();
  parley.root.addEventListener("charts:view", show);
  parley.root.addEventListener("charts:lit", (event) => {
    light();
    const offer = event.detail.offer, row = document.querySelector(".offers-wrap > :not([hidden]) .offer.at");
    if (row && !row.matches(":hover")) row.scrollIntoView({ block: "nearest" });
    parley.say("space", offer ? parley.name(offer) : "");
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.(".offers > [data-seq]");
    if (!row || getSelection().toString()) return;
    parley.load().then(() => parley.light(Number(row.dataset.seq))).catch(() => {});
  });
})();
