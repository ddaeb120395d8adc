// Lets the utility space grow by the rows that arrive; an accept puts the star where the deal lies.
(() => {
  "use strict";
  const TAIL = 7, MARKS = 1000, SVG = "http://www.w3.org/2000/svg";
  const list = document.getElementById("session-offers");
  const planes = document.querySelectorAll("svg[data-plane]");
  if (!list || !planes.length) return;
  const clip = (value) => Math.min(1, Math.max(0, value));
  const round = (value) => Math.round(value * 10) / 10;

  function shape(party, x, y) {
    const mark = document.createElementNS(SVG, party === "0" ? "circle" : "rect");
    const size = party === "0" ? { cx: x, cy: y, r: 3.6 }
      : { x, y, width: 6.6, height: 6.6, transform: "translate(-3.3 -3.3)" };
    Object.entries(size).forEach(([name, value]) => mark.setAttribute(name, value));
    return mark;
  }
  function show(part, x, y) {
    part.setAttribute("transform", `translate(${x} ${y})`);
    part.removeAttribute("visibility");
  }
  function draw(plane, row) {
    const { x0, x1, y0, y1 } = Object.fromEntries(Object.entries(plane.dataset).map(([key, value]) => [key, Number(value)]));
    const party = row.dataset.party, [one, two] = row.dataset.utilities.split(" ").map(Number);
    const x = round(x0 + clip(one) * (x1 - x0)), y = round(y0 - clip(two) * (y0 - y1));
    const star = plane.querySelector("[data-agreement]");
    if (row.dataset.response === "accept") { show(star, x, y); return; }
    star.setAttribute("visibility", "hidden");  // where an accept needs another one, the talk went on
    const tail = plane.querySelector(`[data-tail="${party}"]`);
    const places = (tail.getAttribute("d") ?? "").slice(1).split("L").filter(Boolean);
    if (!places.includes(`${x} ${y}`)) {
      const old = plane.querySelector(`[data-old="${party}"]`);
      old.append(shape(party, x, y));
      if (old.childElementCount > MARKS) old.firstElementChild.remove();
    }
    tail.setAttribute("d", `M${[...places, `${x} ${y}`].slice(-TAIL).join("L")}`);
    show(plane.querySelector(`[data-now="${party}"]`), x, y);
  }
  list.addEventListener("live:append", (event) => {
    const rows = event.detail.rows.filter((row) => row.dataset.utilities);
    planes.forEach((plane) => rows.forEach((row) => draw(plane, row)));
  });
})();
