// The replay: the scrubber under the timeline, its buttons and keys, and the address of the step shown.
(() => {
  "use strict";
  const parley = window.parleyCharts;
  if (!parley) return;
  const { bar, root } = parley, scrubber = document.querySelector("[data-scrubber]"), range = scrubber.querySelector("input");
  const output = document.getElementById("session-step"), speed = bar.querySelector("[data-speed]"), play = bar.querySelector("[data-go=play]");
  let timer = 0, owed = 0, before = 0, drawing = false, isActive = "active" in bar.dataset;
  root.classList.add("has-script");

  const shown = () => parley.view.step ?? parley.lastStep();
  function words() {
    const step = shown().toLocaleString("en-GB");
    if (parley.view.step === null) return isActive ? `Following, step ${step}` : `Step ${step}${parley.lastStep() ? ", the end" : ""}`;
    return isActive ? `Step ${step}, paused view` : `Step ${step}`;
  }
  function tell() {
    const text = words();
    if (output.textContent !== text) output.textContent = text;
    range.value = shown();
    range.setAttribute("aria-valuetext", text);
  }
  function address() {
    const url = new URL(location);
    if (parley.view.step === null) url.searchParams.delete("step");
    else url.searchParams.set("step", parley.view.step);
    history.replaceState(history.state, "", url);
    // A fork begins at the step shown.
    const fork = document.querySelector("a[data-fork]");
    if (fork) fork.search = parley.view.step ? `?step=${parley.view.step}` : "";
  }
  // At most one drawing a frame, however fast the thumb moves; the address follows when it rests.
  let resting = 0;
  function go(step) {
    parley.view.step = step === null ? null : Math.max(0, Math.min(step, parley.lastStep()));
    tell();
    clearTimeout(resting);
    resting = setTimeout(address, 250);
    if (drawing) return;
    drawing = true;
    parley.load().then(() => requestAnimationFrame(() => { drawing = false; parley.show(parley.view.step); }))
      .catch(() => { drawing = false; output.textContent = "The offers could not be fetched. Try again"; });
  }
  function stop() {
    cancelAnimationFrame(timer);
    timer = 0;
    play.setAttribute("aria-pressed", "false");
    play.setAttribute("aria-label", "Play");
  }
  function tick(now) {
    owed += Math.min(250, now - before) * Number(speed.value) / 1000;
    before = now;
    timer = requestAnimationFrame(tick);
    if (owed < 1 || drawing) return;
    const next = shown() + Math.floor(owed);
    owed %= 1;
    if (next >= parley.lastStep()) { stop(); go(isActive ? null : parley.lastStep()); } else go(next);
  }
  function start() {
    if (parley.view.step === null || shown() >= parley.lastStep()) go(0);
    play.setAttribute("aria-pressed", "true");
    play.setAttribute("aria-label", "Stop");
    before = performance.now();
    owed = 0;
    timer = requestAnimationFrame(tick);
  }
  const moves = {
    first: () => go(0), back: () => go(shown() - 1), on: () => go(shown() + 1), latest: () => go(null),
    play: () => (timer ? stop() : start()),
    back10: () => go(shown() - 10), on10: () => go(shown() + 10), end: () => go(parley.lastStep()),
  };
  function act(name) {
    if (name !== "play") stop();
    moves[name]();
  }
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    act(button.dataset.go);
  });
  scrubber.addEventListener("submit", (event) => event.preventDefault());
  range.addEventListener("input", () => { stop(); go(Number(range.value)); });

  const KEYS = { " ": "play", Home: "first", End: "end", l: "latest", L: "latest" };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input:not([type=range]), select, textarea, [contenteditable], button, summary, .offers-wrap");
    if (event.ctrlKey || event.metaKey || event.altKey || (typing && event.key !== "l" && event.key !== "L")) return;
    if (event.target.closest?.("input:not([type=range]), textarea, select")) return;
    const sideways = { ArrowLeft: "back", ArrowRight: "on" }[event.key], name = sideways ? sideways + (event.shiftKey ? "10" : "") : KEYS[event.key];
    if (!name || (name === "latest" && document.documentElement.hasAttribute("data-keys-off"))) return;
    event.preventDefault();
    act(name);
  });
  root.addEventListener("charts:grow", tell);
  root.addEventListener("charts:go", (event) => { stop(); go(event.detail); });
  // The end of the session comes with a poll, as a header of another state.
  document.addEventListener("htmx:afterSettle", () => {
    const ended = isActive && document.querySelector("#session-title .st-completed, #session-title .st-failed, #session-title .st-cancelled");
    if (!ended) return;
    isActive = false;
    tell();
  });
  if (parley.view.step !== null) parley.load().catch(() => {});
})();
