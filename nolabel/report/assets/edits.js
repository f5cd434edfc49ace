// What a person's edits make of the clusters, and a sequence of edits as one document. This file
// knows no page: it is computation alone.
//
// A document is an edits.json: {names, merge, split, move, junk, keep}. Its ids are those before it,
// and its parts are applied in the order merge, split, move, junk, keep, names. `editor` is the
// object of that name in the page's data. A split needs the features of the images, which the page
// does not have, so a split is only noted here.
"use strict";

const LONGEST_NAME = 200; // bytes, as nolabel reads edits.json

const imageCount = (count) => `${count.toLocaleString("en-US")} ${count === 1 ? "image" : "images"}`;
const plainName = (cluster) => cluster.name || `cluster ${cluster.id}`;

// Why nolabel would not take the name, or null.
function faultOfName(name) {
  if (/\p{Cc}/u.test(name)) return "A name must be one line without control characters.";
  const bytes = new TextEncoder().encode(name).length;
  return bytes > LONGEST_NAME ? `A name must have at most ${LONGEST_NAME} bytes. This one has ${bytes}.` : null;
}

// The clusters before any document, in the form that applyDocument() changes.
function beginReplay(editor) {
  return {
    clusters: new Map(editor.clusters.map((c) => [c.id, { ...c }])),
    cluster: [...editor.images.cluster],
    status: [...editor.images.status],
    moved: new Set(),   // images that a person put where they are
    marks: new Map(),   // image -> "junk" or "keep"
    merged: new Map(),  // surviving id -> the ids that it is made of, its own first
    splits: new Map(),  // id -> into how many
  };
}

// The index of each path of the editor's images.
function indexOfPaths(editor) {
  return new Map(editor.images.path.map((path, i) => [path, i]));
}

function applyMerge(now, group) {
  const [kept, ...gone] = group;
  const name = group.map((id) => now.clusters.get(id).name).find((n) => n !== "") ?? "";
  now.merged.set(kept, group.flatMap((id) => now.merged.get(id) ?? [id]));
  now.clusters.set(kept, { ...now.clusters.get(kept), name, origin: `clusters ${group.join(" and ")} merged` });
  for (const id of gone) {
    now.clusters.delete(id);
    now.merged.delete(id);
  }
  now.cluster.forEach((id, i) => {
    if (gone.includes(id)) now.cluster[i] = kept;
  });
}

function applyDocument(now, document, index) {
  for (const group of document.merge ?? []) applyMerge(now, group);
  for (const { cluster, into } of document.split ?? []) now.splits.set(cluster, into);
  for (const { path, to } of document.move ?? []) {
    const i = index.get(path);
    now.cluster[i] = to;
    now.status[i] = "o";
    now.moved.add(i);
    now.marks.delete(i);
  }
  for (const [mark, letter] of [["junk", "j"], ["keep", "o"]]) {
    for (const path of document[mark] ?? []) {
      now.status[index.get(path)] = letter;
      now.marks.set(index.get(path), mark);
    }
  }
  for (const [id, name] of Object.entries(document.names ?? {})) now.clusters.get(Number(id)).name = name;
}

function replay(editor, documents, index = indexOfPaths(editor)) {
  const now = beginReplay(editor);
  for (const document of documents) applyDocument(now, document, index);
  return now;
}

// The editor as it looks after the replay; splits are told apart from what is done.
function editorAfter(editor, now) {
  const counts = new Map();
  now.cluster.forEach((id, i) => {
    if (now.status[i] !== "j") counts.set(id, (counts.get(id) ?? 0) + 1);
  });
  return {
    ...editor,
    clusters: [...now.clusters.values()].map((c) =>
      ({ ...c, images: counts.get(c.id) ?? 0, split_into: now.splits.get(c.id) })),
    images: { ...editor.images, cluster: now.cluster, status: now.status },
  };
}

// Why `document` cannot follow in a sequence that becomes one document, or null. nolabel splits the
// clusters of the run before it applies anything else to them.
function refusalOf(now, document) {
  for (const [id, name] of Object.entries(document.names ?? {})) {
    if (!now.clusters.has(Number(id))) return `There is no cluster ${id}.`;
    const fault = faultOfName(name);
    if (fault) return fault;
  }
  for (const id of (document.merge ?? []).flat()) {
    if (!now.clusters.has(id)) return `There is no cluster ${id}.`;
    if (now.splits.has(id)) {
      return `Cluster ${id} is to be split, so it cannot be merged before that is done. Undo the split, or apply the edits first.`;
    }
  }
  for (const { cluster } of document.split ?? []) {
    if (!now.clusters.has(cluster)) return `There is no cluster ${cluster}.`;
    if (now.splits.has(cluster)) return `Cluster ${cluster} is to be split already. Undo that split to choose another number.`;
    if (now.merged.has(cluster)) {
      return `Cluster ${cluster} is merged in these edits, so it cannot be split before that is done. Apply the edits first.`;
    }
  }
  for (const { to } of document.move ?? []) {
    if (!now.clusters.has(to)) return `There is no cluster ${to}.`;
  }
  return null;
}

// The sequence as one document that has the same result. What became of an image or a cluster in
// several steps is written as where it ended. An image that was moved and is junk in the end is only
// junk, because nolabel takes either.
function foldedEdits(editor, documents) {
  const now = replay(editor, documents);
  const { path } = editor.images;
  const before = new Map(editor.clusters.map((c) => [c.id, c.name]));
  const folded = { names: {}, merge: [], split: [], move: [], junk: [], keep: [] };
  for (const { id, name } of now.clusters.values()) {
    const made = (now.merged.get(id) ?? [id]).map((of) => before.get(of)).find((n) => n !== "") ?? "";
    if (name !== made) folded.names[id] = name;
  }
  folded.merge = [...now.merged.values()];
  folded.split = [...now.splits].map(([cluster, into]) => ({ cluster, into }));
  const inOrder = (images) => [...images].sort((a, b) => a - b);
  folded.move = inOrder(now.moved).filter((i) => now.marks.get(i) !== "junk")
    .map((i) => ({ path: path[i], to: now.cluster[i] }));
  for (const i of inOrder(now.marks.keys())) folded[now.marks.get(i)].push(path[i]);
  return Object.fromEntries(Object.entries(folded).filter(([, value]) =>
    (Array.isArray(value) ? value : Object.keys(value)).length > 0));
}

// One sentence that says what a document does, with the clusters' names before it.
function describeDocument(document, clusters) {
  const known = new Map(clusters.map((c) => [c.id, c]));
  const title = (id) => (known.get(id)?.name ? `“${known.get(id).name}”` : `cluster ${id}`);
  const parts = [
    ...(document.merge ?? []).map(([kept, ...gone]) => `${gone.map(title).join(", ")} merged into ${title(kept)}`),
    ...(document.split ?? []).map(({ cluster, into }) => `${title(cluster)} split into ${into}`),
  ];
  const targets = new Map();
  for (const { to } of document.move ?? []) targets.set(to, (targets.get(to) ?? 0) + 1);
  for (const [to, count] of targets) parts.push(`${imageCount(count)} moved to ${title(to)}`);
  if (document.junk) parts.push(`${imageCount(document.junk.length)} marked as junk`);
  if (document.keep) parts.push(`${imageCount(document.keep.length)} kept`);
  for (const [id, name] of Object.entries(document.names ?? {})) {
    parts.push(name ? `cluster ${id} named “${name}”` : `cluster ${id} has no name`);
  }
  return parts.join("; ");
}
