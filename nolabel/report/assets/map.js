// The images as points of a plane: dots or pictures, their neighborhood as in feature space.
"use strict";

const MARGIN = 28, REACH = 14, DOT = 3.2, PICTURE = 26; // CSS pixels

function prepareMap(data, select) {
  const { map } = data;
  byId("map-section").hidden = map === null;
  if (map === null) return () => {};
  byId("map-note").textContent = (map.x.length < data.images
    ? `The map shows ${whole.format(map.x.length)} of ${whole.format(data.images)} images, drawn at random. ` : "") +
    "Images with similar features lie close to each other (t-SNE). Distances between groups mean " +
    "little. Point at a dot to see its image. Click a dot to select its cluster.";

  const canvas = byId("map"), sprite = new Image();
  const view = { pictures: false, state: { cluster: null }, places: [], data };
  const draw = () => drawMap(canvas, sprite, view);
  if (map.sprite) {
    sprite.addEventListener("load", draw);
    sprite.src = map.sprite.uri;
  }
  byId("map-dots").parentElement.hidden = !map.sprite;
  for (const [id, pictures] of [["map-dots", false], ["map-pictures", true]]) {
    byId(id).addEventListener("click", () => {
      view.pictures = pictures;
      byId("map-dots").setAttribute("aria-pressed", String(!pictures));
      byId("map-pictures").setAttribute("aria-pressed", String(pictures));
      draw();
    });
  }
  canvas.addEventListener("pointermove", (event) => {
    const i = nearest(view, event);
    if (i < 0) tip.hide();
    else showPoint(event, view.data, i);
  });
  canvas.addEventListener("pointerleave", () => tip.hide());
  canvas.addEventListener("click", (event) => {
    const i = nearest(view, event);
    select(i < 0 ? null : view.data.map.cluster[i]);
  });
  new ResizeObserver(draw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return (groups, state) => {
    view.data = groups;
    view.state = state;
    draw();
  };
}

function drawMap(canvas, sprite, view) {
  const { data, data: { map } } = view;
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = sharpContext(canvas, width, height);
  // The picture fills the canvas: t-SNE's scale is arbitrary in either direction.
  const place = (v, low, extent, room) => MARGIN + (v - low) / (extent || 1) * (room - 2 * MARGIN);
  const [left, right] = [Math.min(...map.x), Math.max(...map.x)];
  const [low, high] = [Math.min(...map.y), Math.max(...map.y)];
  view.places = map.x.map((x, i) =>
    [place(x, left, right - left, width), place(map.y[i], low, high - low, height)]);

  const chosen = view.state.cluster;
  const order = [...map.x.keys()].sort((a, b) => (map.cluster[a] === chosen) - (map.cluster[b] === chosen));
  for (const i of order) {
    const [x, y] = view.places[i];
    context.globalAlpha = chosen === null || map.cluster[i] === chosen ? .85 : .12;
    if (view.pictures && sprite.complete) drawPicture(context, data, sprite, i, x, y);
    else {
      context.fillStyle = colorOf(data, map.cluster[i]);
      context.beginPath();
      context.arc(x, y, DOT, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

function drawPicture(context, data, sprite, i, x, y) {
  const { side, columns } = data.map.sprite;
  context.fillStyle = colorOf(data, data.map.cluster[i]);
  context.fillRect(x - PICTURE / 2 - 1.5, y - PICTURE / 2 - 1.5, PICTURE + 3, PICTURE + 3);
  context.drawImage(sprite, i % columns * side, Math.floor(i / columns) * side, side, side,
    x - PICTURE / 2, y - PICTURE / 2, PICTURE, PICTURE);
}

// The number of the point nearest to the pointer, -1 when none is in reach.
function nearest(view, event) {
  const reach = view.pictures ? PICTURE / 2 + 4 : REACH;
  let found = -1, least = reach * reach;
  view.places.forEach(([x, y], i) => {
    const distance = (x - event.offsetX) ** 2 + (y - event.offsetY) ** 2;
    if (distance <= least) [found, least] = [i, distance];
  });
  return found;
}

function showPoint(event, data, i) {
  const { map } = data, picture = byId("tip-picture");
  picture.hidden = !map.sprite;
  if (map.sprite) {
    const { uri, columns } = map.sprite, shown = 96;
    if (!picture.style.backgroundImage) picture.style.backgroundImage = `url(${uri})`;
    picture.style.backgroundSize = `${columns * shown}px auto`;
    picture.style.backgroundPosition =
      `${-(i % columns) * shown}px ${-Math.floor(i / columns) * shown}px`;
  }
  tip.show(event, [clusterTitle(data, map.cluster[i]), percent(map.confidence[i]), map.name[i]]);
}
