// Plotly, when a reader touches a chart: fetched once, laid exactly over what the server drew, dressed by the page's
// tokens. Charts register here; each is drawn at most once a frame, and once for all that an answer of the poller brings.
(() => {
  "use strict";
  const parley = window.parleyCharts;
  if (!parley) return;
  const { root } = parley, charts = new Map(), SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross"];
  let loading = null;

  // --- Fetched once, on demand ----------------------------------------------------------------------------------
  // It writes style attributes, which the policy of these pages refuses; by way of the style object they are allowed.
  function allowStyles() {
    const set = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function setAttribute(name, value) {
      if (name === "style") this.style.cssText = value; else set.call(this, name, value);
    };
  }
  // Its maps, which no page has, bring a style sheet unless one of this name is there.
  const MAPS = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
  function refuseMaps() {
    document.head.append(Object.assign(document.createElement("meta"), { id: MAPS }));
  }
  function plotly() {
    if (!document.getElementById(MAPS)) refuseMaps();
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = root.dataset.plotly;
      script.onload = () => { allowStyles(); done(window.Plotly); };
      script.onerror = () => { loading = null; script.remove(); failed(new Error("The charts could not be fetched.")); };
      document.head.append(script);
    });
    return loading;
  }

  // --- Dressed by the tokens --------------------------------------------------------------------------------------
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--pl-${name}`).trim();
  const hue = (party) => "abcdef"[party % 6];
  function tokens() {
    const names = ["ink", "ink-2", "ink-3", "surface", "grid", "axis", "dot", "future", "accent", "line"];
    const found = Object.fromEntries(names.map((name) => [name, token(name)]));
    return { ...found, font: token("font"), party: (party) => token(hue(party)), text: (party) => token(`${hue(party)}-t`) };
  }
  const symbol = (party) => SHAPES[party % 6] + (party > 5 ? "-open" : "");
  function axis(look, more) {
    return {
      gridcolor: look.grid, linecolor: look.axis, zeroline: false, showline: true, ticks: "", fixedrange: false,
      tickfont: { size: 12, color: look["ink-3"] }, automargin: false, ...more,
    };
  }
  function layout(look, more) {
    return {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: look.font, size: 12, color: look["ink-2"] },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: look["ink-3"], activecolor: look.ink }, hovermode: "closest", dragmode: "pan", showlegend: false, uirevision: "kept", transition: { duration: 0 }, ...more,
    };
  }
  const CONFIG = {
    displaylogo: false, responsive: true, scrollZoom: true, doubleClick: "reset", displayModeBar: "hover",
    modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d", "autoScale2d", "hoverClosestCartesian", "hoverCompareCartesian"],
  };
  // The margins of the drawing beneath, as wide as it is shown: nothing jumps when the other comes.
  function margins(name) {
    const still = [...charts.get(name).box().querySelectorAll(".plot-still > svg")].find((svg) => svg.getBoundingClientRect().width);
    if (!still) return { l: 44, r: 14, t: 22, b: 40 };
    const { width, height } = still.viewBox.baseVal, scale = Math.min(1.2, still.getBoundingClientRect().width / width), { x0, x1, y0, y1 } = still.dataset;
    return { l: x0 * scale, r: (width - x1) * scale, t: y1 * scale, b: (height - y0) * scale };
  }
  const isPhone = () => innerWidth < 768;

  // --- One chart: its box, what it draws, when ---------------------------------------------------------------------
  // `make(look)` gives {data, layout}; `hover(point)` one line of text; `offer(point)` the number of the offer meant.
  function register(name, { make, hover, offer, box }) {
    charts.set(name, { name, make, hover, offer, box, target: null, due: false });
  }
  async function open(name) {
    const chart = charts.get(name), box = chart?.box();
    if (!box || (chart.target?.isConnected && box.contains(chart.target))) return chart?.target;
    parley.say(name, "Loading the interactive chart");
    try {
      const [Plotly] = await Promise.all([plotly(), parley.load(), chart.ready?.()]);
      if (chart.target?.isConnected && box.contains(chart.target)) return chart.target;
      const target = document.createElement("div");
      target.className = "plot-live";
      box.append(target);
      chart.target = target;
      await render(chart, Plotly);
      box.classList.add("is-live");
      target.on("plotly_hover", ({ points }) => parley.say(name, chart.hover(points[0])));
      target.on("plotly_unhover", () => parley.say(name, ""));
      target.on("plotly_click", ({ points }) => { const seq = chart.offer?.(points[0]); if (seq) parley.light(seq); });
      parley.say(name, "");
      return target;
    } catch (error) {
      parley.say(name, "The interactive chart could not be fetched. The page goes on without it");
      return null;
    }
  }
  async function render(chart, Plotly) {
    const { data, layout: shape } = parley.sift(chart.name, await chart.make(tokens()));
    await Plotly.react(chart.target, data, shape, CONFIG);
  }
  function draw(chart) {
    if (chart.due || !chart.target?.isConnected || !window.Plotly) return;
    chart.due = true;
    requestAnimationFrame(async () => {
      const start = performance.now();
      try { if (chart.target.isConnected && chart.target.offsetParent) await render(chart, window.Plotly); } finally { chart.due = false; }
      performance.measure?.(`chart:${chart.name}`, { start, end: performance.now() });
      if (performance.getEntriesByType("measure").length > 200) performance.clearMeasures();
    });
  }
  const drawAll = () => charts.forEach(draw);
  // With many offers, of which an answer brings a hundredth, the open charts take turns, one in PAUSE, and all catch up
  // when no more answers come: a drawing costs more than the rest of an answer.
  const LONG = 2000, PAUSE = 2000, REST = 1500;
  let turn = 0, drawn = -PAUSE, resting = 0, growing = 0;
  function catchUp(chart) {
    chart.isBehind = false;
    draw(chart);
  }
  function grow() {
    growing = 0;
    const open = [...charts.values()].filter(({ target }) => target?.isConnected && target.offsetParent), now = performance.now();
    if (parley.offers.length < LONG) { open.forEach(draw); return; }
    const next = now - drawn < PAUSE ? undefined : open[turn++ % open.length];
    open.forEach((chart) => { chart.isBehind = true; });
    if (next) { drawn = now; catchUp(next); }
    clearTimeout(resting);
    resting = setTimeout(() => open.filter(({ isBehind }) => isBehind).forEach(catchUp), REST);
  }
  // In the next frame, when all of an answer has come: to ask in between what is in sight would lay the page out twice.
  root.addEventListener("charts:grow", () => { growing ||= requestAnimationFrame(grow); });
  ["charts:view", "charts:lit", "charts:issue"].forEach((name) => root.addEventListener(name, drawAll));
  new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });

  // --- Touched: pointer, finger or focus ----------------------------------------------------------------------------
  const nameOf = (element) => element.closest?.("[data-plot]")?.dataset.plot;
  ["pointerenter", "focusin", "touchstart"].forEach((type) => root.addEventListener(type, (event) => {
    const name = event.target.nodeType === 1 && nameOf(event.target);
    if (name && !event.target.closest(".is-live")) open(name);
  }, { capture: true, passive: true }));

  // --- Saved, and full screen ---------------------------------------------------------------------------------------
  async function save(name, format) {
    const target = await open(name);
    if (!target) return;
    const filename = `${document.title.split(" · ")[0].replace(/\W+/g, "-")}-${name}`;
    const ground = { ...target.layout, paper_bgcolor: token("surface"), showlegend: true };
    await window.Plotly.downloadImage({ data: target.data, layout: ground }, { format, filename, width: 1200, height: 700, scale: format === "png" ? 2 : 1 });
  }
  function full(name) {
    const card = document.querySelector(`[data-card="${name}"]`) ?? document.querySelector(`[data-plot="${name}"]`)?.closest(".card");
    if (document.fullscreenElement) document.exitFullscreen();
    else card?.requestFullscreen?.().then(() => open(name)).catch(() => {});
  }
  document.addEventListener("fullscreenchange", () => charts.forEach(({ target }) => { if (target?.isConnected) window.Plotly?.Plots.resize(target); }));
  document.addEventListener("click", (event) => {
    const saves = event.target.closest?.("[data-save]"), fulls = event.target.closest?.("[data-full]");
    if (saves) { saves.closest("details").open = false; save(saves.dataset.chart, saves.dataset.save); }
    if (fulls) full(fulls.dataset.full);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "e" || document.documentElement.hasAttribute("data-keys-off") || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=range]), select, textarea, [contenteditable]")) return;
    full(nameOf(document.activeElement) ?? document.activeElement?.closest?.("[data-card]")?.dataset.card ?? "space");
  });

  Object.assign(parley, { register, open, margins, axis, layout, symbol, hue, isPhone, draw: (name) => charts.get(name) && draw(charts.get(name)) });
})();
