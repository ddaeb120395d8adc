// How it stood at the step that is replayed: what each party asked and was offered, and the issues in common. The result
// is shown where it was reached, at the last step.
(() => {
  "use strict";
  const parley = window.parleyCharts, card = document.getElementById("session-standing");
  if (!parley || !card) return;
  const title = card.querySelector("h2"), issues = card.querySelectorAll(".deal > li"), seats = card.querySelectorAll("[data-seat]");

  // Each party's newest offer up to the step, the newest first.
  function newest() {
    const found = new Map();
    for (let index = parley.count() - 1; index >= 0 && found.size < seats.length; index--) {
      const offer = parley.offers[index];
      if (offer.response === "offer" && !found.has(offer.party)) found.set(offer.party, offer);
    }
    return found;
  }
  function fillSeat(seat, found) {
    const party = Number(seat.dataset.seat), own = found.get(party), other = [...found.values()].find((offer) => offer.party !== party);
    const asks = own ? "asks this" : "has not asked yet", worth = other?.worths?.[party];
    seat.querySelector("dd > span").textContent = own?.worths?.[party].toFixed(2) ?? "–";
    seat.querySelector("small").textContent = worth === undefined ? asks : `${asks}, is offered ${worth.toFixed(2)}`;
  }
  function fillIssue(line, index, found) {
    const asked = new Set([...found.values()].map(({ told }) => told?.[index]));
    const isCommon = found.size === seats.length && asked.size === 1 && !asked.has(undefined);
    line.classList.toggle("open", !isCommon);
    line.querySelector("b").textContent = isCommon ? [...asked][0] : "";
  }
  function show() {
    const { step } = parley.view, isEarlier = step !== null && step < parley.lastStep();
    card.hidden = !isEarlier;
    if (!isEarlier) return;
    const found = newest();
    title.textContent = `At step ${step.toLocaleString("en-GB")}`;
    seats.forEach((seat) => fillSeat(seat, found));
    issues.forEach((line, index) => fillIssue(line, index, found));
  }
  parley.root.addEventListener("charts:view", show);
  // At a step of the address, as soon as the offers are there.
  parley.root.addEventListener("charts:grow", () => { if (parley.isReady()) show(); });
})();
