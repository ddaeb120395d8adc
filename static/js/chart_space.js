// The utility space in Plotly: outcomes, frontier, solution points, reserved values, the offers of all parties.
(() => {
  "use strict";
  const parley = window.parleyCharts;
  if (!parley) return;
  const TAIL = 7, MARKS = 100, SYMBOLS = { nash: "diamond", kalai: "triangle-down", ks: "triangle-up", welfare: "square" };
  const box = () => document.getElementById("session-plane");
  let space = null, address = "", dots = null;

  async function fetchSpace() {
    const wanted = box().dataset.space;
    if (address === wanted) return;
    const answer = await fetch(wanted);
    if (!answer.ok) throw new Error(`The outcome space could not be fetched: ${answer.status}`);
    const found = await answer.json();
    // Known once it is there: who draws in the meantime waits for it, too.
    [address, space, dots] = [wanted, found, picture(found)];
  }
  // All outcomes as one image: a mark each would cost a redraw of all of them with every poll.
  function picture({ cloud, picture: address }) {
    if (address) return address;
    if (!cloud.length) return null;
    const places = cloud.map(([x, y]) => `M${(1000 * x).toFixed(1)} ${(1000 - 1000 * y).toFixed(1)}h.01`).join("");
    const path = `<path d="${places}" fill="none" stroke="#728394" stroke-opacity=".53" stroke-width="2.6" stroke-linecap="round" vector-effect="non-scaling-stroke"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="800" viewBox="0 0 1000 1000" preserveAspectRatio="none">${path}</svg>`;
    return `data:image/svg+xml;base64,${btoa(svg)}`;
  }

  // Each place once, where it was offered last: the newest of each party, and of those before as many evenly apart.
  function thin(places) {
    const all = [...places.values()], newest = all.slice(0, MARKS / 2), rest = all.slice(MARKS / 2), apart = Math.ceil(rest.length / (MARKS / 2));
    return [...newest, ...rest.filter((place, index) => index % apart === 0)];
  }
  function trails(one, other) {
    const { offers } = parley, count = parley.count(), found = new Map();
    for (let index = count - 1; index >= 0; index--) {
      const offer = offers[index];
      if (offer.response !== "offer" || !offer.worths) continue;
      if (!found.has(offer.party)) found.set(offer.party, { places: new Map(), tail: [] });
      const { places, tail } = found.get(offer.party), x = offer.worths[one], y = offer.worths[other], place = Math.round(x * 1000) * 1001 + Math.round(y * 1000);
      if (tail.length < TAIL) tail.push([x, y]);
      if (!places.has(place)) places.set(place, [x, y, offer.seq]);
    }
    return found;
  }
  // Of many parties only the two of the axes are joined and ringed: more lines would hide the offers.
  function offersOf(party, { places, tail }, look, name, isPlain) {
    const points = thin(places).reverse(), color = look.party(party), last = points.at(-1), open = party > 5, meta = `party-${party}`;
    const outline = { width: party === 4 || party === 5 ? 1 : 0, color: look.text(party) };
    const drawn = [
      {
        type: "scatter", mode: "markers", name, legendgroup: name, meta, hoverinfo: "none", cliponaxis: false, x: points.map(([x]) => x), y: points.map(([, y]) => y), customdata: points.map(([, , seq]) => seq),
        marker: { symbol: parley.symbol(party), size: 7.5, color, line: open ? { width: 1.5 } : outline, opacity: points.map((place, index) => 0.3 + 0.6 * ((index + 1) / points.length)) },
      },
      { type: "scatter", mode: "lines", legendgroup: name, meta, showlegend: false, hoverinfo: "skip", x: tail.map(([x]) => x), y: tail.map(([, y]) => y), line: { color, width: 1.5 }, opacity: 0.55 },
      {
        type: "scatter", mode: "markers", legendgroup: name, meta, showlegend: false, hoverinfo: "none", cliponaxis: false, x: [last[0], last[0]], y: [last[1], last[1]], customdata: [last[2], last[2]],
        marker: { symbol: [parley.symbol(party), `${parley.symbol(party).replace("-open", "")}-open`], size: [13, 22], color, line: { width: [0, 1.5], color } },
      },
    ];
    return isPlain ? drawn.slice(0, 1) : drawn;
  }
  function latest(party, { tail }, look, name, isX) {
    const [x, y] = tail[0], worth = isX ? x : y;
    return { x, y, meta: `party-${party}`, xref: "x", yref: "y", text: `<b>${name} ${worth.toFixed(2)}</b>`, showarrow: false, yshift: (isX && y > 0.1) || y > 0.92 ? -24 : 24, xanchor: x > 0.9 ? "right" : x < 0.1 ? "left" : "center", bgcolor: `${look.surface}99`, font: { color: look.text(party), size: 12 } };
  }
  function reserved(look, one, other) {
    const plane = box().querySelector("svg.only-wide") ?? box(), lines = [];
    plane.querySelectorAll("path.rv").forEach((path) => {
      const upright = path.getAttribute("d").includes("V"), { x0, x1, y0, y1 } = Object.fromEntries(Object.entries(plane.dataset).map(([key, value]) => [key, Number(value)]));
      const [x, y] = path.getAttribute("d").slice(1).split(/[ VH]/).map(Number), party = upright ? one : other;
      const at = upright ? (x - x0) / (x1 - x0) : (y0 - y) / (y0 - y1);
      lines.push({ type: "line", meta: `party-${party}`, ...(upright ? { x0: at, x1: at, y0: 0, y1: 1 } : { x0: 0, x1: 1, y0: at, y1: at }), line: { color: look.party(party), width: 1.5, dash: "dot" } });
    });
    return lines;
  }
  function known(look) {
    const { frontier, points } = space, few = frontier.length <= 60;
    return [
      { type: "scatter", mode: few ? "lines+markers" : "lines", name: "Pareto frontier", meta: "frontier", hoverinfo: "none", x: frontier.map(([x]) => x), y: frontier.map(([, y]) => y), line: { color: look["ink-2"], width: 1.25 }, marker: { size: 5.5, color: look.surface, line: { color: look["ink-2"], width: 1.25 } } },
      { type: "scatter", mode: "markers", name: "Solution points", meta: "points", hoverinfo: "none", x: points.map(({ x }) => x), y: points.map(({ y }) => y), text: points.map(({ label }) => label), marker: { symbol: points.map(({ kind }) => SYMBOLS[kind] ?? "hexagon"), size: 12, color: look.surface, line: { color: look.ink, width: 1.5 } } },
    ];
  }
  // Up and to the right, where no outcome can lie; below where the star stands in the way.
  function labels(look, agreed) {
    const width = box().clientWidth - 82, height = box().clientHeight - 66;
    let lowest = -14;
    return [...space.points].sort((one, other) => other.y - one.y).map(({ label, x, y }) => {
      const long = 7 * label.length, fits = x * width + 22 + long < width, start = fits ? x * width : width - long;
      const isHidden = agreed.some((star) => star.x[0] * width > start - 60 && Math.abs(star.y[0] - y) < 0.12 && star.y[0] >= y);
      const top = (1 - y) * height, at = isHidden ? top + 26 : Math.max(top - 20, lowest + 14);
      lowest = at;
      const said = { y, meta: "points", text: `<b>${label}</b>`, bgcolor: `${look.surface}99`, font: { color: look.ink, size: 12 } };
      if (!fits) return { ...said, x: 1, xanchor: "right", xshift: 12, yshift: top - at, showarrow: false };
      return { ...said, x, xanchor: "left", xshift: 20, yshift: top - at, showarrow: false };
    });
  }
  // From a label that stands beside its point to the point.
  function leaders(look, said) {
    const beside = said.filter(({ xshift }) => xshift === 20);
    return beside.map(({ x, y, yshift }) => ({ type: "line", meta: "points", xsizemode: "pixel", ysizemode: "pixel", xanchor: x, yanchor: y, x0: 5, y0: yshift > 0 ? 5 : -5, x1: 19, y1: yshift, line: { color: look["ink-3"], width: 1 } }));
  }
  function star(look, one, other) {
    const last = parley.offers[parley.count() - 1];
    if (last?.response !== "accept" || !last.worths) return [];
    return [{ type: "scatter", mode: "markers", name: "Agreement", cliponaxis: false, hoverinfo: "none", x: [last.worths[one]], y: [last.worths[other]], customdata: [last.seq], marker: { symbol: "star", size: 18, color: look.ink, line: { color: look.surface, width: 1.5 } } }];
  }
  function deal(look, { x: [x], y: [y] }) {
    return { x, y, text: `<b>Agreement ${x.toFixed(2)}, ${y.toFixed(2)}</b>`, showarrow: false, yshift: 20, xanchor: x > 0.9 ? "right" : x < 0.1 ? "left" : "center", font: { color: look.ink, size: 12 } };
  }
  function lit(look, one, other) {
    const offer = parley.lit();
    if (!offer?.worths) return [];
    return [{ type: "scatter", mode: "markers", showlegend: false, hoverinfo: "skip", x: [offer.worths[one]], y: [offer.worths[other]], marker: { symbol: "circle-open", size: 26, color: look.accent, line: { width: 2.5, color: look.accent } } }];
  }
  async function make(look) {
    await fetchSpace();
    const one = Number(box().dataset.x), other = Number(box().dataset.y), names = parley.names(), found = trails(one, other), agreed = star(look, one, other);
    const parties = [...found.keys()].sort((a, b) => a - b), data = [...known(look), ...parties.flatMap((party) => offersOf(party, found.get(party), look, names[party], found.size > 3 && party !== one && party !== other)), ...agreed, ...lit(look, one, other)];
    // Where the deal lies, the star has the word.
    const isStar = ([x, y]) => agreed.some((each) => Math.abs(each.x[0] - x) + Math.abs(each.y[0] - y) < 0.02);
    const said = [one, other].filter((party) => found.has(party) && !isStar(found.get(party).tail[0])).map((party) => latest(party, found.get(party), look, names[party], party === one));
    const solved = labels(look, agreed);
    const end = { xref: "paper", yref: "paper", showarrow: false, font: { color: look["ink-2"], size: 12 } };
    const titles = [{ ...end, text: `Utility to ${names[one]}`, x: 1, y: 0, yshift: -37, xanchor: "right" }, { ...end, text: `Utility to ${names[other]}`, x: 0, y: 1, yshift: 21, xanchor: "left" }];
    const scale = { range: [0, 1], tickvals: [0, 0.2, 0.4, 0.6, 0.8, 1], tickformat: ".1f" };
    const spikes = { showspikes: true, spikemode: "across", spikethickness: 1, spikedash: "solid", spikecolor: look.axis, spikesnap: "cursor" };
    return {
      data,
      layout: parley.layout(look, {
        margin: parley.margins("space"),
        xaxis: parley.axis(look, { ...scale, ...spikes }),
        yaxis: parley.axis(look, { ...scale, tickvals: scale.tickvals.slice(1), ...spikes }),
        images: dots ? [{ meta: "outcomes", source: dots, xref: "x", yref: "y", x: 0, y: 1, sizex: 1, sizey: 1, sizing: "stretch", layer: "below" }] : [],
        shapes: [...reserved(look, one, other), ...leaders(look, solved)], annotations: [...titles, ...solved, ...said, ...agreed.map((each) => deal(look, each))], uirevision: address,
      }),
    };
  }
  function hover(point) {
    const offer = parley.offers.find(({ seq }) => seq === point.customdata);
    if (offer) return parley.name(offer);
    return `${point.text ?? point.data.name}: ${point.x.toFixed(2)}, ${point.y.toFixed(2)}`;
  }
  parley.register("space", { make, hover, offer: (point) => point.customdata, box: () => document.querySelector('[data-plot="space"]') });
})();
