// Lets the timeline grow by the rows that arrive: axes stay, the path that the server drew is only added to.
(() => {
  "use strict";
  const APART = 14, POINTS = 400;
  const list = document.getElementById("session-offers");
  const charts = document.querySelectorAll("svg[data-timeline]");
  if (!list || !charts.length) return;
  const clip = (value) => Math.min(1, Math.max(0, value));
  const round = (value) => Math.round(value * 10) / 10;

  // As the server does: more points than pixels would only cost time. Written to the page once an answer.
  const added = new Map(), reached = new Map();
  function grow(path, x, y, step, steps) {
    if (step - (reached.get(path) ?? -steps) < steps / POINTS) return;
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
  function draw(chart, row) {
    const { steps, x0, x1, y0, y1 } = Object.fromEntries(Object.entries(chart.dataset).map(([key, value]) => [key, Number(value)]));
    const party = row.dataset.party, worths = row.dataset.utilities.split(" ").map(Number);
    const step = Number(row.dataset.step), x = round(x0 + clip(step / steps) * (x1 - x0));
    const at = (value) => round(y0 - clip(value) * (y0 - y1));
    const y = at(worths[party]);
    grow(chart.querySelector(`[data-asked="${party}"]`), x, y, step, steps);
    if (worths.length === 2) grow(chart.querySelector(`[data-got="${1 - party}"]`), x, at(worths[1 - party]), step, steps);
    const now = chart.querySelector(`[data-now="${party}"]`), label = chart.querySelector(`[data-label="${party}"]`);
    now.setAttribute("transform", `translate(${x} ${y})`);
    now.removeAttribute("visibility");
    label.textContent = `${label.dataset.name} ${worths[party].toFixed(2)}`;
    Object.assign(label.dataset, { x, y });
    const future = chart.querySelector(".future");
    future.setAttribute("x", x);
    future.setAttribute("width", Math.max(0, x1 - x));
  }
  charts.forEach((chart) => {
    const place0 = /translate\(([\d.]+) ([\d.]+)\)/;
    chart.querySelectorAll("[data-now]").forEach((now) => {
      const at = place0.exec(now.getAttribute("transform") ?? "");
      if (at) Object.assign(chart.querySelector(`[data-label="${now.dataset.now}"]`).dataset, { x: at[1], y: at[2] });
    });
  });
  list.addEventListener("live:append", (event) => {
    const rows = event.detail.rows.filter((row) => row.dataset.response === "offer" && row.dataset.utilities);
    charts.forEach((chart) => {
      rows.forEach((row) => draw(chart, row));
      write();
      if (rows.length) place(chart, chart.viewBox.baseVal.width);
    });
  });
})();
