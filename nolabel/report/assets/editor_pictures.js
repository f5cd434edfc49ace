// Where the editor gets the pictures of an image from: the server of a live page; else the small
// picture that the page holds, or the original beside the page.
"use strict";

// A path of the data as part of an address. A path that is not UTF-8 comes as "bytes:" and has %HH
// for such bytes (nolabel/base/path_text.h).
function encodedPath(path) {
  const bytes = path.startsWith("bytes:");
  const encoded = bytes ? (segment) => segment.replace(/[^A-Za-z0-9._~%-]/g, encodeURIComponent) : encodeURIComponent;
  return (bytes ? path.slice("bytes:".length) : path).split("/").map(encoded).join("/");
}

// In a page that a server shows, the originals of the report's pictures come from the server, too.
function useServedOriginals(data, pictures) {
  const index = indexOfPaths(data.editor);
  for (const picture of data.pictures) {
    if (index.has(picture.name)) picture.file = pictures.full(index.get(picture.name));
    else delete picture.file;
  }
}

// {thumb(image), full(image)}: addresses, or null where there is no picture.
function editorPictures(data, edits) {
  if (edits.live) {
    const query = `?token=${encodeURIComponent(edits.token)}`;
    return { thumb: (image) => `thumb/${image}${query}`, full: (image) => `picture/${image}${query}` };
  }
  const { path } = data.editor.images;
  const held = new Map(data.pictures.filter((p) => p.uri).map((p) => [p.name, p.uri]));
  const original = (image) => {
    if (data.originals === undefined) return null;
    const encoded = encodedPath(path[image]);
    return encoded.startsWith("/") ? "file://" + encoded : `${data.originals}/${encoded}`;
  };
  return { thumb: (image) => held.get(path[image]) ?? original(image), full: original };
}

// Shows `url` in `image` once the browser has it; what lies below stays visible until then. Without
// an address the browser stops loading what was asked before.
function showThumb(image, url) {
  if (image.dataset.url === (url ?? "")) return;
  image.dataset.url = url ?? "";
  image.classList.remove("loaded");
  if (url) image.src = url;
  else image.removeAttribute("src");
}

function thumbImage() {
  return element("img", {
    alt: "", decoding: "async", draggable: "false",
    onload: (event) => event.target.classList.add("loaded"),
    onerror: (event) => event.target.classList.remove("loaded"),
  });
}
