// Images that are most alike, and what follows from them: which clusters are most alike to some
// images, and an offer of further images for the selection.
"use strict";

const ALIKE = { offered: 24, asked: 8 }; // images of an offer; images of a selection that are asked for

// Features do not change while a page is open, so an answer is asked for once.
function createAlike(edits) {
  const known = new Map();
  const table = edits.editor.images.alike;

  function of(image) {
    if (table) return Promise.resolve(table[image] ?? []);
    if (!edits.live) return Promise.resolve([]);
    if (!known.has(image)) {
      const answer = edits.alike(image, ALIKE.offered);
      known.set(image, answer);
      answer.catch(() => known.delete(image));
    }
    return known.get(image);
  }

  // The images most alike to any of `images`, best first, without these. Few of many are asked.
  async function ofAll(images) {
    const every = Math.ceil(images.length / ALIKE.asked), own = new Set(images), scores = new Map();
    const lists = await Promise.all(images.filter((_, i) => i % every === 0).map(of));
    for (const list of lists) {
      list.forEach((image, rank) => {
        if (!own.has(image)) scores.set(image, (scores.get(image) ?? 0) + 1 / (rank + 1));
      });
    }
    return [...scores].sort((a, b) => b[1] - a[1]).map(([image]) => image);
  }

  // Ids of the clusters that hold the images most alike, best first.
  async function clusters(images, except) {
    const { cluster, status } = edits.editor.images, scores = new Map();
    (await ofAll(images)).forEach((image, rank) => {
      if (status[image] === "j" || cluster[image] === except) return;
      scores.set(cluster[image], (scores.get(cluster[image]) ?? 0) + 1 / (rank + 1));
    });
    return [...scores].sort((a, b) => b[1] - a[1]).map(([id]) => id);
  }

  return { known: edits.live || Array.isArray(table), ofAll, clusters };
}

// Shows the images most alike; the person takes away those that do not fit, and adds the others to
// the selection. accepted(images)
function offerAlike({ images, count, edits, pictures, accepted }) {
  const { path, cluster } = edits.editor.images;
  const names = new Map(edits.editor.clusters.map((c) => [c.id, plainName(c)]));
  const taken = new Set(images);
  const told = element("p", { class: "note", role: "status" });
  const tell = () => {
    told.textContent = `${imageCount(taken.size)} will be added to the selection. Click a picture to leave it out.`;
  };
  const tiles = images.map((image) => {
    const picture = thumbImage();
    showThumb(picture, pictures.thumb(image));
    picture.alt = path[image];
    return element("button", { type: "button", class: "cell offer", "aria-pressed": "true", title: path[image], "aria-label": `${path[image]}, ${names.get(cluster[image])}`, "data-image": image, onclick: (event) => {
      if (!taken.delete(image)) taken.add(image);
      event.currentTarget.setAttribute("aria-pressed", String(taken.has(image)));
      tell();
    } }, element("span", { class: "text" }, path[image]), picture, element("span", { class: "where" }, names.get(cluster[image]) ?? ""),
    element("span", { class: "check", "aria-hidden": "true" }, "✓"));
  });
  tell();
  openDialog({ title: `Most alike to the ${count === 1 ? "image" : imageCount(count)} selected`, kind: "roomy",
    body: [told, element("div", { class: "offers" }, ...tiles)],
    buttons: [{ text: "Cancel" }, { text: "Leave all out", press: () => {
      taken.clear();
      for (const tile of tiles) tile.setAttribute("aria-pressed", "false");
      tell();
      return false;
    } }, { text: "Add to the selection", primary: true, press: () => accepted([...taken]) }] });
}
