// The list of views and clusters, beside the grid.
"use strict";

// The image with which a cluster is shown: the one that is surest to belong to it. By id.
function facesOfClusters(editor) {
  const { cluster, confidence, status } = editor.images;
  const faces = new Map();
  for (let i = 0; i < cluster.length; ++i) {
    if (status[i] === "j") continue;
    const face = faces.get(cluster[i]);
    if (face === undefined || confidence[i] > confidence[face]) faces.set(cluster[i], i);
  }
  return faces;
}

// "cats", or "cluster 3"; with its number where it has a name.
const numberOf = (cluster) => (cluster.name ? `cluster ${cluster.id}` : "");

// host: {pictures, choose(view)}
function createList(host) {
  const rows = new Map(); // view -> its nodes
  let drawn = { find: "", clusters: [] };

  function rowOf(view) {
    if (rows.has(view)) return rows.get(view);
    const parts = { picture: typeof view === "number" ? thumbImage() : null,
      name: element("span", { class: "name" }), note: element("span", { class: "soft number" }),
      count: element("span", { class: "soft count" }) };
    if (parts.picture) parts.picture.loading = "lazy";
    parts.button = element("button", { type: "button", class: "row", "data-view": view, onclick: () => host.choose(view) },
      parts.picture && element("span", { class: "face" }, parts.picture),
      element("span", { class: "names" }, parts.name, parts.note), parts.count);
    parts.item = element("li", {}, parts.button);
    rows.set(view, parts);
    return parts;
  }

  function fill(view, name, note, count, current) {
    const row = rowOf(view);
    row.name.textContent = name;
    row.note.textContent = note;
    row.count.textContent = whole.format(count);
    if (view === current) row.button.setAttribute("aria-current", "true");
    else row.button.removeAttribute("aria-current");
    return row;
  }

  function draw(editor, counts, faces, current) {
    byId("editor-views").replaceChildren(...Object.entries(VIEWS).map(([view, name]) =>
      fill(view, name, "", counts[view], current).item));
    for (const cluster of editor.clusters) {
      const split = cluster.split_into ? ` · to be split into ${cluster.split_into}` : "";
      const row = fill(cluster.id, plainName(cluster), numberOf(cluster) + split, cluster.images, current);
      const face = faces.get(cluster.id);
      showThumb(row.picture, face === undefined ? null : host.pictures.thumb(face));
    }
    drawn = { ...drawn, clusters: editor.clusters };
    find();
  }

  // The clusters whose name or number has the text, in the page's order. Only a list that changed is
  // put into the page again, because that would take the focus from its buttons.
  function find() {
    const wanted = byId("editor-find").value.trim().toLowerCase();
    const found = drawn.clusters.filter((c) => `${c.name} cluster ${c.id}`.toLowerCase().includes(wanted));
    const items = found.map((c) => rowOf(c.id).item), list = byId("editor-clusters");
    if (items.length !== list.children.length || items.some((item, i) => list.children[i] !== item)) list.replaceChildren(...items);
    byId("editor-none").hidden = found.length > 0;
  }

  byId("editor-find").addEventListener("input", find);
  return { draw };
}
