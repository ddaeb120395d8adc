// What was offered: how often each value of an issue, and each pair of values of two, by whom.
(() => {
  "use strict";
  const parley = window.parleyCharts, card = document.querySelector("[data-views]");
  if (!parley || !card) return;
  const MOST = 24, choice = (name) => Number(card.querySelector(`[data-issue="${name}"]`).value);
  const made = () => parley.offers.slice(0, parley.count()).filter(({ response, told }) => response === "offer" && told);
  const shortened = (text) => (text.length > 18 ? `${text.slice(0, 17)}…` : text);
  const isNumber = (text) => text !== "" && Number.isFinite(Number(text));
  const inOrder = (values) => (values.every(isNumber) ? values.sort((one, other) => one - other) : values.sort());

  function values(look) {
    const issue = choice("one"), counts = new Map(), names = parley.names();
    made().forEach(({ party, told }) => {
      const each = counts.get(told[issue]) ?? new Map();
      counts.set(told[issue], each.set(party, (each.get(party) ?? 0) + 1));
    });
    const total = (value) => [...counts.get(value).values()].reduce((sum, count) => sum + count, 0);
    const kept = inOrder([...counts.keys()].sort((one, other) => total(other) - total(one)).slice(0, MOST)).reverse();
    const lit = parley.lit()?.told?.[issue];
    const data = Object.keys(names).map(Number).map((party) => ({
      type: "bar", orientation: "h", name: names[party], hoverinfo: "none", y: kept, x: kept.map((value) => counts.get(value).get(party) ?? 0),
      marker: { color: look.party(party), line: { color: kept.map((value) => (value === lit ? look.accent : look.surface)), width: kept.map((value) => (value === lit ? 2.5 : 1)) } },
    }));
    data.push(...data.map((bars, index) => inside(bars, data.slice(0, index), look, index)));
    return { data, layout: parley.layout(look, {
      barmode: "stack", bargap: 0.25, margin: { l: 118, r: 14, t: 8, b: 26 }, showlegend: false,
      xaxis: parley.axis(look, { rangemode: "tozero", showline: false, tickformat: ",d" }),
      yaxis: parley.axis(look, { type: "category", tickvals: kept, ticktext: kept.map(shortened), fixedrange: true, showgrid: false }), uirevision: String(issue),
    }) };
  }
  // Each part of a bar carries the mark of its party, where there is room for it.
  function inside(bars, before, look, party) {
    const start = (index) => before.reduce((sum, { x }) => sum + x[index], 0), most = Math.max(1, ...bars.y.map((value, index) => start(index) + bars.x[index]));
    const wide = bars.y.map((value, index) => index).filter((index) => bars.x[index] > most * 0.03);
    return {
      type: "scatter", mode: "markers", showlegend: false, hoverinfo: "skip", x: wide.map((index) => start(index) + bars.x[index] / 2), y: wide.map((index) => bars.y[index]),
      marker: { symbol: parley.symbol(party), size: 7, color: look.surface, line: { width: 0, color: look.surface } },
    };
  }
  // Beside each other within a cell, so that one party's mark does not cover another's.
  function pairs(look) {
    const across = choice("across"), up = choice("up"), names = parley.names(), parties = Object.keys(names).map(Number), counts = new Map();
    made().forEach(({ party, told }) => {
      const key = `${party}\t${told[across]}\t${told[up]}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    const cells = [...counts].map(([key, count]) => [...key.split("\t"), count]);
    const columns = inOrder([...new Set(cells.map(([, x]) => x))]), rows = inOrder([...new Set(cells.map(([, , y]) => y))]), most = Math.max(1, ...counts.values());
    const beside = (party) => (parties.length > 1 ? (party - (parties.length - 1) / 2) * 0.7 / parties.length : 0);
    const offer = parley.lit(), data = parties.map((party) => {
      const own = cells.filter(([who]) => Number(who) === party);
      return {
        type: "scatter", mode: "markers", name: names[party], hoverinfo: "none", x: own.map(([, x]) => columns.indexOf(x) + beside(party)), y: own.map(([, , y]) => rows.indexOf(y)),
        text: own.map(([, x, y, count]) => `${x} · ${y}: ${count}, ${names[party]}`),
        marker: { symbol: parley.symbol(party), color: look.party(party), opacity: 0.85, size: own.map(([, , , count]) => 6 + 16 * Math.sqrt(count / most)), line: { width: party === 4 || party === 5 ? 1 : 0, color: look.text(party) } },
      };
    });
    if (offer?.told) data.push({ type: "scatter", mode: "markers", showlegend: false, hoverinfo: "skip", x: [columns.indexOf(offer.told[across]) + beside(offer.party)], y: [rows.indexOf(offer.told[up])], marker: { symbol: "circle-open", size: 26, color: look.accent, line: { width: 2.5, color: look.accent } } });
    const scale = (texts) => ({ tickvals: texts.map((text, index) => index), ticktext: texts.map(shortened), range: [-0.6, texts.length - 0.4] });
    return { data, layout: parley.layout(look, {
      margin: { l: 118, r: 14, t: 8, b: columns.length > 4 ? 74 : 26 }, uirevision: `${across} ${up}`,
      xaxis: parley.axis(look, { ...scale(columns), tickangle: columns.length > 4 ? -35 : 0 }), yaxis: parley.axis(look, scale(rows)),
    }) };
  }
  function box(name) { return () => card.querySelector(`[data-plot="${name}"]`); }
  const count = (point) => `${point.y}: ${point.x}, ${point.data.name}`;
  parley.register("values", { make: values, hover: count, box: box("values") });
  parley.register("pairs", { make: pairs, hover: (point) => point.text, box: box("pairs") });

  // --- List, by issue, two issues -----------------------------------------------------------------------------------
  card.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-view-of]");
    if (!tab || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const name = tab.dataset.viewOf;
    card.querySelectorAll("[data-view-of]").forEach((each) => {
      each.classList.toggle("on", each === tab);
      if (each === tab) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current");
    });
    card.querySelectorAll("[data-view]").forEach((view) => { view.hidden = view.dataset.view !== name; });
    if (name !== "list") parley.open(name).then(() => parley.draw(name));
  });
  card.addEventListener("change", (event) => {
    if (event.target.matches("[data-issue]")) parley.root.dispatchEvent(new CustomEvent("charts:issue"));
  });
})();
