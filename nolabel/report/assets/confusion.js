// The confusion matrix: one square per pair of classes, darker for a larger share of the row.
"use strict";

const NAMES_UP_TO = 60; // classes; beyond that, names would be too small to read

function drawConfusion(data) {
  const { confusion } = data;
  byId("confusion-section").hidden = confusion === null;
  if (confusion === null) return;
  const { classes, columns, cells } = confusion;
  const named = classes <= NAMES_UP_TO;
  const cell = Math.max(1, Math.min(44, Math.floor(900 / classes)));
  const name = (i) => (i < classes ? data.class_names[i] ?? `class ${i}` : "no matched class");
  const short = (text) => (text.length > 20 ? text.slice(0, 19) + "…" : text);

  const canvas = byId("confusion"), font = `${Math.min(13, cell - 1)}px system-ui, sans-serif`;
  const measure = canvas.getContext("2d");
  measure.font = font;
  const widest = Math.max(...Array.from({ length: columns }, (_, i) => measure.measureText(short(name(i))).width));
  const head = named ? Math.ceil(widest) + 14 : 4;
  const width = head + columns * cell + 4, height = head + classes * cell + 4;

  const draw = () => {
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    const context = sharpContext(canvas, width, height);
    context.font = font;
    context.textBaseline = "middle";
    context.fillStyle = cssColor("--paper");
    context.fillRect(head, head, columns * cell, classes * cell);
    for (const [i, j, share] of cells) {
      context.globalAlpha = .06 + .94 * Math.sqrt(share);
      context.fillStyle = cssColor("--accent");
      const gap = cell > 8 ? 1 : 0;
      context.fillRect(head + j * cell, head + i * cell, cell - gap, cell - gap);
      context.globalAlpha = 1;
      if (cell < 30 || share < .005) continue;
      context.fillStyle = share > .3 ? cssColor("--card") : cssColor("--ink");
      context.textAlign = "center";
      context.fillText(String(Math.round(100 * share)), head + (j + .5) * cell, head + (i + .5) * cell);
    }
    if (named) drawNames(context);
  };

  const drawNames = (context) => {
    context.fillStyle = cssColor("--ink");
    for (let i = 0; i < columns; ++i) {
      if (i < classes) {
        context.textAlign = "right";
        context.fillText(short(name(i)), head - 8, head + (i + .5) * cell);
      }
      context.save();
      context.translate(head + (i + .5) * cell, head - 8);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillText(short(name(i)), 0, 0);
      context.restore();
    }
  };

  const shares = new Map(cells.map(([i, j, share]) => [i * columns + j, share]));
  canvas.addEventListener("pointermove", (event) => {
    const i = Math.floor((event.offsetY - head) / cell), j = Math.floor((event.offsetX - head) / cell);
    if (i < 0 || j < 0 || i >= classes || j >= columns) return tip.hide();
    byId("tip-picture").hidden = true;
    tip.show(event, [`${name(i)} → ${name(j)}`, percent(shares.get(i * columns + j) ?? 0)]);
  });
  canvas.addEventListener("pointerleave", () => tip.hide());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
}
