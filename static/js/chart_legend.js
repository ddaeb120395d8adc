// The legend of a chart: each entry a switch. What is switched off is gone once the chart is explored, and stays so.
(() => {
  "use strict";
  const parley = window.parleyCharts;
  if (!parley) return;
  const off = new Map();

  // `meta` of a trace, shape, label or picture names the entries that it belongs to.
  parley.sift = (name, { data, layout }) => {
    const isOn = ({ meta }) => !off.get(name)?.size || !String(meta ?? "").split(" ").some((key) => off.get(name).has(key));
    data.forEach((trace) => { trace.visible = isOn(trace); });
    ["shapes", "annotations", "images"].forEach((part) => { layout[part] = (layout[part] ?? []).filter(isOn); });
    return { data, layout };
  };
  parley.root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-legend]");
    if (!button) return;
    const { legend, key } = button.dataset, keys = off.get(legend) ?? new Set();
    if (!keys.delete(key)) keys.add(key);
    off.set(legend, keys);
    button.setAttribute("aria-pressed", String(!keys.has(key)));
    parley.open(legend).then(() => parley.draw(legend));
  });
})();
