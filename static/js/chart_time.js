// The timeline in Plotly: what each party asked, and of two what the other offered; the cursor of the replay.
(() => {
  "use strict";
  const parley = window.parleyCharts;
  if (!parley) return;
  const POINTS = 120;

  let made = { count: 0, asked: new Map(), got: new Map() };

  // More points than pixels only cost time: the steps where a line turns furthest are kept, and the newest.
  function thin(points) {
    const apart = Math.ceil(points.length / POINTS);
    if (apart < 2) return points;
    const kept = [];
    for (let start = 0; start < points.length; start += 2 * apart) {
      const part = points.slice(start, start + 2 * apart), worths = part.map(([, y]) => y);
      const low = worths.indexOf(Math.min(...worths)), high = worths.indexOf(Math.max(...worths));
      [...new Set([low, high].sort((a, b) => a - b))].forEach((index) => kept.push(part[index]));
    }
    return [...kept, points.at(-1)];
  }
  function lines() {
    const count = parley.count(), { offers } = parley;
    // What was gone through is kept while the session only grows.
    if (count < made.count) made = { count: 0, asked: new Map(), got: new Map() };
    const { asked, got } = made;
    const put = (lines, party, point) => { if (lines.has(party)) lines.get(party).push(point); else lines.set(party, [point]); };
    for (let index = made.count; index < count; index++) {
      const { response, worths, party, step, seq } = offers[index];
      if (response !== "offer" || !worths) continue;
      put(asked, party, [step, worths[party], seq]);
      if (worths.length === 2) put(got, 1 - party, [step, worths[1 - party], seq]);
    }
    made.count = count;
    return { asked, got };
  }
  function trace(party, points, look, name, thick) {
    const kept = thin(points);
    return {
      type: "scatter", mode: "lines", meta: `party-${party} ${thick ? "asked" : "offered"}`, name: thick ? name : `offered to ${name}`, hoverinfo: "none", opacity: thick ? 1 : 0.38, x: kept.map(([x]) => x), y: kept.map(([, y]) => y),
      customdata: kept.map(([, , seq]) => seq), line: { color: look.party(party), width: thick ? 1.75 : 1, dash: party > 5 ? "dash" : "solid" }, legendgroup: name,
    };
  }
  function end(party, points, look, name) {
    const [x, y, seq] = points.at(-1);
    return { type: "scatter", mode: "markers", meta: `party-${party} asked`, showlegend: false, legendgroup: name, hoverinfo: "none", x: [x], y: [y], customdata: [seq], marker: { symbol: parley.symbol(party), size: 9, color: look.party(party), line: { color: look.surface, width: 1.5 } } };
  }
  function labels(asked, look, names) {
    if (asked.size > 4) return [];
    const width = document.querySelector('[data-plot="time"]').clientWidth - 44;
    let lowest = Infinity;
    const found = [...asked].map(([party, points]) => [party, ...points.at(-1)]).sort((one, other) => other[2] - one[2]);
    return found.map(([party, x, y]) => {
      const text = `${names[party]} ${y.toFixed(2)}`, at = Math.min(y, lowest - 0.13), left = (1 - x / parley.steps) * width < 12 + 7.2 * text.length;
      lowest = at;
      return { x, y: at, meta: `party-${party} asked`, text: `<b>${text}</b>`, showarrow: false, xanchor: left ? "right" : "left", xshift: left ? -10 : 10, yshift: left ? 12 : 0, bgcolor: `${look.surface}99`, font: { color: look.text(party), size: 12 } };
    });
  }
  function make(look) {
    const { asked, got } = lines(), names = parley.names(), phone = parley.isPhone(), now = parley.view.step ?? parley.lastStep(), offer = parley.lit();
    const sorted = (lines) => [...lines].sort(([one], [other]) => one - other);
    const data = [
      ...sorted(got).map(([party, points]) => trace(party, points, look, names[party], false)),
      ...sorted(asked).map(([party, points]) => trace(party, points, look, names[party], true)), ...sorted(asked).map(([party, points]) => end(party, points, look, names[party])),
    ];
    const upright = (x, color, width) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color, width } });
    const shapes = [{ type: "rect", x0: now, x1: parley.steps, yref: "paper", y0: 0, y1: 1, fillcolor: look.future, line: { width: 0 }, layer: "below" }, upright(now, look.ink, 1.25)];
    if (offer) shapes.push(upright(offer.step, look.accent, 2));
    return {
      data,
      layout: parley.layout(look, {
        margin: parley.margins("time"),
        xaxis: parley.axis(look, { range: [0, parley.steps], nticks: phone ? 5 : 9, showgrid: false }),
        yaxis: parley.axis(look, { range: [0, 1], tickvals: [0, 0.5, 1], tickformat: ".1f", showline: false }),
        shapes, annotations: labels(asked, look, names),
      }),
    };
  }
  function hover(point) {
    const offer = parley.offers.find(({ seq }) => seq === point.customdata);
    const text = offer ? parley.name(offer) : "";
    parley.say("space", text);
    return text;
  }
  parley.register("time", { make, hover, offer: (point) => point.customdata, box: () => document.querySelector('[data-plot="time"]') });
})();
