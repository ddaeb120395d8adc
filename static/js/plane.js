// Draws the offers in the utility space: each place once, fainter with age, the last seven of each party joined; an
// accept puts the star where the deal lies. Grows by the rows that arrive; of another step it draws the offers anew.
(() => {
  "use strict";
  const parley = window.parleyCharts;
  if (!parley) return;
  const TAIL = 7, MARKS = 1000, REACH = 22;
  const clip = (value) => Math.min(1, Math.max(0, value));
  const round = (value) => Math.round(value * 10) / 10;
  const box = () => document.getElementById("session-plane");
  const planes = () => document.querySelectorAll("svg[data-plane]");
  const known = new WeakMap();

  function frame(plane) {
    const { x0, x1, y0, y1 } = plane.dataset;
    return [Number(x0), Number(x1), Number(y0), Number(y1), Number(box().dataset.x), Number(box().dataset.y)];
  }
  function at(plane, worths) {
    const [x0, x1, y0, y1, one, other] = frame(plane);
    return [round(x0 + clip(worths[one]) * (x1 - x0)), round(y0 - clip(worths[other]) * (y0 - y1))];
  }
  // Each place once, where it was offered last; read from what the server drew.
  function trail(plane, party) {
    if (!known.has(plane)) known.set(plane, new Map());
    const trails = known.get(plane);
    if (!trails.has(party)) {
      const drawn = [...plane.querySelectorAll(`[data-old="${party}"] path`)].map((path) => path.getAttribute("d")).join("");
      const places = [...drawn.matchAll(/M([\d.]+) ([\d.]+)/g)].map(([, x, y]) => `${x} ${y}`);
      const tail = (plane.querySelector(`[data-tail="${party}"]`).getAttribute("d") ?? "").slice(1).split("L").filter(Boolean);
      trails.set(party, { places: new Set(places), tail });
    }
    return trails.get(party);
  }
  function add({ places, tail }, [x, y]) {
    const place = `${x} ${y}`;
    places.delete(place);
    places.add(place);
    if (places.size > MARKS) places.delete(places.values().next().value);
    tail.push(place);
    if (tail.length > TAIL) tail.shift();
  }
  function paint(plane, party, worth) {
    const { places, tail } = trail(plane, party), old = plane.querySelector(`[data-old="${party}"]`);
    const all = [...places], quarters = old.querySelectorAll("path"), mark = (place) => `M${place}${old.dataset.outline}`;
    quarters.forEach((path, age) => {
      const part = all.slice(Math.floor(all.length * age / 4), Math.floor(all.length * (age + 1) / 4));
      path.setAttribute("d", part.map(mark).join(""));
    });
    plane.querySelector(`[data-tail="${party}"]`).setAttribute("d", tail.length ? `M${tail.join("L")}` : "");
    now(plane, party, tail.at(-1), worth);
  }
  function now(plane, party, place, worth) {
    const mark = plane.querySelector(`[data-now="${party}"]`), label = mark.querySelector("text");
    if (!place) { mark.setAttribute("visibility", "hidden"); return; }
    const [x, y] = place.split(" ").map(Number), [x0, x1, y0, y1] = frame(plane);
    show(mark, x, y);
    if (!label) return;
    // Where the deal lies, the star has the word.
    const deal = plane.querySelector("[data-agreement]:not([visibility])")?.getAttribute("transform");
    label.textContent = deal === mark.getAttribute("transform") ? "" : `${mark.dataset.name} ${worth.toFixed(2)}`;
    const below = (mark.dataset.axis === "x" && y + 30 < y0) || y - 24 < y1;
    label.setAttribute("text-anchor", anchor(x, x0, x1, label));
    label.setAttribute("y", below ? 27 : -18);
  }
  // Words stay within the frame.
  function anchor(x, x0, x1, label) {
    const half = 3.5 * label.textContent.length;
    return x - half < x0 ? "start" : x + half > x1 ? "end" : "middle";
  }
  function show(part, x, y) {
    part.setAttribute("transform", `translate(${x} ${y})`);
    part.removeAttribute("visibility");
  }
  function star(plane, offer) {
    const mark = plane.querySelector("[data-agreement]");
    // Where an accept needs another one, the talk went on: no star.
    if (offer?.response !== "accept" || !offer.worths) { mark.setAttribute("visibility", "hidden"); return; }
    const [x, y] = at(plane, offer.worths), [x0, x1, , , one, other] = frame(plane), text = mark.querySelector("text");
    show(mark, x, y);
    text.textContent = `Agreement ${offer.worths[one].toFixed(2)}, ${offer.worths[other].toFixed(2)}`;
    text.setAttribute("text-anchor", anchor(x, x0, x1, text));
  }
  function draw(plane, offers) {
    const latest = new Map();
    offers.forEach((offer) => {
      if (offer.response !== "offer" || !offer.worths) return;
      add(trail(plane, offer.party), at(plane, offer.worths));
      latest.set(offer.party, offer.worths[offer.party]);
    });
    star(plane, offers.at(-1));
    latest.forEach((worth, party) => paint(plane, party, worth));
  }
  function redraw() {
    const shown = parley.offers.slice(0, parley.count());
    planes().forEach((plane) => {
      const trails = new Map();
      known.set(plane, trails);
      plane.querySelectorAll("[data-old]").forEach(({ dataset }) => trails.set(Number(dataset.old), { places: new Set(), tail: [] }));
      draw(plane, shown);
      trails.forEach(({ tail }, party) => { if (!tail.length) paint(plane, party); });
    });
  }
  function light(offer) {
    planes().forEach((plane) => {
      const ring = plane.querySelector("[data-lit]");
      ring.setAttribute("visibility", "hidden");
      if (offer?.worths) show(ring, ...at(plane, offer.worths));
    });
  }

  // Where the explored chart lies over it, nobody sees it.
  const isCovered = () => planes()[0]?.closest(".is-live") !== null;
  parley.list.addEventListener("live:append", (event) => {
    if (parley.view.step !== null || isCovered()) return;
    const offers = event.detail.rows.map(({ dataset }) => (
      { party: Number(dataset.party), response: dataset.response ?? "offer", worths: dataset.utilities ? dataset.utilities.split(" ").map(Number) : null }));
    planes().forEach((plane) => draw(plane, offers));
  });
  parley.root.addEventListener("charts:view", () => { if (parley.isReady() && !isCovered()) redraw(); });
  parley.root.addEventListener("charts:lit", (event) => light(event.detail.offer));
  // A click lights the nearest offer.
  document.addEventListener("click", async (event) => {
    const plane = event.target.closest?.("svg[data-plane]");
    if (!plane) return;
    await parley.load().catch(() => {});
    const scale = plane.viewBox.baseVal.width / plane.getBoundingClientRect().width, rect = plane.getBoundingClientRect();
    const x = (event.clientX - rect.left) * scale, y = (event.clientY - rect.top) * scale;
    const found = parley.nearest((offer) => { const [left, top] = at(plane, offer.worths); return Math.hypot(left - x, top - y); }, REACH * scale);
    if (found) parley.light(found.seq);
  });
})();
