// What a person can do with images and clusters. Each action becomes one document of edits.
"use strict";

const NO_NEW_CLUSTER = "A new cluster cannot be made here, because only a split makes new clusters. Split a cluster, then move images between its parts.";

// editor: {edits, alike, pictures, faces, selection, view, told(text, fault)}
function editorActions(editor) {
  const { edits } = editor;
  const paths = (images) => images.map((i) => edits.editor.images.path[i]);
  const cluster = (id) => edits.editor.clusters.find((c) => c.id === id);
  const largestFirst = () => [...edits.editor.clusters].sort((a, b) => b.images - a.images);
  const chosenCluster = () => (typeof editor.view === "number" ? cluster(editor.view) : undefined);
  const waits = edits.live ? "" : " It is done when you apply the edits to the run.";

  // A fault of asking for the images most alike is no fault of the dialog.
  const ranked = (images, except) => editor.alike.clusters(images, except).catch(() => []);

  function needImages(images) {
    if (images.length === 0) editor.told("Select images first.", true);
    return images.length > 0;
  }

  function needCluster() {
    if (!chosenCluster()) editor.told("Choose a cluster in the list first.", true);
    return chosenCluster() !== undefined;
  }

  // An action uses the selection. It comes back when nolabel refuses, if no other was made since.
  function sendOf(images, document) {
    editor.selection.clear();
    edits.send(document, () => {
      if (editor.selection.images.size === 0) editor.selection.add(images);
    });
  }

  function move(images) {
    if (!needImages(images)) return;
    const from = new Set(images.map((i) => edits.editor.images.cluster[i]));
    const only = from.size === 1 ? [...from][0] : null;
    chooseCluster({
      title: `Move ${imageCount(images.length)} to`, verb: "Move", note: NO_NEW_CLUSTER,
      clusters: largestFirst().filter((c) => c.id !== only), faces: editor.faces, pictures: editor.pictures,
      ranked: ranked(images, only),
      chosen: (to) => sendOf(images, { move: paths(images).map((path) => ({ path, to })) }),
    });
  }

  function mark(what, images) {
    if (!needImages(images)) return;
    sendOf(images, { [what]: paths(images) });
  }

  function rename(id, name) {
    const fault = faultOfName(name);
    if (fault) {
      editor.told(fault, true);
      return false;
    }
    if (name !== cluster(id).name) edits.send({ names: { [id]: name } });
    return true;
  }

  // Some of the cluster's images, its surest ones among them.
  function samples(id) {
    const members = shownImages(edits.editor, id, "", true);
    return members.slice(0, ALIKE.asked * 2);
  }

  function merge() {
    if (!needCluster()) return;
    const kept = chosenCluster();
    chooseCluster({
      title: `Merge ${plainName(kept)} with`, verb: "Merge",
      note: `The images of the cluster that you choose join cluster ${kept.id}, which keeps its number${kept.name ? " and its name" : ""}.`,
      clusters: largestFirst().filter((c) => c.id !== kept.id), faces: editor.faces, pictures: editor.pictures,
      ranked: ranked(samples(kept.id), kept.id),
      chosen: (gone) => edits.send({ merge: [[kept.id, gone]] }),
    });
  }

  function split() {
    if (!needCluster()) return;
    const { id, images } = chosenCluster();
    if (images < 2) {
      editor.told("A cluster of two or more images is required for a split.", true);
      return;
    }
    askNumberOfParts({
      title: `Split ${plainName(chosenCluster())}`, most: Math.min(images, 1000),
      note: "The largest part keeps the number and the name of the cluster." + waits +
        (edits.live ? "" : " Images that you move into the cluster stay with its largest part."),
      chosen: (into) => edits.send({ split: [{ cluster: id, into }] }),
    });
  }

  async function nearest(images) {
    if (!needImages(images)) return;
    if (!editor.alike.known) {
      editor.told("This page does not know which images are alike. The command nolabel open shows a page that does.", true);
      return;
    }
    try {
      const { status } = edits.editor.images;
      const found = (await editor.alike.ofAll(images)).filter((i) => status[i] !== "j").slice(0, ALIKE.offered);
      if (found.length === 0) {
        editor.told("No other image is known to be alike.", true);
        return;
      }
      offerAlike({ images: found, count: images.length, edits, pictures: editor.pictures,
        accepted: (more) => editor.selection.add([...images, ...more]) });
    } catch (error) {
      editor.told(error instanceof LostConnection ? "The connection to nolabel is lost. Try again." : error.message, true);
    }
  }

  return { move, junk: (images) => mark("junk", images), keep: (images) => mark("keep", images), rename, merge, split, nearest, chosenCluster };
}

// What has been edited; in a page without a server, also what to do with it.
function openEdits(edits, download) {
  const list = (lines) => element("ol", { class: "lines" }, ...lines.map((line) => element("li", {}, line)));
  const { command } = edits.editor;
  const body = [], buttons = [];
  if (!edits.live && edits.lines.length > 0) {
    body.push(element("h3", {}, "Pending in this page"), list(edits.lines),
      element("p", {}, "To apply them, download edits.json and run this command in the folder of the download:"),
      element("pre", {}, element("code", {}, command)),
      element("p", { class: "note" }, edits.safe ? "This browser keeps the pending edits until then."
        : "This browser refuses to keep the pending edits. They are lost when this page is closed."));
    buttons.push({ text: "Discard pending edits", press: () => edits.discard() }, { text: "Download edits.json", primary: true, press: () => {
      download();
      return false;
    } });
  }
  if (edits.editor.edits.length > 0) {
    // These lines have numbers of their own.
    body.push(element("h3", {}, "In force"), element("ul", { class: "lines plain" }, ...edits.editor.edits.map((line) => element("li", {}, line))));
  }
  if (body.length === 0) body.push(element("p", {}, "Nothing has been edited yet."));
  openDialog({ title: "Edits", kind: "narrow", body: [element("div", { class: "scroll" }, ...body)], buttons: [...buttons, { text: "Close" }] });
}

function downloadEdits(edits) {
  const text = JSON.stringify(edits.folded(), null, 1) + "\n";
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  element("a", { href: url, download: "edits.json" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
