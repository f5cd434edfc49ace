// The editor of the clusters: a view of its own beside the report, reached from the report's top.
// The address says what is shown (#edit=3 or #edit=unsure), so that the browser's Back leads back.
"use strict";

function viewOfAddress(editor) {
  const asked = new URLSearchParams(location.hash.slice(1)).get("edit");
  if (asked === null) return null;
  if (asked in VIEWS) return asked;
  return editor.clusters.some((c) => String(c.id) === asked) ? Number(asked) : editor.clusters[0]?.id ?? "all";
}

function prepareEditor(data) {
  if (!data.editor) return;
  const edits = data.editor.live ? liveEdits(data, edited) : pendingEdits(data, edited);
  const pictures = editorPictures(data, edits);
  if (edits.live) useServedOriginals(data, pictures);
  const editor = { edits, pictures, alike: createAlike(edits), faces: new Map(), view: "all", told };
  let search = "", counts, scrolled = 0, names = new Map(), drawn = null;
  let reportAddress = "", redrawPicture = null;
  const box = byId("editor-grid");
  const grid = createGrid(box, { describe, thumb: pictures.thumb, selected: (image) => editor.selection.images.has(image) });
  const selection = editor.selection = createSelection(box, grid, { changed: drawBar, open: openPicture });
  const list = createList({ pictures, choose });
  const actions = editorActions(editor);

  function describe(image) {
    const { path, cluster, confidence, status } = edits.editor.images;
    const name = names.get(cluster[image]) ?? `cluster ${cluster[image]}`;
    const lead = editor.view === "duplicates" && status[image] !== "d";
    const badge = lead ? "trains" : STATUS_WORDS[status[image]];
    return { path: path[image], badge, where: typeof editor.view === "number" ? "" : name, lead,
      label: [path[image], name, `${percent(confidence[image])} sure`, badge].filter(Boolean).join(", ") };
  }

  function told(text, fault = false) {
    for (const line of document.querySelectorAll("#editor-said, dialog[open] .said")) {
      line.textContent = text;
      line.classList.toggle("fault", fault);
    }
  }

  // The clusters are other ones than before, or an edit failed.
  function edited(text, fault = false) {
    told(text, fault);
    if (edits.editor !== drawn) drawAll(true);
    redrawPicture?.();
    drawTop();
  }

  const focusGrid = () => box.focus({ preventScroll: true });

  function drawAll(stay) {
    const known = drawn = edits.editor;
    if (typeof editor.view === "number" && !known.clusters.some((c) => c.id === editor.view)) {
      editor.view = known.clusters[0]?.id ?? "all"; // it was merged into another
      history.replaceState(null, "", `#edit=${editor.view}`);
    }
    counts = viewCounts(known);
    for (const cluster of known.clusters) cluster.images = counts.clusters.get(cluster.id) ?? 0; // as the grid shows them
    names = new Map(known.clusters.map((c) => [c.id, plainName(c)]));
    editor.faces = facesOfClusters(known);
    list.draw(known, counts, editor.faces, editor.view);
    drawGrid(stay);
    drawTop();
  }

  function drawGrid(stay) {
    const order = shownImages(edits.editor, editor.view, search, byId("editor-order").value === "most");
    const cluster = actions.chosenCluster(), title = cluster ? plainName(cluster) : VIEWS[editor.view];
    grid.show(order, editor.view === "duplicates" ? order.map((i) => edits.editor.images.group[i]) : null, stay);
    if (!byId("editor-name").firstElementChild) byId("editor-name").textContent = title; // else it is being renamed
    box.setAttribute("aria-label", `Images: ${title}`);
    byId("editor-of").textContent = [cluster ? numberOf(cluster) : "", imageCount(order.length), cluster?.split_into ? `to be split into ${cluster.split_into}` : ""]
      .filter(Boolean).join(" · ");
    byId("editor-of").title = cluster?.origin ?? "";
    for (const id of ["rename", "merge", "split"]) byId(`editor-${id}`).hidden = !cluster;
    byId("editor-review").hidden = editor.view !== "unsure" || counts.unsure === 0;
    byId("editor-order").hidden = editor.view === "duplicates";
    byId("editor-empty").hidden = order.length > 0;
    byId("editor-empty").textContent = search ? "No image here has this text in its path." : "There is no image here.";
    drawBar();
  }

  function drawBar() {
    const { images } = selection, shown = new Set(grid.order);
    const elsewhere = [...images].filter((i) => !shown.has(i)).length;
    byId("editor-bar").hidden = images.size === 0;
    byId("editor-selected").textContent = `${whole.format(images.size)} selected` + (elsewhere ? ` (${whole.format(elsewhere)} not shown here)` : "");
  }

  function drawTop() {
    const pending = edits.live ? 0 : edits.documents.length;
    byId("editor-undo").disabled = !edits.canUndo();
    byId("editor-edits").textContent = pending ? `${whole.format(pending)} pending ${pending === 1 ? "edit" : "edits"}` : "Edits";
    byId("editor-download").hidden = pending === 0;
    byId("editor-retry").hidden = !edits.lost;
    byId("older").hidden = !edits.live || edits.editor.revision === 0;
  }

  function choose(view) {
    if (view !== editor.view) history.replaceState(null, "", `#edit=${view}`);
    show(view);
    focusGrid();
  }

  function show(view) {
    byId("editor").classList.remove("listing");
    if (view !== editor.view) selection.images.clear();
    editor.view = view;
    drawAll(false);
  }

  function follow() {
    const view = viewOfAddress(edits.editor), shown = !byId("editor").hidden;
    if (view !== null && !shown) scrolled = scrollY;
    byId("editor").hidden = view === null;
    document.body.classList.toggle("editing", view !== null);
    if (view !== null) {
      show(view);
      focusGrid();
    } else if (shown) {
      scrollTo({ top: scrolled, behavior: "instant" });
      byId("open-editor").focus({ preventScroll: true });
    }
  }

  function open() {
    reportAddress = location.hash;
    history.pushState(null, "", `#edit=${edits.editor.clusters[0]?.id ?? "all"}`);
    follow();
  }

  function close() {
    history.pushState(null, "", location.pathname + location.search + reportAddress);
    follow();
  }

  function openPicture(position) {
    const order = grid.order;
    openViewer({
      count: order.length,
      body: (at) => pictureOf(order[at]),
      left: (at) => {
        redrawPicture = null;
        grid.setActive(Math.min(at, grid.order.length - 1));
        focusGrid();
      },
    }, position);
  }

  function pictureOf(image) {
    const { path } = edits.editor.images, where = element("div");
    redrawPicture = () => {
      const { cluster, confidence, status } = edits.editor.images;
      where.replaceChildren(meter([names.get(cluster[image]), STATUS_WORDS[status[image]]].filter(Boolean).join(", "),
        confidence[image], clusterColor(cluster[image])));
    };
    redrawPicture();
    const act = (text, press) => element("button", { type: "button", class: "button", onclick: press }, text);
    return [pictureWithOriginal({ name: path[image], uri: pictures.thumb(image), file: pictures.full(image) }),
      element("p", { class: "path" }, path[image]),
      where,
      element("div", { class: "acts" }, act("Move to…", () => actions.move([image])), act("Junk", () => actions.junk([image])),
        act("Keep", () => actions.keep([image])), act("Select", () => selection.add([image]))),
      element("p", { class: "said soft", role: "status" })];
  }

  function rename() {
    const cluster = actions.chosenCluster();
    if (!cluster || document.querySelector("#editor-name input")) return;
    const input = element("input", { type: "text", value: cluster.name, placeholder: `cluster ${cluster.id}`, "aria-label": "Name of the cluster", spellcheck: "false" });
    let finished = false;
    const finish = (keep) => {
      if (finished || (keep && !actions.rename(cluster.id, input.value.trim()))) return;
      finished = true;
      input.remove();
      drawGrid(true);
      focusGrid();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") finish(true);
      if (event.key === "Escape") finish(false);
      event.stopPropagation();
    });
    input.addEventListener("blur", () => {
      finish(true);
      finish(false); // a name that is refused is given up
    });
    byId("editor-name").replaceChildren(input);
    input.select();
  }

  function review() {
    if (!openReview({ ...editor, send: edits.send, undo: edits.undo, closed: focusGrid })) told("No image is unsure.", true);
  }

  const keys = { m: () => actions.move(selection.of()), j: () => actions.junk(selection.of()), k: () => actions.keep(selection.of()),
    n: () => actions.nearest(selection.of()), g: actions.merge, s: actions.split, r: review, f2: rename, "?": openHelp, "/": () => byId("editor-search").focus() };
  addEventListener("keydown", (event) => {
    if (byId("editor").hidden || document.querySelector("dialog[open]") || event.altKey) return;
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const key = event.key.toLowerCase(), press = event.ctrlKey || event.metaKey ? (key === "z" && !event.shiftKey ? edits.undo : null) : keys[key];
    if (typing && (key === "escape" || key === "enter")) focusGrid();
    if (!press || typing) return;
    event.preventDefault();
    press();
  });

  // A button that hides itself must not take the focus along.
  const refocused = (does) => () => {
    does();
    if (!document.querySelector("dialog[open]") && document.activeElement === document.body) focusGrid();
  };
  const press = { close, undo: edits.undo, edits: () => openEdits(edits, () => downloadEdits(edits)), download: () => {
    downloadEdits(edits);
    openEdits(edits, () => downloadEdits(edits));
  }, help: openHelp, retry: () => edits.retry(), rename, merge: actions.merge, split: actions.split, review,
  move: keys.m, junk: keys.j, keep: keys.k, alike: keys.n, clear: selection.clear, "show-list": () => byId("editor").classList.toggle("listing") };
  for (const [id, does] of Object.entries(press)) byId(`editor-${id}`).addEventListener("click", refocused(does));
  byId("editor-order").addEventListener("change", () => drawGrid(false));
  byId("editor-search").addEventListener("input", (event) => {
    search = event.target.value.trim();
    drawGrid(false);
  });
  addEventListener("popstate", follow);
  addEventListener("beforeunload", (event) => {
    const lost = edits.live ? edits.waiting() > 0 : !edits.safe && edits.canUndo();
    if (lost) event.preventDefault();
  });
  told(matchMedia("(pointer: coarse)").matches ? "Tap a picture to open it. Press it longer to select it."
    : "Click a picture to select it, and double-click to open it. The button ? lists all keys.");
  byId("open-editor").hidden = false;
  byId("open-editor").addEventListener("click", open);
  drawTop();
  follow();
}
