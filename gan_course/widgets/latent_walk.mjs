// The walk between two pinned z. Python decides what lies on it; this file shows it and passes wishes on.
import { colorsOf, keepKeys, onNewLooks, setText } from "./dom.mjs";
import { drawPixels, prepare, toRgba } from "./drawing.mjs";
import { unpackFrame } from "./frame.mjs";
import { sendWith } from "./latent_words.mjs";

const PATIENCE_MS = 150; // a move waits this long for an answer to the one before
const RETRY_MS = 250; // while there is no room to draw in
const PATHS = ["straight", "spherical"];
const WALK_COLORS = ["straight", "spherical", "real", "fake", "text", "band", "mark", "halo"];
const DASH = { straight: [6, 4], spherical: [] };

/** Where t lies on a strip of pictures, as a fraction of its width: 0 and 1 in the middle of the first and the last. */
export const onStrip = (t, stops) => (t * (stops - 1) + 0.5) / stops;

/** The value at t of a curve sampled evenly from 0 to 1; `width` numbers a sample. */
export function onCurve({ data }, t, width = 1) {
  const last = data.length / width - 1;
  const i = Math.min(Math.floor(t * last), last - 1);
  const s = t * last - i;
  return Array.from({ length: width }, (_, c) => (1 - s) * data[i * width + c] + s * data[(i + 1) * width + c]);
}

/** Where z stands, in words. */
export function placeText({ t, path }) {
  return t === null ? "z is not on the walk" : `z is on the ${path} walk, t = ${t.toFixed(2)}`;
}

/** What the chart of ‖z‖ shows, in words. */
export function lengthsText({ facts, arrays }) {
  const there = PATHS.filter((path) => arrays[`${path}_length`]);
  const middle = there.map((path) => `${path} ${onCurve(arrays[`${path}_length`], 0.5)[0].toFixed(2)}`);
  return `Length of z half way: ${middle.join(", ")}; typical ${facts.typical[0].toFixed(2)}`;
}

// ---- drawing ------------------------------------------------------------------------------------------------------

function polyline(context, points, color, dash = []) {
  Object.assign(context, { strokeStyle: color, lineWidth: 2 });
  context.setLineDash(dash);
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
  context.setLineDash([]);
}

function dot(context, x, y, colors) {
  for (const [color, radius] of [[colors.halo, 7], [colors.mark, 5]]) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fill();
  }
}

function drawStrip(canvas, image, at, colors) {
  const [h, w] = image.shape;
  canvas.style.aspectRatio = `${w} / ${h}`;
  const { context, width, height } = prepare(canvas);
  drawPixels(context, image, toRgba(image), 0, 0, width, height);
  if (at === null) return;
  for (const [color, wide] of [[colors.halo, 6], [colors.mark, 2]]) {
    context.fillStyle = color;
    context.fillRect(at * width - wide / 2, 0, wide, height);
  }
}

function drawCurves(canvas, arrays, { t, path }, colors) {
  const { context, width, height } = prepare(canvas);
  const [x0, x1, y0, y1] = arrays.bounds.data;
  const place = ([x, y]) => [((x - x0) / (x1 - x0)) * width, ((y1 - y) / (y1 - y0)) * height];
  const points = ({ data }) => Array.from({ length: data.length / 2 }, (_, i) => place([data[2 * i], data[2 * i + 1]]));
  context.globalAlpha = 0.45;
  for (const name of ["real", "cloud"]) {
    context.fillStyle = name === "real" ? colors.real : colors.fake;
    for (const [x, y] of arrays[name] ? points(arrays[name]) : []) context.fillRect(x - 1.5, y - 1.5, 3, 3);
  }
  context.globalAlpha = 1;
  for (const name of PATHS) if (arrays[name]) polyline(context, points(arrays[name]), colors[name], DASH[name]);
  Object.assign(context, { fillStyle: colors.text, font: `bold 14px ${getComputedStyle(canvas).fontFamily}` });
  for (const [end, name] of [[0, "A"], [1, "B"]]) {
    const [x, y] = place(onCurve(arrays.straight, end, 2));
    context.fillText(name, Math.min(x + 6, width - 14), Math.max(y - 6, 14));
  }
  if (t !== null && arrays[path]) dot(context, ...place(onCurve(arrays[path], t, 2)), colors);
}

/** ‖z‖ along both walks, over the band where it typically lies. */
function drawLengths(canvas, { facts, arrays }, { t, path }, colors) {
  const { context, width, height } = prepare(canvas);
  const [mean, deviation] = facts.typical;
  const there = PATHS.filter((name) => arrays[`${name}_length`]);
  const top = 1.1 * Math.max(mean + 2 * deviation, ...there.flatMap((name) => [...arrays[`${name}_length`].data]));
  const [x, y] = [(s) => onStrip(s, facts.stops) * width, (v) => height - 18 - (v / top) * (height - 24)];
  const low = Math.max(mean - 2 * deviation, 0);
  context.fillStyle = colors.band;
  context.fillRect(x(0), y(mean + 2 * deviation), x(1) - x(0), y(low) - y(mean + 2 * deviation));
  polyline(context, [[x(0), y(0)], [x(1), y(0)]], colors.band);
  const font = `11px ${getComputedStyle(canvas).fontFamily}`;
  Object.assign(context, { fillStyle: colors.text, font, textBaseline: "middle", textAlign: "right" });
  if (x(0) > 24) for (const v of [0, mean]) context.fillText(v.toFixed(v ? 1 : 0), x(0) - 5, y(v));
  context.textAlign = "center";
  for (const [s, name] of [[0, "A"], [0.5, "t = ½"], [1, "B"]]) context.fillText(name, x(s), height - 7);
  for (const name of there) {
    const values = [...arrays[`${name}_length`].data];
    const points = values.map((v, i) => [x(i / (values.length - 1)), y(v)]);
    polyline(context, points, colors[name], DASH[name]);
  }
  if (t !== null && there.includes(path)) dot(context, x(t), y(onCurve(arrays[`${path}_length`], t)[0]), colors);
}

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <div class="lw-controls">
    <button type="button" data-end="A" title="Let the walk begin at the z shown above">Pin A here</button>
    <label class="lw-t">A
      <input type="range" min="0" max="1" step="0.01" value="0" aria-label="Place on the walk from A to B"> B</label>
    <button type="button" data-end="B" title="Let the walk end at the z shown above">Pin B here</button>
    <fieldset><legend>Walk</legend>
      <label><input type="radio" value="spherical">spherical</label>
      <label><input type="radio" value="straight">straight</label></fieldset>
    <span class="lw-place" role="status"></span>
  </div>
  <div class="lw-panels">
    <span class="lw-name" data-path="straight">straight</span><canvas role="img" data-path="straight"></canvas>
    <span class="lw-name" data-path="spherical">spherical</span><canvas role="img" data-path="spherical"></canvas>
    <figure class="lw-after"><figcaption>After G:
      <b class="lw-spherical">spherical</b>, <b class="lw-straight">straight</b></figcaption>
      <canvas role="img" class="lw-curves"></canvas></figure>
    <span class="lw-name">‖z‖; grey: typical</span><canvas role="img" class="lw-lengths"></canvas>
  </div>`;

function draw(root, strips, place) {
  const colors = colorsOf(root, "lw", WALK_COLORS);
  const { facts, arrays } = strips;
  root.dataset.kind = facts.kind;
  for (const path of PATHS) {
    const canvas = root.querySelector(`canvas[data-path=${path}]`);
    const hidden = facts.kind === "points" || !arrays[path];
    for (const part of root.querySelectorAll(`[data-path=${path}]`)) part.hidden = hidden;
    const at = place.path === path && place.t !== null ? onStrip(place.t, facts.stops) : null;
    if (facts.kind === "images" && arrays[path]) drawStrip(canvas, arrays[path], at, colors);
    canvas.ariaLabel = `${facts.stops} pictures on the ${path} walk from A to B`;
  }
  if (facts.kind === "points") drawCurves(root.querySelector(".lw-curves"), arrays, place, colors);
  root.querySelector(".lw-curves").ariaLabel = "Where G takes both walks, among real and fake points";
  drawLengths(root.querySelector(".lw-lengths"), strips, place, colors);
  root.querySelector(".lw-lengths").ariaLabel = lengthsText(strips);
}

function showControls(root, place) {
  root.dataset.path = place.path;
  for (const radio of root.querySelectorAll("[type=radio]")) radio.checked = radio.value === place.path;
  const slider = root.querySelector("[type=range]");
  if (place.t !== null) slider.value = place.t;
  slider.setAttribute("aria-valuetext", placeText(place));
  setText(root.querySelector(".lw-place"), placeText(place));
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "latent-walk";
  keepKeys(root);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Walk between two z");
  root.innerHTML = MARKUP;
  const group = `path ${Math.random()}`;
  for (const radio of root.querySelectorAll("[type=radio]")) radio.name = group;
  el.append(root);
  let strips;
  let [underWay, sentAt] = [false, 0];
  let ahead = {}; // what a hand moved, until the kernel has heard of it
  let [waiting, retry] = [0, 0];

  const send = sendWith(model);
  /** Send what a hand moved, unless the answer to the last move is still to come. */
  const flush = () => {
    if (ahead.number !== Infinity || (underWay && performance.now() - sentAt < PATIENCE_MS)) return;
    [underWay, sentAt] = [true, performance.now()];
    ahead.number = send({ do: "walk", ...ahead.wish });
  };
  const place = () => ({ ...model.get("place"), ...ahead.wish });
  const redraw = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      if (!strips || !model.get("place").path || !root.isConnected) return;
      if (!root.clientWidth) return void (retry = setTimeout(redraw, RETRY_MS)); // hidden, as while a theme is changed
      showControls(root, place());
      draw(root, strips, place());
      root.dataset.heard = model.get("place").heard;
    });
  };
  const onStrips = () => {
    if (model.get("strips").byteLength) strips = unpackFrame(model.get("strips"));
    redraw();
  };
  const onPlace = () => {
    if (model.get("place").heard >= ahead.number) ahead = {};
    underWay = false;
    flush();
    redraw();
  };
  root.addEventListener("input", ({ target }) => {
    const { path } = place();
    const t = root.querySelector("[type=range]").valueAsNumber;
    const wish = { t, path: target.type === "radio" ? target.value : path };
    ahead = { wish, number: Infinity };
    flush();
    redraw();
  });
  for (const button of root.querySelectorAll("button"))
    button.addEventListener("click", () => send({ do: "pin", end: button.dataset.end }));
  const stopWatching = onNewLooks(root, redraw);
  model.on("change:strips", onStrips);
  model.on("change:place", onPlace);
  onStrips();

  return () => {
    cancelAnimationFrame(waiting);
    clearTimeout(retry);
    stopWatching();
    model.off("change:strips", onStrips);
    model.off("change:place", onPlace);
    root.remove();
  };
}

export default { render };
