// The page's state is how many groups are shown, which of them is selected and what the filter says.
// It lives in the address (#groups=8&cluster=3&filter=dog), so that a view can be linked to.
"use strict";

function stateOfAddress(data) {
  const asked = new URLSearchParams(location.hash.slice(1));
  const cluster = Number.parseInt(asked.get("cluster") ?? "", 10);
  const groups = Number.parseInt(asked.get("groups") ?? "", 10);
  const known = data.tree !== null && groups <= data.tree.parts.length &&
    groups >= data.tree.parts.length - data.tree.merges.length && groups !== clustersWithImages(data);
  const shown = known ? groups : data.clusters.length;
  return {
    groups: known ? groups : null,
    cluster: cluster >= 0 && cluster < shown ? cluster : null,
    filter: asked.get("filter") ?? "",
  };
}

function addressOf(state) {
  const parts = new URLSearchParams();
  if (state.groups !== null) parts.set("groups", state.groups);
  if (state.cluster !== null) parts.set("cluster", state.cluster);
  if (state.filter !== "") parts.set("filter", state.filter);
  return "#" + parts;
}

function start() {
  const data = JSON.parse(byId("report-data").textContent);
  let state = stateOfAddress(data);
  let view = data, level = null; // the groups that are shown, and how many they are (null: the run's)
  const change = (part, tellAddress = true) => {
    state = { ...state, ...part };
    if (state.groups === clustersWithImages(data)) state.groups = null;
    draw();
    if (tellAddress) history.replaceState(null, "", addressOf(state));
  };
  const select = (cluster) => {
    change({ cluster });
    if (cluster !== null) byId("gallery-section").scrollIntoView();
  };
  // The galleries above become shorter or longer; what was clicked stays where it is on the screen.
  const highlight = (cluster, clicked) => {
    const before = clicked.getBoundingClientRect().top;
    change({ cluster });
    scrollBy({ top: clicked.getBoundingClientRect().top - before, behavior: "instant" });
  };

  drawSummary(data);
  drawMethods(data);
  prepareTree(data, change);
  prepareGallery(change);
  showGroups();
  prepareViewer();
  const drawMapState = prepareMap(data, (cluster) => highlight(cluster, byId("map")));
  drawConfusion(data);
  drawCurves(data);
  drawSkipped(data);
  drawSettings(data);
  drawContents();

  function showGroups() {
    view = atLevel(data, state.groups);
    level = state.groups;
    drawPrototypes(view, select);
    drawClusterChoice(view, state);
  }

  function draw() {
    if (level !== state.groups) showGroups();
    drawTree(data, state);
    byId("cluster").value = state.cluster ?? "";
    if (byId("filter").value !== state.filter) byId("filter").value = state.filter;
    drawSizes(view, state, (cluster) => highlight(cluster, byId("sizes")));
    drawHistogram(view, state);
    drawMapState(view, state);
    drawGallery(view, state, select);
  }
  addEventListener("hashchange", () => {
    if (document.body.classList.contains("editing")) return; // the address is the editor's
    state = stateOfAddress(data);
    draw();
    jump();
  });
  draw();
  jump();
  prepareEditor(data);

  // An address that names a cluster leads to its pictures.
  function jump() {
    if (state.cluster !== null) byId("gallery-section").scrollIntoView({ behavior: "instant" });
  }
}

start();
