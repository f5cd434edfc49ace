// The large view of one picture: the original file where it can be opened, else the thumbnail.
"use strict";

// The buttons of the pictures to step through, as the gallery showed them, and the current one.
const viewer = { data: null, tiles: [], at: 0 };

function meter(title, share, color) {
  const bar = element("div");
  bar.style.width = 100 * share + "%";
  return element("div", { class: "meter", color }, element("span", {}, title),
    element("span", { class: "value" }, percent(share)), element("div", { class: "track" }, bar));
}

// The thumbnail at once. The original takes its place when the browser has read it: the file can be
// missing, or of a type that browsers do not show.
function pictureWithOriginal(picture) {
  if (!picture.uri && !picture.file) return null;
  const shown = element("img", { alt: picture.name });
  const link = element("a", { target: "_blank", rel: "noopener" }, shown);
  if (picture.uri) shown.src = picture.uri;
  if (picture.file) {
    const original = new Image();
    original.addEventListener("load", () => {
      shown.src = picture.file;
      link.href = picture.file;
      link.title = "Open the original file";
    });
    original.src = picture.file;
  }
  return link;
}

function showPicture() {
  const { data, tiles, at } = viewer;
  const picture = data.pictures[tiles[at].dataset.picture];
  const parts = [
    pictureWithOriginal(picture),
    element("p", { class: "path" }, picture.name),
    meter(clusterTitle(data, picture.cluster), picture.confidence, clusterColor(picture.cluster)),
    picture.runner_up < 0 ? null
      : meter(`Second choice: ${clusterTitle(data, picture.runner_up)}`,
        picture.runner_up_confidence, clusterColor(picture.runner_up)),
    picture.label === undefined ? null
      : element("p", { class: "soft" }, `Label: ${data.class_names[picture.label] ?? picture.label}`),
  ];
  byId("viewer-body").replaceChildren(...parts.filter((node) => node !== null));
  byId("viewer-count").textContent = `${at + 1} of ${tiles.length}`;
  byId("viewer-previous").disabled = at === 0;
  byId("viewer-next").disabled = at === tiles.length - 1;
}

function step(by) {
  const next = viewer.at + by;
  if (next < 0 || next >= viewer.tiles.length) return;
  viewer.at = next;
  showPicture();
}

function openViewer(data, tile) {
  const tiles = [...byId("gallery").querySelectorAll(".picture")];
  Object.assign(viewer, { data, tiles, at: tiles.indexOf(tile) });
  showPicture();
  byId("viewer").showModal();
}

function prepareViewer() {
  const box = byId("viewer");
  byId("viewer-close").addEventListener("click", () => box.close());
  byId("viewer-previous").addEventListener("click", () => step(-1));
  byId("viewer-next").addEventListener("click", () => step(1));
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  box.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step(by);
  });
  // The page is where the reader left the viewer, not where the reader entered it.
  box.addEventListener("close", () => viewer.tiles[viewer.at]?.focus());
}
