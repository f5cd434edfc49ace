// Selecting images in the grid, by mouse, touch and keyboard.
"use strict";

const DRAG = { least: 6, press: 500, edge: 40, speed: 14 };

// host: {changed(), open(position), key(event)}: the selection changed; a picture is to be opened;
// a key that does not select. Images are selected by index, so they stay selected when the order
// changes.
function createSelection(box, grid, host) {
  const selection = { images: new Set(), anchor: -1, touching: false, clear, selectAll, add, of };

  function changed() {
    if (selection.images.size === 0) selection.touching = false;
    grid.redraw();
    host.changed();
  }

  function clear() {
    selection.images.clear();
    changed();
  }

  function selectAll() {
    for (const image of grid.order) selection.images.add(image);
    changed();
  }

  function add(images) {
    for (const image of images) selection.images.add(image);
    changed();
  }

  // The selected images, or else the one under the keyboard.
  function of() {
    if (selection.images.size > 0) return [...selection.images];
    return grid.active >= 0 ? [grid.order[grid.active]] : [];
  }

  function toggle(position) {
    const image = grid.order[position];
    if (!selection.images.delete(image)) selection.images.add(image);
    selection.anchor = position;
  }

  // From the anchor to the position, in place of what was selected.
  function range(position) {
    const from = selection.anchor >= 0 ? Math.min(selection.anchor, grid.order.length - 1) : position;
    selection.images.clear();
    for (let i = Math.min(from, position); i <= Math.max(from, position); ++i) selection.images.add(grid.order[i]);
  }

  function click(position, event) {
    if (event.shiftKey) range(position);
    else if (event.ctrlKey || event.metaKey || selection.touching) toggle(position);
    else {
      selection.images.clear();
      toggle(position);
    }
    grid.setActive(position);
    changed();
  }

  const paper = box.firstElementChild;
  const placeOf = (event) => {
    const { left, top } = paper.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const positionUnder = (event) => {
    const { x, y } = placeOf(event);
    return grid.positionAt(x, y);
  };

  // The mouse: a click, or a rectangle that is drawn.
  let drag = null;
  const band = element("div", { class: "band", hidden: "" });
  paper.append(band);

  function drawBand() {
    const { x, y } = placeOf(drag.event);
    const area = { left: Math.min(x, drag.x), top: Math.min(y, drag.y), right: Math.max(x, drag.x), bottom: Math.max(y, drag.y) };
    band.hidden = false;
    Object.assign(band.style, { left: area.left + "px", top: area.top + "px", width: area.right - area.left + "px", height: area.bottom - area.top + "px" });
    selection.images = new Set(drag.kept);
    for (const position of grid.positionsIn(area)) selection.images.add(grid.order[position]);
    changed();
  }

  // Near the edge of the grid, the rectangle goes on over the next rows.
  function scrollAtEdge() {
    if (!drag?.drawn) return;
    const { top, bottom } = box.getBoundingClientRect(), y = drag.event.clientY;
    const by = y < top + DRAG.edge ? -DRAG.speed : y > bottom - DRAG.edge ? DRAG.speed : 0;
    if (by !== 0) {
      box.scrollTop += by;
      drawBand();
    }
    requestAnimationFrame(scrollAtEdge);
  }

  function endDrag() {
    drag = null;
    band.hidden = true;
  }

  box.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") {
      beginPress(event);
      return;
    }
    // The bar that scrolls is a part of the box.
    if (event.button !== 0 || event.clientX - box.getBoundingClientRect().left >= box.clientWidth) return;
    box.focus({ preventScroll: true });
    drag = { ...placeOf(event), event, drawn: false, kept: event.ctrlKey || event.metaKey || event.shiftKey ? [...selection.images] : [] };
    box.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  box.addEventListener("pointermove", (event) => {
    if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > DRAG.least * 2) endPress();
    if (!drag) return;
    drag.event = event;
    const { x, y } = placeOf(event);
    if (!drag.drawn && Math.hypot(x - drag.x, y - drag.y) < DRAG.least) return;
    if (!drag.drawn) {
      drag.drawn = true;
      requestAnimationFrame(scrollAtEdge);
    }
    drawBand();
  });
  box.addEventListener("pointerup", (event) => {
    if (press) tap(event);
    if (!drag) return;
    const { drawn } = drag, position = positionUnder(event);
    endDrag();
    if (drawn) return;
    if (position >= 0) click(position, event);
    else if (!event.ctrlKey && !event.metaKey && !event.shiftKey) clear();
  });
  box.addEventListener("pointercancel", () => {
    endPress();
    endDrag();
  });
  box.addEventListener("dblclick", (event) => {
    const position = positionUnder(event);
    if (position >= 0 && !selection.touching) host.open(position);
  });

  // Touch: a tap opens a picture; a long press begins to select, and then every tap selects.
  let press = null;
  function beginPress(event) {
    const position = positionUnder(event);
    if (position < 0) return;
    press = { x: event.clientX, y: event.clientY, position, timer: setTimeout(() => {
      press = null;
      selection.touching = true;
      if (!selection.images.has(grid.order[position])) toggle(position);
      grid.active = position;
      changed();
    }, DRAG.press) };
  }
  function endPress() {
    clearTimeout(press?.timer);
    press = null;
  }
  function tap(event) {
    const { position } = press;
    endPress();
    if (selection.touching) click(position, event);
    else host.open(position);
  }
  box.addEventListener("contextmenu", (event) => {
    if (selection.touching || event.pointerType === "touch") event.preventDefault();
  });

  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  function stepOf(key) {
    if (steps[key]) return grid.move(...steps[key]);
    const page = Math.max(1, Math.floor(box.clientHeight / (grid.side + GRID.gap)) - 1);
    if (key === "PageDown") return grid.move(page, 0);
    if (key === "PageUp") return grid.move(-page, 0);
    if (key === "Home") return grid.order.length ? 0 : -1;
    return key === "End" ? grid.order.length - 1 : -1;
  }
  box.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey, position = stepOf(event.key);
    if (position >= 0) {
      if (event.shiftKey) {
        if (selection.anchor < 0) selection.anchor = Math.max(0, grid.active);
        range(position);
        changed();
      } else selection.anchor = position;
      grid.setActive(position);
    } else if (event.key === " " && grid.active >= 0) {
      toggle(grid.active);
      changed();
    } else if (command && event.key.toLowerCase() === "a") selectAll();
    else if (event.key === "Escape" && selection.images.size > 0) clear();
    else if (event.key === "Enter" && !command && grid.active >= 0) host.open(grid.active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return selection;
}
