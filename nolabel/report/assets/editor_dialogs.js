// Dialogs of the editor. The browser keeps the focus inside of an open dialog and gives it back.
"use strict";

let dialogsOpened = 0; // their titles have ids

// buttons: [{text, primary, press}]; a button closes the dialog unless press() returns false.
function openDialog({ title, body, buttons = [], kind = "", closed }) {
  const id = `dialog-${++dialogsOpened}`;
  const dialog = element("dialog", { class: `ask ${kind}`, "aria-labelledby": id });
  const close = element("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×");
  dialog.append(close, element("h2", { id }, title), ...body,
    element("div", { class: "buttons" }, ...buttons.map(({ text, primary, press }, i) => element("button", {
      type: "button", class: primary ? "button primary" : "button", ...(i === buttons.length - 1 ? { autofocus: "" } : {}),
      onclick: () => {
        if (press?.() !== false) dialog.close();
      },
    }, text))));
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed?.();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const MOST_CHOICES = 200; // rows of a list in a dialog; a text finds the others

// Asks for one of the clusters, in their order. `ranked` is a promise of a better order, as ids; it
// is used if the person has not begun to choose by then.
function chooseCluster({ title, note, clusters, faces, pictures, verb, ranked, chosen }) {
  let order = clusters, at = 0, begun = false;
  const list = element("ul", { role: "listbox", id: "choices", class: "choices", "aria-label": "Clusters" });
  const input = element("input", { type: "search", role: "combobox", "aria-controls": "choices", "aria-expanded": "true",
    "aria-autocomplete": "list", "aria-label": "Find a cluster", placeholder: "Find a cluster by name or number", autocomplete: "off", spellcheck: "false" });
  const found = () => order.filter((c) => `${c.name} cluster ${c.id}`.toLowerCase().includes(input.value.trim().toLowerCase()));
  const take = (cluster) => {
    dialog.close();
    chosen(cluster.id);
  };

  function draw() {
    const shown = found().slice(0, MOST_CHOICES);
    at = Math.max(0, Math.min(at, shown.length - 1));
    list.replaceChildren(...shown.map((cluster, i) => {
      const picture = thumbImage(), face = faces.get(cluster.id);
      picture.loading = "lazy";
      if (face !== undefined) showThumb(picture, pictures.thumb(face));
      return element("li", { role: "option", id: `choice-${i}`, class: "row", "aria-selected": String(i === at), "data-id": cluster.id, onclick: () => take(cluster) },
        element("span", { class: "face" }, picture), element("span", { class: "names" },
          element("span", { class: "name" }, plainName(cluster)), element("span", { class: "soft number" }, numberOf(cluster))),
        element("span", { class: "soft count" }, whole.format(cluster.images)));
    }));
    if (shown.length === 0) {
      list.replaceChildren(element("li", { class: "soft none" }, "No cluster has this name or number."));
      input.removeAttribute("aria-activedescendant");
    } else point();
  }

  function point() {
    input.setAttribute("aria-activedescendant", `choice-${at}`);
    [...list.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === at)));
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  input.addEventListener("input", () => {
    begun = true;
    at = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key], shown = found().slice(0, MOST_CHOICES);
    if (by && shown.length > 0) {
      begun = true;
      at = Math.max(0, Math.min(shown.length - 1, at + by));
      point();
    } else if (event.key === "Enter" && shown[at]) take(shown[at]);
    else return;
    event.preventDefault();
  });

  const dialog = openDialog({ title, kind: "choose", body: [input, list, ...(note ? [element("p", { class: "note" }, note)] : [])],
    buttons: [{ text: "Cancel" }, { text: verb, primary: true, press: () => {
      const cluster = found()[at];
      if (cluster) take(cluster);
      return false;
    } }] });
  draw();
  input.focus();
  ranked?.then((ids) => {
    if (begun || ids.length === 0 || !dialog.open) return;
    const rank = new Map(ids.map((id, i) => [id, i]));
    order = [...clusters].sort((a, b) => (rank.get(a.id) ?? ids.length) - (rank.get(b.id) ?? ids.length));
    draw();
  });
}

function askNumberOfParts({ title, note, most, chosen }) {
  const input = element("input", { type: "number", min: 2, max: most, value: 2, id: "parts", inputmode: "numeric" });
  const fault = element("p", { class: "fault", role: "alert" });
  const take = () => {
    const into = Number(input.value);
    if (!Number.isInteger(into) || into < 2 || into > most) {
      fault.textContent = `A whole number from 2 to ${whole.format(most)} is required.`;
      return false;
    }
    dialog.close();
    chosen(into);
    return false;
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    take();
  });
  const dialog = openDialog({ title, kind: "narrow", body: [element("label", { for: "parts" }, "Into how many clusters?"), input, fault, element("p", { class: "note" }, note)],
    buttons: [{ text: "Cancel" }, { text: "Split", primary: true, press: take }] });
  input.select();
}

const KEYS = [
  ["Arrows, Page up, Page down, Home, End", "go to another image"], ["Shift + these keys", "select a range"],
  ["Space", "select or unselect the image"], ["Ctrl + A", "select all images shown"], ["Esc", "select nothing"],
  ["Enter or double click", "open the picture"],
  ["M", "move to another cluster"], ["J", "mark as junk"], ["K", "keep: the image is fine, or no junk"],
  ["N", "find the images most alike"], ["F2", "rename the cluster"], ["G", "merge the cluster with another"],
  ["S", "split the cluster"], ["R", "review the unsure images one by one"], ["/", "search by path"], ["Ctrl + Z", "undo"],
  ["?", "show this help"],
];
const POINTERS = [
  ["Click", "select one image"], ["Ctrl or Cmd + click", "add or remove one image"], ["Shift + click", "select a range"],
  ["Drag", "select all images in a rectangle"], ["Tap", "open the picture"], ["Long press, then taps", "select images by touch"],
];

function openHelp() {
  const table = (rows) => element("table", {}, element("tbody", {}, ...rows.map(([keys, does]) =>
    element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, does)))));
  openDialog({ title: "Keys, mouse and touch", kind: "help", buttons: [{ text: "Close" }],
    body: [element("div", { class: "scroll" }, table(KEYS), element("h3", {}, "Mouse and touch"), table(POINTERS))] });
}
