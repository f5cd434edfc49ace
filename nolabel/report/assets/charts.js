// Bars of cluster sizes, histogram of confidence, training curves: SVG.
"use strict";

function drawSizes(data, state, select) {
  const width = 640, height = 220, foot = 18;
  const largest = Math.max(1, ...data.clusters.map((c) => c.images));
  const step = width / data.clusters.length;
  const numbered = Math.ceil(24 / step); // every how many bars there is room for a number
  const bars = data.clusters.map((c, k) => {
    const tall = Math.max(c.images ? 1 : 0, (height - foot - 16) * c.images / largest);
    const faded = state.cluster !== null && state.cluster !== k;
    return shape("g", { class: "pick", onclick: () => select(state.cluster === k ? null : k) },
      shape("title", {}, `${clusterTitle(data, k)}: ${whole.format(c.images)}`),
      shape("rect", { x: k * step, y: 0, width: step, height: height - foot, fill: "transparent" }),
      shape("rect", {
        x: k * step + step * .1, y: height - foot - tall, width: step * .8, height: tall,
        rx: Math.min(4, step / 6), fill: colorOf(data, k), opacity: faded ? .25 : 1,
      }),
      step < 26 ? null : shape("text", {
        x: (k + .5) * step, y: height - foot - tall - 5, "text-anchor": "middle",
      }, whole.format(c.images)),
      k % numbered || data.clusters_of_run ? null
        : shape("text", { x: (k + .5) * step, y: height - 3, "text-anchor": "middle" }, k));
  });
  byId("sizes").replaceChildren(shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": "Images per cluster" },
  shape("line", { class: "axis", x1: 0, x2: width, y1: height - foot, y2: height - foot }), ...bars));
}

function drawHistogram(data, state) {
  const width = 420, height = 220, foot = 18;
  const shown = data.clusters.filter((c, k) => state.cluster === null || state.cluster === k);
  const bins = (shown[0]?.histogram ?? []).map((_, b) =>
    shown.reduce((sum, c) => sum + c.histogram[b], 0));
  const largest = Math.max(1, ...bins), step = width / bins.length;
  const color = state.cluster === null ? "var(--accent)" : colorOf(data, state.cluster);
  const bars = bins.map((count, b) => {
    const tall = Math.max(count ? 1 : 0, (height - foot - 16) * count / largest);
    const range = `${Math.round(100 * b / bins.length)}–${Math.round(100 * (b + 1) / bins.length)} %`;
    return shape("g", {}, shape("title", {}, `${range}: ${whole.format(count)}`),
      shape("rect", { x: b * step, y: 0, width: step, height: height - foot, fill: "transparent" }),
      shape("rect", { x: b * step + 1, y: height - foot - tall, width: step - 2, height: tall, rx: 2, fill: color }));
  });
  const ticks = [0, 50, 100].map((p) => shape("text", {
    x: width * p / 100, y: height - 3, "text-anchor": { 0: "start", 50: "middle", 100: "end" }[p],
  }, `${p} %`));
  byId("histogram-of").textContent = state.cluster === null ? "of all images"
    : `of ${clusterTitle(data, state.cluster)}`;
  byId("histogram").replaceChildren(shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": "Histogram of confidence" },
  shape("line", { class: "axis", x1: 0, x2: width, y1: height - foot, y2: height - foot }), ...bars, ...ticks));
}

// Not worth a curve: the x axis, the clock, and what only repeats the settings.
const NO_CURVES = new Set(["epoch", "seconds", "stage"]);

function curve(name, points) {
  const width = 260, height = 90;
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const x = (value) => (right > left ? (value - left) / (right - left) : .5) * width;
  const y = (value) => height - 8 - (high > low ? (value - low) / (high - low) : .5) * (height - 16);
  const path = points.map(([e, v], i) => `${i ? "L" : "M"}${x(e).toFixed(1)} ${y(v).toFixed(1)}`).join("");
  const [lastX, lastY] = points[points.length - 1];
  return element("figure", { class: "card" },
    element("figcaption", {}, element("span", {}, name), element("span", { class: "soft" }, brief(lastY))),
    shape("svg", { viewBox: `0 0 ${width} ${height + 16}`, role: "img", "aria-label": name },
      shape("line", { class: "axis", x1: 0, x2: width, y1: height, y2: height }),
      shape("path", { class: "curve", d: path }),
      shape("circle", { cx: x(lastX), cy: y(lastY), r: 3, fill: "var(--accent)" }),
      shape("text", { x: 0, y: height + 13 }, `epoch ${left}`),
      shape("text", { x: width, y: height + 13, "text-anchor": "end" }, right)));
}

function drawCurves(data) {
  const stages = new Map(); // stage -> figure -> [[epoch, value]…]
  for (const line of data.curves) {
    const figures = stages.get(line.stage) ?? new Map([["loss", []]]); // the loss comes first
    stages.set(line.stage, figures);
    for (const [name, value] of flattened(line)) {
      if (typeof value !== "number" || NO_CURVES.has(name)) continue;
      if (!figures.has(name)) figures.set(name, []);
      figures.get(name).push([line.epoch, value]);
    }
  }
  byId("training").hidden = stages.size === 0;
  for (const [stage, figures] of stages) {
    byId("curves").append(element("h3", { class: "stage" }, stage ?? "training"),
      element("div", { class: "curves" }, ...[...figures].filter(([, points]) => points.length).map(([name, points]) =>
        curve(name.replaceAll("_", " ").replace("validation.", "validation "), points))));
  }
}
