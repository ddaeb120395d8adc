// Draws the timeline: grows what the server drew by the rows that arrive; of another step it draws all anew. Axes stay.
(() => {
  "use strict";
  const charts = document.querySelectorAll("svg[data-timeline]"), parley = window.parleyCharts;
  if (!parley || !charts.length) return;
  const APART = 14, POINTS = 400;
  const clip = (value) => Math.min(1, Math.max(0, value));
  const round = (value) => Math.round(value * 10) / 10;
  const frame = (chart) => Object.fromEntries(Object.entries(chart.dataset).map(([key, value]) => [key, Number(value)]));

  // As the server does: more points than pixels would only cost time. Written to the page once an answer.
  const added = new Map(), reached = new Map();
  function grow(path, x, y, step, steps) {
    if (!path || step - (reached.get(path) ?? -steps) < steps / POINTS) return;
    reached.set(path, step);
    added.set(path, `${added.get(path) ?? ""}L${x} ${y}`);
  }
  function write() {
    added.forEach((points, path) => {
      const drawn = path.getAttribute("d");
      path.setAttribute("d", drawn ? drawn + points : `M${points.slice(1)}`);
    });
    added.clear();
  }
  // As the server does: beside the line's end, apart from each other, to the left where there is no room.
  function place(chart, width) {
    const found = [...chart.querySelectorAll("[data-label]")].filter((label) => label.dataset.y);
    found.sort((one, other) => one.dataset.y - other.dataset.y);
    let lowest = -APART;
    found.forEach((label) => {
      const x = Number(label.dataset.x), fits = x + 11 + label.getComputedTextLength() < width;
      lowest = Math.max(Number(label.dataset.y) + (fits ? 4 : -10), lowest + APART);
      label.setAttribute("x", x + (fits ? 11 : -11));
      label.setAttribute("y", lowest);
      label.setAttribute("text-anchor", fits ? "start" : "end");
    });
  }
  function cut(chart, { x1, y0, y1 }, x) {
    const future = chart.querySelector(".future");
    future.setAttribute("x", x);
    future.setAttribute("width", Math.max(0, x1 - x));
    chart.querySelector("[data-cursor]").setAttribute("d", `M${x} ${y1}V${y0}`);
  }
  function mark(chart, party, x, y, worth) {
    const now = chart.querySelector(`[data-now="${party}"]`), label = chart.querySelector(`[data-label="${party}"]`);
    now.setAttribute("transform", `translate(${x} ${y})`);
    now.removeAttribute("visibility");
    if (!label) return;
    label.textContent = `${label.dataset.name} ${worth.toFixed(2)}`;
    Object.assign(label.dataset, { x, y });
  }
  function draw(chart, offers, upTo) {
    const box = frame(chart), { steps, x0, x1, y0, y1 } = box, latest = new Map();
    const at = (value) => round(y0 - clip(value) * (y0 - y1)), across = (step) => round(x0 + clip(step / steps) * (x1 - x0));
    offers.forEach(({ party, step, worths }) => {
      const x = across(step), y = at(worths[party]);
      grow(chart.querySelector(`[data-asked="${party}"]`), x, y, step, steps);
      if (worths.length === 2) grow(chart.querySelector(`[data-got="${1 - party}"]`), x, at(worths[1 - party]), step, steps);
      latest.set(party, [x, y, worths[party]]);
    });
    write();
    latest.forEach((where, party) => mark(chart, party, ...where));
    if (upTo !== null) cut(chart, box, across(upTo));
    place(chart, chart.viewBox.baseVal.width);
  }
  const isDrawn = (offer) => offer.response === "offer" && offer.worths;
  function redraw() {
    const shown = parley.offers.slice(0, parley.count()).filter(isDrawn);
    // A point for each pixel at most, and each party's newest.
    const apart = Math.ceil(shown.length / (4 * POINTS)), sparse = shown.filter((offer, index) => index % apart < 9 || shown.length - index < 20);
    charts.forEach((chart) => {
      chart.querySelectorAll("[data-asked], [data-got]").forEach((path) => { path.setAttribute("d", ""); reached.delete(path); });
      chart.querySelectorAll("[data-now]").forEach((now) => now.setAttribute("visibility", "hidden"));
      chart.querySelectorAll("[data-label]").forEach((label) => { label.textContent = ""; delete label.dataset.y; });
      draw(chart, sparse, parley.view.step ?? parley.lastStep());
    });
  }

  // Where the explored chart lies over it, nobody sees it.
  const isCovered = () => charts[0].closest(".is-live") !== null;
  charts.forEach((chart) => {
    const place0 = /translate\(([\d.]+) ([\d.]+)\)/;
    chart.querySelectorAll("[data-now]").forEach((now) => {
      const at = place0.exec(now.getAttribute("transform") ?? ""), label = chart.querySelector(`[data-label="${now.dataset.now}"]`);
      if (at && label) Object.assign(label.dataset, { x: at[1], y: at[2] });
    });
  });
  parley.list.addEventListener("live:append", (event) => {
    if (parley.view.step !== null || isCovered()) return;
    const rows = event.detail.rows.filter((row) => !row.dataset.response && row.dataset.utilities).map(({ dataset }) => (
      { party: Number(dataset.party), step: Number(dataset.step), worths: dataset.utilities.split(" ").map(Number) }));
    if (rows.length) charts.forEach((chart) => draw(chart, rows, rows.at(-1).step));
  });
  parley.root.addEventListener("charts:view", () => { if (parley.isReady() && !isCovered()) redraw(); });
  parley.root.addEventListener("charts:lit", (event) => charts.forEach((chart) => {
    const line = chart.querySelector("[data-lit]"), { steps, x0, x1, y0, y1 } = frame(chart), offer = event.detail.offer;
    line.setAttribute("visibility", offer ? "visible" : "hidden");
    if (offer) line.setAttribute("d", `M${round(x0 + clip(offer.step / steps) * (x1 - x0))} ${y1}V${y0}`);
  }));
})();
