// Which images the grid shows, in which order, and in which place of which row.
"use strict";

const STATUS_WORDS = { o: "", u: "unsure", d: "duplicate", j: "junk" };
const VIEWS = { all: "All images", unsure: "Unsure", duplicates: "Duplicates", junk: "Junk" };

// A view is a key of VIEWS, or the id of a cluster as a number.
function imagesOfView(editor, view) {
  const { cluster, status, group } = editor.images;
  const every = Array.from({ length: cluster.length }, (_, i) => i);
  if (view === "all") return every;
  if (view === "unsure") return every.filter((i) => status[i] === "u");
  if (view === "junk") return every.filter((i) => status[i] === "j");
  if (view !== "duplicates") return every.filter((i) => cluster[i] === view && status[i] !== "j");
  const groups = new Set(group.filter((g, i) => g >= 0 && status[i] === "d"));
  return every.filter((i) => groups.has(group[i]));
}

// How many images each view and each cluster has.
function viewCounts(editor) {
  const counts = { all: 0, unsure: 0, duplicates: imagesOfView(editor, "duplicates").length, junk: 0, clusters: new Map() };
  const { cluster, status } = editor.images;
  for (let i = 0; i < cluster.length; ++i) {
    ++counts.all;
    if (status[i] === "u") ++counts.unsure;
    if (status[i] === "j") ++counts.junk;
    else counts.clusters.set(cluster[i], (counts.clusters.get(cluster[i]) ?? 0) + 1);
  }
  return counts;
}

// Least sure first, or most sure first. Confidence has three digits, so its values are few: images
// are put into one list per value, which is quicker than comparing 100,000 of them.
function sortedBySureness(images, confidence, mostFirst) {
  const lists = Array.from({ length: 1001 }, () => []);
  for (const i of images) lists[Math.max(0, Math.min(1000, Math.round(confidence[i] * 1000)))].push(i);
  return (mostFirst ? lists.reverse() : lists).flat();
}

// Groups after one another; the image that trains stands first in its group.
function sortedByGroup(images, { group, status }) {
  const rank = (i) => (status[i] === "d" ? 1 : 0);
  return [...images].sort((a, b) => group[a] - group[b] || rank(a) - rank(b) || a - b);
}

function shownImages(editor, view, search, mostFirst) {
  let images = imagesOfView(editor, view);
  if (search) {
    const wanted = search.toLowerCase(), { path } = editor.images;
    images = images.filter((i) => path[i].toLowerCase().includes(wanted));
  }
  return view === "duplicates" ? sortedByGroup(images, editor.images)
    : sortedBySureness(images, editor.images.confidence, mostFirst);
}

// Rows of `columns` places each: how many rows, which position of the order stands in a place (-1:
// none), and in which place a position stands.
function plainRows(count, columns) {
  return {
    count: Math.ceil(count / columns),
    at: (row, column) => (row * columns + column < count ? row * columns + column : -1),
    placeOf: (position) => ({ row: Math.floor(position / columns), column: position % columns }),
  };
}

// Groups stand side by side, apart by an empty place, and do not break at the end of a row unless
// they are longer than a row.
function groupedRows(groups, columns) {
  const places = [], rows = [[]];
  for (let begin = 0; begin < groups.length;) {
    let end = begin;
    while (end < groups.length && groups[end] === groups[begin]) ++end;
    if (rows.at(-1).length > 0) {
      if (rows.at(-1).length + 1 + end - begin <= columns) rows.at(-1).push(-1);
      else rows.push([]);
    }
    for (let position = begin; position < end; ++position) {
      if (rows.at(-1).length === columns) rows.push([]);
      places.push({ row: rows.length - 1, column: rows.at(-1).length });
      rows.at(-1).push(position);
    }
    begin = end;
  }
  return {
    count: groups.length ? rows.length : 0,
    at: (row, column) => rows[row]?.[column] ?? -1,
    placeOf: (position) => places[position],
  };
}
