// The pictures of the clusters, the cluster selector and the filter.
"use strict";

const SHOWN = { most: 12, least: 6 }; // pictures per cluster, while all clusters are shown

// A picture, or its name where there is no picture.
function tileFace(picture) {
  const face = picture.uri
    ? element("img", { src: picture.uri, alt: picture.name, loading: "lazy", decoding: "async" })
    : element("span", { class: "text" }, picture.name);
  return element("span", { class: "tile" }, face);
}

function tile(data, number) {
  const picture = data.pictures[number];
  return element("button", {
    type: "button", class: "picture", title: `${picture.name}\n${percent(picture.confidence)}`,
    "data-picture": number,
    onclick: (event) => openGalleryPicture(data.clusters_of_run ?? data, event.currentTarget),
  }, tileFace(picture));
}

function galleryPicture(data, picture) {
  return [
    pictureWithOriginal(picture),
    element("p", { class: "path" }, picture.name),
    meter(clusterTitle(data, picture.cluster), picture.confidence, clusterColor(picture.cluster)),
    picture.runner_up < 0 ? null
      : meter(`Second choice: ${clusterTitle(data, picture.runner_up)}`,
        picture.runner_up_confidence, clusterColor(picture.runner_up)),
    picture.label === undefined ? null
      : element("p", { class: "soft" }, `Label: ${data.class_names[picture.label] ?? picture.label}`),
  ];
}

// The viewer steps through the pictures as the gallery shows them.
function openGalleryPicture(data, button) {
  const buttons = [...byId("gallery").querySelectorAll(".picture")];
  openViewer({
    count: buttons.length,
    body: (at) => galleryPicture(data, data.pictures[buttons[at].dataset.picture]),
    left: (at) => buttons[at].focus(),
  }, buttons.indexOf(button));
}

// Whether the filter's text stands in the picture's name or label.
function matches(data, number, filter) {
  if (!filter) return true;
  const picture = data.pictures[number];
  const label = picture.label === undefined ? "" : data.class_names[picture.label] ?? "";
  return `${picture.name}\n${label}`.toLowerCase().includes(filter.toLowerCase());
}

function clusterCard(data, cluster, state, select) {
  const { images, confidence, most, least } = data.clusters[cluster];
  const everything = state.cluster !== null || state.filter !== "";
  const chosen = (numbers, shown) =>
    numbers.filter((n) => matches(data, n, state.filter)).slice(0, everything ? Infinity : shown);
  const rows = [["Most confident", chosen(most, SHOWN.most)], ["Least confident", chosen(least, SHOWN.least)]]
    .filter(([, numbers]) => numbers.length > 0);
  if (rows.length === 0 && state.filter) return null;
  const counted = `${whole.format(images)} ${images === 1 ? "image" : "images"}` +
    (images ? `, mean confidence ${percent(confidence)}` : "");
  return element("article", { class: "card cluster", color: colorOf(data, cluster), "data-cluster": cluster },
    element("header", {}, element("h3", {}, clusterTitle(data, cluster)),
      element("span", { class: "soft" }, counted),
      state.cluster === null
        ? element("button", { type: "button", class: "link", onclick: () => select(cluster) }, data.clusters_of_run ? "Show only this group" : "Show only this cluster")
        : element("button", { type: "button", class: "link", onclick: () => select(null) }, data.clusters_of_run ? "Show all groups" : "Show all clusters")),
    ...rows.flatMap(([title, numbers]) => [element("h4", {}, title),
      element("div", { class: "grid" }, ...numbers.map((n) => tile(data, n)))]));
}

function drawGallery(data, state, select) {
  const clusters = state.cluster === null ? data.clusters.keys() : [state.cluster];
  const cards = [...clusters].map((k) => clusterCard(data, k, state, select)).filter((c) => c !== null);
  byId("gallery").replaceChildren(...(cards.length ? cards
    : [element("p", { class: "card nothing" }, "No picture here has this text in its file name or label.")]));
  const shown = byId("gallery").querySelectorAll(".picture").length;
  byId("shown").textContent = `${whole.format(shown)} of ${whole.format(data.images)} images shown`;
}

function drawClusterChoice(data, state) {
  byId("cluster").replaceChildren(element("option", { value: "" }, `All ${data.clusters.length} ` +
      (data.clusters_of_run ? "groups" : "clusters")),
    ...data.clusters.map((c, k) =>
      element("option", { value: k }, `${clusterTitle(data, k)} (${whole.format(c.images)})`)));
  byId("cluster").value = state.cluster ?? "";
}

function prepareGallery(change) {
  byId("cluster").addEventListener("change", (event) =>
    change({ cluster: event.target.value === "" ? null : Number(event.target.value) }));
  byId("filter").addEventListener("input", (event) => change({ filter: event.target.value }));
}
