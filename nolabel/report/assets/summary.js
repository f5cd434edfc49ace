// What the page says first: facts, warnings, the table of figures, prototypes, settings.
"use strict";

function drawSummary(data) {
  byId("title").textContent = data.title;
  byId("facts").append(...data.facts.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  if (data.backbone_labels) addNote(data.backbone_labels);
  if (data.folders_are_labels) {
    const folders = data.class_names.length;
    addNote(`The names of ${whole.format(folders)} folders were taken as labels. They are used ` +
      "only for metrics, and as the title of a cluster that agrees with its folder. If the " +
      "folders are not classes, run nolabel again with ", element("code", {}, "--labels none"), ".");
  }
  const warnings = data.no_editor && !data.editor ? [...data.warnings, data.no_editor] : data.warnings;
  byId("warnings").append(...warnings.map((text) =>
    element("div", { class: "warning" }, text)));
}

function addNote(...parts) {
  byId("notes").append(element("p", { class: "remark" }, ...parts));
}

// A button for every section that is shown. The address belongs to the selected cluster.
function drawContents() {
  const sections = [...document.querySelectorAll("main > section")].filter((s) => !s.hidden);
  byId("contents").append(...sections.map((section) =>
    element("button", { type: "button", class: "link", onclick: () => section.scrollIntoView() },
      section.querySelector("h2").textContent)));
}

function drawSkipped(data) {
  const { count, files } = data.skipped;
  byId("skipped-section").hidden = count === 0;
  byId("skipped-note").textContent =
    `nolabel could not use ${whole.format(count)} ${count === 1 ? "file" : "files"} as ` +
    (count === 1 ? "an image." : "images.") +
    (count > files.length
      ? ` The first ${whole.format(files.length)} are listed here; skipped.csv lists all of them.` : "");
  byId("skipped").append(
    element("thead", {}, element("tr", {}, element("th", {}, "File"), element("th", {}, "Reason"))),
    element("tbody", {}, ...files.map(([name, reason]) =>
      element("tr", {}, element("td", {}, name), element("td", {}, reason)))));
}

// Columns of the table of figures: how to read one, how to write it, whether more is better.
const FIGURES = [
  ["Clusters used", (m) => m.clusters - m.empty_clusters, (v, m) => `${v} of ${m.clusters}`, true],
  ["Evenness", (m) => (m.clusters > 1 ? m.entropy / Math.log(m.clusters) : undefined), percent, false],
  ["Neighbor information", (m) => m.neighbor_information, percent, true],
  ["Neighbor agreement", (m) => m.neighbor_agreement, percent, true],
  ["Silhouette", (m) => m.silhouette, (v) => v.toFixed(3), true],
  ["Confidence", (m) => (m.has_confidence ? m.mean_confidence : undefined), percent, false],
  ["ACC", (m) => m.labels?.ACC, percent, true],
  ["NMI", (m) => m.labels?.NMI, percent, true],
  ["AMI", (m) => m.labels?.AMI, percent, true],
  ["ARI", (m) => m.labels?.ARI, percent, true],
  ["Top-5", (m) => (m.has_confidence ? m.labels?.top5 : undefined), percent, true],
];

function drawMethods(data) {
  const columns = FIGURES.filter(([, read]) => data.methods.some((m) => read(m) !== undefined));
  const cell = ([, read, write, ranked], method, methods) => {
    const value = read(method);
    if (value === undefined) return element("td", { class: "soft" }, "–");
    const others = methods.map(read).filter((v) => v !== undefined);
    const best = ranked && others.length > 1 && others.every((v) => v <= value) &&
      others.some((v) => v < value);
    return element("td", best ? { class: "best" } : {}, write(value, method));
  };
  const rows = (methods) => element("tbody", {}, ...methods.map((method) =>
    element("tr", {}, element("th", {}, method.name),
      ...columns.map((column) => cell(column, method, methods)))));
  const title = (text) => element("tbody", { class: "title" }, element("tr", {},
    element("th", { colspan: columns.length + 1 }, text)));
  const validated = data.validation_methods.length > 0;
  byId("methods").append(
    element("thead", {}, element("tr", {}, element("th", {}, "Method"),
      ...columns.map(([name]) => element("th", {}, name)))),
    ...(validated ? [title("Training images")] : []), rows(data.methods),
    ...(validated ? [title("Validation images (not trained on)"), rows(data.validation_methods)] : []));
  byId("figures-note").textContent =
    (data.choice ? `Chosen: ${data.choice}. ` : "") +
    "Evenness is the entropy of the mean cluster probabilities, as a share of the largest " +
    "possible entropy. It is 100 % when the clusters are used equally. Neighbor agreement is the " +
    "share of an image's nearest neighbors that lie in the image's own cluster." +
    (data.methods.some((m) => m.neighbor_information !== undefined)
      ? " Neighbor information is the mutual information between the cluster of an image and those of " +
        "its neighbors: 100 % when neighbors always agree and all clusters are equally large." : "") +
    (data.methods.some((m) => m.labels)
      ? " ACC, NMI, AMI, ARI and top-5 compare the clusters with the labels. Labels are used only " +
        "for metrics; nothing is selected by them." : "");
  byId("figures").hidden = data.methods.length === 0;
}

function drawPrototypes(data, select) {
  byId("prototypes").hidden = data.prototypes.length === 0;
  byId("prototype-strip").replaceChildren(...data.prototypes.flatMap((picture, cluster) => {
    if (picture < 0) return [];
    const button = element("button", {
      type: "button", color: colorOf(data, cluster), title: clusterTitle(data, cluster),
      onclick: () => select(cluster),
    }, tileFace(data.pictures[picture]),
    element("span", { class: "name" }, data.clusters[cluster].name));
    return [button];
  }));
}

// {optimizer: {lr: 1}} -> [["optimizer.lr", 1]]
function flattened(value, prefix = "") {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [[prefix, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattened(inner, prefix ? `${prefix}.${key}` : key));
}

function drawSettings(data) {
  const rows = flattened(data.settings).filter(([name]) => name !== "");
  byId("settings-section").hidden = rows.length === 0;
  byId("settings").append(element("tbody", {}, ...rows.map(([name, value]) =>
    element("tr", {}, element("td", {}, name),
      element("td", {}, typeof value === "string" ? value : JSON.stringify(value))))));
}
