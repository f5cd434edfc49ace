// Elements, numbers and colors. Every text of the data enters the page here, as text.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

// element("td", {class: "best", onclick: f}, "text", child …)
function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "color") node.style.setProperty("--color", value);
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const whole = new Intl.NumberFormat("en-US");
const percent = (share) => (100 * share).toFixed(1) + " %";

// Few significant digits, without the noise of binary fractions.
function brief(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

// Ten colors (hue, lightness) that stay apart on light and dark paper; further clusters continue by
// the golden angle.
const COLORS = [[216, 56], [28, 54], [150, 42], [352, 60], [268, 62], [188, 46], [44, 52], [322, 62],
  [92, 42], [18, 40]];
function clusterColor(cluster) {
  if (cluster < COLORS.length) return `hsl(${COLORS[cluster][0]} 60% ${COLORS[cluster][1]}%)`;
  return `hsl(${(cluster * 137.5) % 360} 55% ${[50, 40, 62][cluster % 3]}%)`;
}

function cssColor(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// "dog · cluster 3", or "cluster 3" where a cluster has no other name. Groups of the tree say
// themselves what they are made of.
function clusterTitle(data, cluster) {
  const { name, made_of } = data.clusters[cluster];
  return made_of || name === `cluster ${cluster}` ? name : `${name} · cluster ${cluster}`;
}

// The color of a cluster, or of the cluster that a group of the tree is mostly made of.
function colorOf(data, cluster) {
  return clusterColor(data.clusters[cluster].color ?? cluster);
}

// A canvas with as many pixels as the screen has for it; returns its context in CSS pixels.
function sharpContext(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return context;
}

// The floating box beside the pointer.
const tip = {
  show(event, lines) {
    byId("tip-text").replaceChildren(...lines.map((line) => element("div", {}, line)));
    const box = byId("tip");
    box.hidden = false;
    const { width, height } = box.getBoundingClientRect();
    box.style.left = Math.min(event.clientX + 16, innerWidth - width - 8) + "px";
    box.style.top = Math.max(8, Math.min(event.clientY + 16, innerHeight - height - 8)) + "px";
  },
  hide() {
    byId("tip").hidden = true;
  },
};
