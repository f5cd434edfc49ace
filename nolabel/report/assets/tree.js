// Fewer or more groups than the clusters of the run, without training: parts of clusters are put
// together along the tree of merges. The clusters themselves are one level of the tree.
"use strict";

const clustersWithImages = (data) => data.clusters.filter((c) => c.images > 0).length;

// [parts] the group of each part, a number of a part, when `count` groups are left.
function groupsOfParts(tree, count) {
  const group = tree.parts.map((_, part) => part);
  for (const [kept, gone] of tree.merges.slice(0, tree.parts.length - count)) {
    group.forEach((g, part) => {
      if (g === gone) group[part] = kept;
    });
  }
  return group;
}

// "cats", "cats + cluster 3", "cats + cluster 3 and 4 others", or "part of cats".
function nameOfGroup(data, parts) {
  const clusters = [...new Set(parts.map((part) => data.tree.parts[part].cluster))]
    .sort((a, b) => data.clusters[b].images - data.clusters[a].images);
  const entire = (cluster) => data.tree.parts.every((p, part) => p.cluster !== cluster || parts.includes(part));
  const names = clusters.map((cluster) => (entire(cluster) ? "" : "part of ") + data.clusters[cluster].name);
  if (names.length <= 3) return names.join(" + ");
  return `${names[0]} + ${names[1]} and ${names.length - 2} others`;
}

function sumOfParts(parts) {
  const images = parts.reduce((sum, p) => sum + p.images, 0);
  return {
    images,
    confidence: parts.reduce((sum, p) => sum + p.images * p.confidence, 0) / Math.max(images, 1),
    histogram: parts[0].histogram.map((_, bin) => parts.reduce((sum, p) => sum + p.histogram[bin], 0)),
  };
}

// The page's data as if `count` groups of the tree were its clusters: largest groups first. What
// belongs to the run's own clusters (figures, confusion, viewer) stays theirs.
function atLevel(data, count) {
  if (data.tree === null || count === null || count === clustersWithImages(data)) return data;
  const { parts } = data.tree, ofPart = groupsOfParts(data.tree, count);
  const groups = [...new Set(ofPart)].map((root) => {
    const members = [...parts.keys()].filter((part) => ofPart[part] === root);
    const largest = members.reduce((a, b) => (parts[b].images > parts[a].images ? b : a));
    return { root, members, color: parts[largest].cluster, ...sumOfParts(members.map((m) => parts[m])),
      name: nameOfGroup(data, members), made_of: members };
  }).sort((a, b) => b.images - a.images);
  const number = new Map(groups.map(({ root }, k) => [root, k]));
  const groupOf = (part) => number.get(ofPart[part]);
  distinguishColors(groups, data.clusters.length);
  const pictures = (numbers, better) => {
    const shelves = groups.map(() => []);
    for (const n of new Set(numbers)) shelves[groupOf(data.pictures[n].part)].push(n);
    for (const shelf of shelves) shelf.sort((a, b) => better(data.pictures[a].confidence, data.pictures[b].confidence));
    return shelves;
  };
  const most = pictures([...data.clusters.flatMap((c) => c.most), ...parts.flatMap((p) => p.pictures)], (a, b) => b - a);
  const least = pictures(data.clusters.flatMap((c) => c.least), (a, b) => a - b);
  return {
    ...data,
    clusters_of_run: data,
    clusters: groups.map((group, k) => ({ ...group, most: most[k], least: least[k] })),
    prototypes: data.prototypes.length === 0 ? []
      : groups.map((group, k) => prototypeOf(data, group, most[k])),
    map: data.map && { ...data.map, cluster: data.map.part.map(groupOf) },
  };
}

// Of several parts of a cluster, only the largest has the cluster's color.
function distinguishColors(groups, clusters) {
  const taken = new Set();
  for (const group of groups) {
    group.largest = group.color;
    if (taken.has(group.color)) group.color = clusters + taken.size;
    taken.add(group.color);
  }
}

// That of its largest cluster where the group holds this picture, or else its most confident one.
function prototypeOf(data, group, pictures) {
  const picture = data.prototypes[group.largest];
  if (picture >= 0 && group.made_of.includes(data.pictures[picture].part)) return picture;
  return pictures[0] ?? -1;
}

function prepareTree(data, change) {
  const { tree } = data;
  byId("tree").hidden = tree === null || tree.merges.length === 0;
  if (tree === null) return;
  const slider = byId("groups");
  slider.min = tree.parts.length - tree.merges.length;
  slider.max = tree.parts.length;
  // While the slider moves, the page is drawn at most once for each picture of the screen, and the
  // address stays: browsers refuse to change the address often.
  let drawn = true;
  slider.addEventListener("input", () => {
    if (!drawn) return;
    drawn = false;
    requestAnimationFrame(() => {
      drawn = true;
      change({ groups: Number(slider.value), cluster: null }, false);
    });
  });
  slider.addEventListener("change", () => change({ groups: Number(slider.value), cluster: null }));
  byId("groups-reset").addEventListener("click", () => {
    change({ groups: null, cluster: null });
    slider.focus();
  });
}

function drawTree(data, state) {
  if (data.tree === null) return;
  const own = clustersWithImages(data), count = state.groups ?? own;
  byId("groups").value = count;
  byId("groups-count").textContent = whole.format(count);
  byId("groups-reset").hidden = count === own;
  byId("clusters-title").textContent = count === own ? "Clusters" : "Groups";
  const note = byId("groups-note");
  if (count === own) {
    note.replaceChildren("These are the clusters of the run. Move the slider to see what fewer or more groups would look like.");
    return;
  }
  note.replaceChildren(count < own ? "Clusters that are most alike are shown together. "
    : "Clusters are shown in parts, as far as the graph of neighbors divides them. ",
  ...(data.tree.refits ? [`To group the images into ${count} clusters, run `,
    element("code", {}, `nolabel cluster RUN --clusters ${count}`),
    ", where RUN is the folder of this page."] : []));
}
