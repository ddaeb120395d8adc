// What the charts of a session are drawn from: its offers, fetched once when they are first needed, then grown by the
// rows that the page's poller brings; and what is shown of them: up to which step, and which offer is lit.
(() => {
  "use strict";
  const root = document.querySelector("[data-charts]"), bar = document.getElementById("session-replay-bar");
  const list = document.getElementById("session-offers");
  if (!root || !bar || !list) return;
  const offers = [], waiting = [], told = new Map();
  const view = { step: bar.dataset.step === undefined ? null : Number(bar.dataset.step), lit: null };
  let loading = null, ready = false, sampled = false, lastStep = Number(bar.dataset.last);

  const tell = (name, detail) => root.dispatchEvent(new CustomEvent(`charts:${name}`, { detail }));
  const last = () => offers.at(-1)?.seq ?? 0;

  // --- Offers -------------------------------------------------------------------------------------------------
  function add(offer) {
    if (offer.seq <= last()) return;
    if (offer.response === "offer") {
      offer.told ??= told.get(offer.party) ?? null;  // the row says "same offer again"
      told.set(offer.party, offer.told);
    }
    offers.push(offer);
  }
  function read(row) {
    const { seq, step, party, response = "offer", utilities, told: values } = row.dataset;
    return {
      seq: Number(seq), step: Number(step), party: Number(party), response,
      worths: utilities ? utilities.split(" ").map(Number) : null, told: values ? values.split("\t") : null,
    };
  }
  function decode([seq, step, party, response, worths, coded], values) {
    const known = worths.length && !worths.includes(null);
    return { seq, step, party, response, worths: known ? worths : null, told: coded?.map((code, issue) => values[issue][code]) ?? null };
  }
  async function fetchAll() {
    for (let more = true; more;) {
      const answer = await fetch(`${bar.dataset.chart}?after=${last()}`);
      if (!answer.ok) throw new Error(`The offers could not be fetched: ${answer.status}`);
      const part = await answer.json();
      part.offers.forEach((offer) => add(decode(offer, part.values)));
      more = part.more;
      sampled = part.sampled;
    }
    waiting.splice(0).forEach(add);
    if (sampled) root.querySelectorAll(".chart-tools").forEach(tellSample);
    ready = true;
    tell("grow");
  }
  function tellSample(tools) {
    const mark = tools.querySelector(".tag") ?? tools.insertBefore(Object.assign(document.createElement("span"), { className: "tag" }), tools.firstChild);
    mark.textContent = `sample of ${offers.length.toLocaleString("en-GB")} offers`;
    mark.title = `Of ${last().toLocaleString("en-GB")} offers those of every n-th step are drawn. The list has all of them.`;
  }
  // What fails may be tried again: the next touch asks anew.
  function load() {
    loading ??= fetchAll().catch((error) => { loading = null; throw error; });
    return loading;
  }
  list.addEventListener("live:append", (event) => {
    const rows = event.detail.rows.map(read);
    lastStep = Math.max(lastStep, ...rows.map((row) => row.step));
    bar.dataset.last = lastStep;
    if (ready && (sampled || rows[0].seq === last() + 1)) rows.forEach(add);
    else if (ready) { ready = false; loading = null; load().catch(() => {}); }
    else if (loading) waiting.push(...rows);
    tell("grow", { rows });
  });

  // --- What is shown ------------------------------------------------------------------------------------------
  // How many offers there are up to the step shown: steps never fall.
  function count() {
    if (view.step === null) return offers.length;
    let low = 0, high = offers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (offers[middle].step <= view.step) low = middle + 1; else high = middle;
    }
    return low;
  }
  function show(step) {
    view.step = step === null ? null : Math.max(0, Math.min(Number(step), lastStep));
    tell("view");
  }
  function light(seq) {
    view.lit = view.lit === seq ? null : seq;
    tell("lit", { offer: lit() });
  }
  const lit = () => (view.lit === null ? undefined : offers.find((offer) => offer.seq === view.lit));

  // --- Which offer a place on a chart means: the nearest, within a finger's width ---------------------------------
  function nearest(distance, reach) {
    let found = null, least = reach;
    for (let index = count() - 1; index >= 0; index--) {
      const offer = offers[index], far = offer.response === "offer" && offer.worths ? distance(offer) : Infinity;
      if (far < least) { least = far; found = offer; }
    }
    return found;
  }
  const names = () => [...document.querySelectorAll("#session-plane [data-now]")].reduce((all, mark) => ({ ...all, [mark.dataset.now]: mark.dataset.name }), {});
  // One line that names an offer.
  function name(offer) {
    const worths = offer.worths?.map((worth) => worth.toFixed(2)).join(", ") ?? "";
    return `Step ${offer.step}, ${names()[offer.party] ?? ""} ${worths}: ${(offer.told ?? [offer.response]).join(" · ")}`;
  }
  function say(chart, text) {
    const line = document.querySelector(`[data-say="${chart}"]`);
    if (line) line.textContent = text || line.dataset.quiet;
  }

  window.parleyCharts = {
    root, bar, list, offers, view, load, show, light, lit, count, nearest, name, names, say,
    isReady: () => ready, lastStep: () => lastStep, steps: Number(bar.dataset.steps),
  };
})();
