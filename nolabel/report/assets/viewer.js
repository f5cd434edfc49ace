// The large view of one picture: the original file where it can be opened, else the thumbnail.
"use strict";

// What is stepped through, and where. source: {count, body(at) -> nodes or null, left(at)}.
const viewer = { source: null, at: 0 };

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
  const { source, at } = viewer;
  byId("viewer-body").replaceChildren(...source.body(at).filter((node) => node !== null));
  byId("viewer-count").textContent = `${whole.format(at + 1)} of ${whole.format(source.count)}`;
  byId("viewer-previous").disabled = at === 0;
  byId("viewer-next").disabled = at === source.count - 1;
}

function step(by) {
  const next = viewer.at + by;
  if (next < 0 || next >= viewer.source.count) return;
  viewer.at = next;
  showPicture();
}

function openViewer(source, at) {
  Object.assign(viewer, { source, at });
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
  box.addEventListener("close", () => viewer.source.left(viewer.at));
}
