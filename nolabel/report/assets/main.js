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
  const highlight = (cluster) => change({ cluster });

  drawSummary(data);
  drawMethods(data);
  drawPrototypes(data, select);
  prepareGallery(data, change);
  const drawMapState = prepareMap(data, highlight);
  drawConfusion(data);
  drawCurves(data);
  drawSettings(data);

  function draw() {
    byId("cluster").value = state.cluster ?? "";
    if (byId("filter").value !== state.filter) byId("filter").value = state.filter;
    drawSizes(data, state, highlight);
    drawHistogram(data, state);
    drawMapState(state);
    drawGallery(data, state, select);
  }
  addEventListener("hashchange", () => {
    state = stateOfAddress(data);
    draw();
  });
  draw();
}

start();
