// The page's state is which cluster is selected and what the filter says. It lives in the address
// (#cluster=3&filter=dog), so that a view can be linked to.
"use strict";

function stateOfAddress(data) {
  const asked = new URLSearchParams(location.hash.slice(1));
  const cluster = Number.parseInt(asked.get("cluster") ?? "", 10);
  return {
    cluster: cluster >= 0 && cluster < data.clusters.length ? cluster : null,
    filter: asked.get("filter") ?? "",
  };
}

function addressOf(state) {
  const parts = new URLSearchParams();
  if (state.cluster !== null) parts.set("cluster", state.cluster);
  if (state.filter !== "") parts.set("filter", state.filter);
  return "#" + parts;
}

function start() {
  const data = JSON.parse(byId("report-data").textContent);
  let state = stateOfAddress(data);
  const change = (part) => {
    state = { ...state, ...part };
    history.replaceState(null, "", addressOf(state));
    draw();
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
  drawPrototypes(data, select);
  prepareGallery(data, change);
  prepareViewer();
  const drawMapState = prepareMap(data, (cluster) => highlight(cluster, byId("map")));
  drawConfusion(data);
  drawCurves(data);
  drawSkipped(data);
  drawSettings(data);
  drawContents();

  function draw() {
    byId("cluster").value = state.cluster ?? "";
    if (byId("filter").value !== state.filter) byId("filter").value = state.filter;
    drawSizes(data, state, (cluster) => highlight(cluster, byId("sizes")));
    drawHistogram(data, state);
    drawMapState(state);
    drawGallery(data, state, select);
  }
  addEventListener("hashchange", () => {
    state = stateOfAddress(data);
    draw();
    jump();
  });
  draw();
  jump();

  // An address that names a cluster leads to its pictures.
  function jump() {
    if (state.cluster !== null) byId("gallery-section").scrollIntoView({ behavior: "instant" });
  }
}

start();
