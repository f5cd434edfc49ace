// The unsure images, one large picture at a time: the person keeps an image where it is, moves it to
// one of the clusters that are most alike, or marks it as junk.
"use strict";

const REVIEW_CHOICES = 9; // keys 1 to 9

// host: {edits, pictures, alike, send(document), undo()}
function openReview(host) {
  const images = shownImages(host.edits.editor, "unsure", "", false);
  if (images.length === 0) return false;
  let at = 0, choices = [];
  const body = element("div", { class: "review" }), count = element("span", { class: "soft", role: "status" });
  const dialog = openDialog({ title: "Review of the unsure images", kind: "large", body: [count, body, element("p", { class: "said", role: "status" })], closed: host.closed });
  dialog.querySelector(".buttons").remove();

  const cluster = (id) => host.edits.editor.clusters.find((c) => c.id === id);
  const unsure = (image) => host.edits.editor.images.status[image] === "u";

  // Most alike first, then the largest.
  async function choicesFor(image) {
    const own = host.edits.editor.images.cluster[image];
    const ranked = await host.alike.clusters([image], own).catch(() => []);
    const others = [...host.edits.editor.clusters].sort((a, b) => b.images - a.images).map((c) => c.id);
    return [...new Set([...ranked, ...others])].filter((id) => id !== own && cluster(id)).slice(0, REVIEW_CHOICES);
  }

  async function show() {
    const image = images[at], { path, cluster: ids, confidence } = host.edits.editor.images;
    choices = [];
    count.textContent = `${whole.format(at + 1)} of ${whole.format(images.length)}`;
    const buttons = element("ol", { class: "targets", "aria-label": "Move to a cluster" });
    const act = (text, key, press) => element("button", { type: "button", class: "button", onclick: press }, text, " ", element("kbd", {}, key));
    const own = cluster(ids[image]);
    body.replaceChildren(
      element("div", { class: "large-picture" }, pictureWithOriginal({ name: path[image], uri: host.pictures.thumb(image), file: host.pictures.full(image) })
        ?? element("p", { class: "card nothing" }, path[image])),
      element("div", { class: "decide" },
        element("p", { class: "path" }, path[image]),
        element("p", {}, unsure(image) ? "nolabel is unsure of its cluster, " : "It is now in ",
          element("strong", {}, own ? plainName(own) : `cluster ${ids[image]}`), ` (${percent(confidence[image])} sure).`),
        element("div", { class: "acts" }, act("Keep it there", "space", keep), act("Junk", "J", junk)),
        element("h3", {}, "Move to"), buttons,
        element("div", { class: "acts" }, act("Back", "←", () => step(-1)), act("Skip", "→", () => step(1)), act("Undo", "Ctrl Z", undo))));
    const found = await choicesFor(image);
    if (images[at] !== image || !dialog.open) return;
    choices = found;
    buttons.replaceChildren(...choices.map((id, i) => element("li", {},
      element("button", { type: "button", class: "row", "data-id": id, onclick: () => moveTo(i) },
        element("kbd", {}, String(i + 1)), element("span", { class: "name" }, plainName(cluster(id)))))));
  }

  function step(by) {
    if (at + by < 0) return;
    if (at + by >= images.length) {
      dialog.close();
      return;
    }
    at += by;
    show();
    dialog.focus();
  }

  function decide(document) {
    host.send(document);
    step(1);
  }
  const path = () => host.edits.editor.images.path[images[at]];
  const keep = () => decide({ keep: [path()] });
  const junk = () => decide({ junk: [path()] });
  const moveTo = (i) => choices[i] !== undefined && decide({ move: [{ path: path(), to: choices[i] }] });
  function undo() {
    host.undo();
    if (at > 0) step(-1);
  }

  dialog.tabIndex = -1;
  dialog.addEventListener("keydown", (event) => {
    const onButton = event.target instanceof HTMLButtonElement;
    const command = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
    if (command && key === "z") undo();
    else if (command || event.altKey) return;
    else if (/^[1-9]$/.test(key)) moveTo(Number(key) - 1);
    else if ((key === " " || key === "enter") && !onButton) keep();
    else if (key === "j") junk();
    else if (key === "arrowright") step(1);
    else if (key === "arrowleft") step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  show();
  dialog.focus();
  return true;
}
