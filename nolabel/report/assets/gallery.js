// The clusters' pictures, the cluster selector, the filter and the large view of one picture.
"use strict";

const SHOWN = 12; // of either kind per cluster, while all clusters are shown

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
    onclick: () => showPicture(data, picture),
  }, tileFace(picture));
}

function meter(title, share, color) {
  const bar = element("div");
  bar.style.width = 100 * share + "%";
  return element("div", { class: "meter", color }, element("span", {}, title),
    element("span", { class: "value" }, percent(share)), element("div", { class: "track" }, bar));
}

function showPicture(data, picture) {
  const label = picture.label === undefined ? null
    : element("p", { class: "soft" }, `Label: ${data.class_names[picture.label] ?? picture.label}`);
  byId("viewer-body").replaceChildren(
    ...[
      picture.uri ? element("img", { src: picture.uri, alt: "" }) : null,
      element("p", { class: "path" }, picture.name),
      meter(clusterTitle(data, picture.cluster), picture.confidence, clusterColor(picture.cluster)),
      picture.runner_up < 0 ? null
        : meter(clusterTitle(data, picture.runner_up), picture.runner_up_confidence,
          clusterColor(picture.runner_up)),
      label,
    ].filter((node) => node !== null));
  byId("viewer").showModal();
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
  const chosen = (numbers) =>
    numbers.filter((n) => matches(data, n, state.filter)).slice(0, everything ? Infinity : SHOWN);
  const rows = [["Most confident", chosen(most)], ["Least confident", chosen(least)]]
    .filter(([, numbers]) => numbers.length > 0);
  if (rows.length === 0 && state.filter) return null;
  const counted = `${whole.format(images)} ${images === 1 ? "image" : "images"}` +
    (images ? `, mean confidence ${percent(confidence)}` : "");
  return element("article", { class: "card cluster", color: clusterColor(cluster), "data-cluster": cluster },
    element("header", {}, element("h3", {}, clusterTitle(data, cluster)),
      element("span", { class: "soft" }, counted),
      state.cluster === null
        ? element("button", { type: "button", class: "link", onclick: () => select(cluster) }, "Only this cluster")
        : element("button", { type: "button", class: "link", onclick: () => select(null) }, "All clusters")),
    ...rows.flatMap(([title, numbers]) => [element("h4", {}, title),
      element("div", { class: "grid" }, ...numbers.map((n) => tile(data, n)))]));
}

function drawGallery(data, state, select) {
  const clusters = state.cluster === null ? data.clusters.keys() : [state.cluster];
  const cards = [...clusters].map((k) => clusterCard(data, k, state, select)).filter((c) => c !== null);
  byId("gallery").replaceChildren(...(cards.length ? cards
    : [element("p", { class: "card nothing" }, "No picture here has that in its name or label.")]));
  const shown = byId("gallery").querySelectorAll(".picture").length;
  byId("shown").textContent = `${whole.format(shown)} of ${whole.format(data.images)} images shown`;
}

function prepareGallery(data, change) {
  byId("cluster").append(element("option", { value: "" }, `All ${data.clusters.length} clusters`),
    ...data.clusters.map((c, k) =>
      element("option", { value: k }, `${clusterTitle(data, k)} (${whole.format(c.images)})`)));
  byId("cluster").addEventListener("change", (event) =>
    change({ cluster: event.target.value === "" ? null : Number(event.target.value) }));
  byId("filter").addEventListener("input", (event) => change({ filter: event.target.value }));
  byId("viewer-close").addEventListener("click", () => byId("viewer").close());
  byId("viewer").addEventListener("click", (event) => {
    if (event.target === byId("viewer")) byId("viewer").close();
  });
}
