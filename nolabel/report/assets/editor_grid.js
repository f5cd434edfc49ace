// The grid of images. Only the cells that can be seen, and a few rows more, are in the page. A cell
// that scrolls away is used again for an image that comes into sight.
"use strict";

const GRID = { gap: 8, least: 148, leastOnPhone: 100, phone: 600, moreRows: 2, settled: 90 };

// box: the element that scrolls. host: {describe(image) -> {label, thumb, path, badge, where, lead},
// selected(image)}.
function createGrid(box, host) {
  const paper = element("div", { class: "cells", role: "presentation" });
  box.replaceChildren(paper);
  const cells = new Map(); // position -> node
  const spare = [];
  const grid = { order: [], groups: null, rows: plainRows(0, 1), columns: 1, side: 1, active: -1,
    show, redraw, setActive, reveal, positionAt, positionsIn, move };
  let asked = false, settle = 0, lastTop = 0;

  // New images, from the first on; or, with `stay`, as many as possible where they were.
  function show(order, groups, stay) {
    Object.assign(grid, { order, groups });
    lay();
    for (const [position, cell] of cells) {
      if (position < order.length) fill(cell, position);
      else release(position, cell);
    }
    if (!stay) box.scrollTop = 0;
    grid.active = order.length === 0 ? -1 : stay ? Math.max(0, Math.min(grid.active, order.length - 1)) : 0;
    draw(true);
  }

  function lay() {
    const width = paper.clientWidth || 1;
    const least = width < GRID.phone ? GRID.leastOnPhone : GRID.least;
    grid.columns = Math.max(2, Math.floor((width + GRID.gap) / (least + GRID.gap)));
    grid.side = (width - GRID.gap * (grid.columns - 1)) / grid.columns;
    grid.rows = grid.groups ? groupedRows(grid.groups, grid.columns) : plainRows(grid.order.length, grid.columns);
    paper.style.height = Math.max(0, grid.rows.count * pitch() - GRID.gap) + "px";
  }

  const pitch = () => grid.side + GRID.gap;

  function release(position, cell) {
    cells.delete(position);
    cell.hidden = true;
    showThumb(cell.picture, null);
    spare.push(cell);
  }

  function newCell() {
    const picture = thumbImage();
    const parts = { picture, text: element("span", { class: "text" }), badge: element("span", { class: "badge" }),
      where: element("span", { class: "where" }) };
    const cell = element("div", { role: "option", class: "cell" }, parts.text, picture, parts.badge, parts.where,
      element("span", { class: "check", "aria-hidden": "true" }, "✓"));
    paper.append(cell);
    return Object.assign(cell, parts);
  }

  function fill(cell, position) {
    const image = grid.order[position], { row, column } = grid.rows.placeOf(position);
    const { label, path, badge, where, lead } = host.describe(image);
    cell.hidden = false;
    cell.id = `cell-${position}`;
    cell.dataset.position = position;
    cell.title = label;
    cell.picture.alt = path;
    cell.text.textContent = path;
    cell.badge.textContent = badge;
    cell.where.textContent = where;
    cell.classList.toggle("lead", lead);
    cell.setAttribute("aria-label", label);
    cell.setAttribute("aria-posinset", position + 1);
    cell.setAttribute("aria-setsize", grid.order.length);
    cell.style.width = cell.style.height = grid.side + "px";
    cell.style.transform = `translate(${column * pitch()}px, ${row * pitch()}px)`;
  }

  function mark(cell, position) {
    cell.setAttribute("aria-selected", String(host.selected(grid.order[position])));
    cell.classList.toggle("active", position === grid.active);
  }

  // `still`: the pictures are wanted at once. While the person scrolls far, only what stays in sight
  // is loaded.
  function draw(still) {
    asked = false;
    const more = GRID.moreRows * pitch(), top = box.scrollTop;
    const first = Math.max(0, Math.floor((top - more) / pitch()));
    const last = Math.min(grid.rows.count - 1, Math.floor((top + box.clientHeight + more) / pitch()));
    const wanted = new Set();
    for (let row = first; row <= last; ++row) {
      for (let column = 0; column < grid.columns; ++column) {
        const position = grid.rows.at(row, column);
        if (position >= 0) wanted.add(position);
      }
    }
    for (const [position, cell] of cells) {
      if (!wanted.has(position)) release(position, cell);
    }
    for (const position of wanted) {
      if (!cells.has(position)) {
        const cell = spare.pop() ?? newCell();
        cells.set(position, cell);
        fill(cell, position);
      }
      mark(cells.get(position), position);
    }
    tellActive();
    clearTimeout(settle);
    const far = Math.abs(top - lastTop) > box.clientHeight / 2;
    lastTop = top;
    if (still || !far) load();
    else settle = setTimeout(load, GRID.settled);
  }

  function load() {
    for (const [position, cell] of cells) showThumb(cell.picture, host.thumb(grid.order[position]));
  }

  function tellActive() {
    if (cells.has(grid.active)) box.setAttribute("aria-activedescendant", `cell-${grid.active}`);
    else box.removeAttribute("aria-activedescendant");
  }

  // What cells say can have changed, but not which images there are.
  function redraw() {
    for (const [position, cell] of cells) {
      fill(cell, position);
      mark(cell, position);
    }
    tellActive();
  }

  function setActive(position) {
    grid.active = position;
    reveal(position);
    draw(true);
  }

  function reveal(position) {
    if (position < 0) return;
    const top = grid.rows.placeOf(position).row * pitch(), inset = 4;
    if (top - inset < box.scrollTop) box.scrollTop = Math.max(0, top - inset);
    else if (top + grid.side + inset > box.scrollTop + box.clientHeight) box.scrollTop = top + grid.side + inset - box.clientHeight;
  }

  // The active position after a step by rows or columns.
  function move(rows, columns) {
    if (grid.order.length === 0) return -1;
    const at = Math.max(0, grid.active), last = grid.order.length - 1;
    if (rows === 0) return Math.max(0, Math.min(last, at + columns));
    const { row, column } = grid.rows.placeOf(at);
    const target = Math.max(0, Math.min(grid.rows.count - 1, row + rows));
    for (let c = column; c >= 0; --c) { // a row can be short, and have empty places
      if (grid.rows.at(target, c) >= 0) return grid.rows.at(target, c);
    }
    return at;
  }

  // Coordinates here are those of the paper.
  function positionAt(x, y) {
    const row = Math.floor(y / pitch()), column = Math.floor(x / pitch());
    if (x < 0 || y < 0 || column >= grid.columns || row >= grid.rows.count) return -1;
    return x - column * pitch() > grid.side || y - row * pitch() > grid.side ? -1 : grid.rows.at(row, column);
  }

  function positionsIn({ left, top, right, bottom }) {
    const positions = [];
    const firstRow = Math.max(0, Math.ceil((top - grid.side) / pitch()));
    const lastRow = Math.min(grid.rows.count - 1, Math.floor(bottom / pitch()));
    const firstColumn = Math.max(0, Math.ceil((left - grid.side) / pitch()));
    const lastColumn = Math.min(grid.columns - 1, Math.floor(right / pitch()));
    for (let row = firstRow; row <= lastRow; ++row) {
      for (let column = firstColumn; column <= lastColumn; ++column) {
        const position = grid.rows.at(row, column);
        if (position >= 0) positions.push(position);
      }
    }
    return positions;
  }

  box.addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => draw(false));
  }, { passive: true });

  let width = 0;
  new ResizeObserver(() => {
    if (box.clientWidth === 0) return;
    if (paper.clientWidth !== width) {
      width = paper.clientWidth;
      for (const [position, cell] of cells) release(position, cell);
      lay();
    }
    draw(true);
  }).observe(box);
  return grid;
}
