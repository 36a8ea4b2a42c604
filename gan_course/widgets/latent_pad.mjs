// A pad to drag z on, and the picture made from z. Python decides what is true; this file shows it.
import { colorsOf, hear, keepKeys, onNewLooks, setText } from "./dom.mjs";
import { drawPicture, prepare } from "./drawing.mjs";
import { unpackFrame } from "./frame.mjs";
import { axisName, signed } from "./latent_words.mjs";

const QUIET_MS = 6000; // no frame and no heartbeat for this long: say so
const ACKNOWLEDGE = 4; // every so many frames, tell the kernel which one was drawn
const PATIENCE_MS = 150; // a move waits this long for the picture of the one before
const RETRY_MS = 250; // while there is no room to draw in
const REACH = 3; // the pad goes from -REACH to REACH
const PAD_COLORS = ["real", "fake", "upright", "level", "text", "grid", "mark", "halo"];
const STEP = 0.1; // of an arrow key on the pad; with Shift, 1

export const clamp = (v) => Math.min(Math.max(v, -REACH), REACH);

/** Coordinates [across, up] of a place on the pad, from fractions of its width and height. */
export const fromPlace = (x, y) => [clamp((2 * x - 1) * REACH), clamp((1 - 2 * y) * REACH)];

/** Fractions of the pad's width and height, of coordinates that may lie outside. */
export const toPlace = (across, up) => [(clamp(across) / REACH + 1) / 2, (1 - clamp(up) / REACH) / 2];

/** Where a key moves the pad from [across, up]; undefined for other keys. */
export function keyMove(key, shift, [across, up]) {
  const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], Home: [-across, -up] }[key];
  const step = shift || key === "Home" ? 1 : STEP;
  return by && [clamp(across + step * by[0]), clamp(up + step * by[1])].map((v) => +v.toFixed(4));
}

/** What the status line says. `silence` is the time without a sign of life, in milliseconds. */
export function statusText(facts, silence) {
  if (silence > QUIET_MS)
    return `No news for ${Math.round(silence / 1000)} s: the kernel is busy or gone. If it restarted, run the cell.`;
  const states = { training: "following a run that trains", paused: "its run is paused", ended: "its run was stopped" };
  return states[facts.state] ?? "a copy that stays as it is";
}

// ---- drawing ------------------------------------------------------------------------------------------------------

function strokeRows(context, { shape: [rows, points], data }, place, color) {
  context.strokeStyle = color;
  for (let row = 0; row < rows; row++) {
    context.lineWidth = row === (rows - 1) / 2 ? 2 : 0.8; // the middle line is where the coordinate is 0
    context.beginPath();
    for (let i = row * points; i < (row + 1) * points; i++) context.lineTo(...place(data[2 * i], data[2 * i + 1]));
    context.stroke();
  }
}

function ring(context, x, y, colors) {
  for (const [color, line] of [[colors.halo, 5], [colors.mark, 2]]) {
    Object.assign(context, { strokeStyle: color, lineWidth: line });
    context.beginPath();
    context.arc(x, y, 8, 0, 7);
    context.stroke();
  }
}

/** The net of lines of the pad, as it is before G. */
function drawNet(canvas, rows, colors) {
  const { context, width, height } = prepare(canvas);
  const ticks = Array.from({ length: rows }, (_, i) => i / (rows - 1));
  const net = (line) => ({ shape: [rows, 2, 2], data: ticks.flatMap((t) => [...line(t, 0), ...line(t, 1)]) });
  strokeRows(context, net((t, s) => [t, s]), (x, y) => [x * width, y * height], colors.upright);
  strokeRows(context, net((t, s) => [s, t]), (x, y) => [x * width, y * height], colors.level);
  return { context, width, height };
}

function drawPoints(canvas, { arrays }, picture, colors) {
  const { context, width, height } = prepare(canvas);
  const { real, cloud, upright, level, bounds } = arrays;
  const [x0, x1, y0, y1] = bounds.data;
  const place = (x, y) => [((x - x0) / (x1 - x0)) * width, ((y1 - y) / (y1 - y0)) * height];
  for (const [dots, color] of [[real, colors.real], [cloud, colors.fake]])
    for (let i = 0; dots && i < dots.data.length; i += 2) {
      const [x, y] = place(dots.data[i], dots.data[i + 1]);
      Object.assign(context, { fillStyle: color, globalAlpha: 0.55 });
      context.fillRect(x - 1.5, y - 1.5, 3, 3);
    }
  context.globalAlpha = 0.8;
  strokeRows(context, upright, place, colors.upright);
  strokeRows(context, level, place, colors.level);
  context.globalAlpha = 1;
  ring(context, ...place(...picture.data), colors);
}

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <div class="lp-status"><span class="lp-light"></span><span class="lp-step"></span>
    <span class="lp-state" role="status"></span></div>
  <div class="lp-error" role="alert" hidden></div>
  <div class="lp-panels">
    <figure class="lp-pad"><figcaption></figcaption>
      <canvas tabindex="0" role="application" aria-roledescription="pad"></canvas>
      <output class="lp-across"></output><output class="lp-up"></output></figure>
    <figure class="lp-here"><figcaption></figcaption><canvas role="img"></canvas></figure>
  </div>`;

const CAPTIONS = {
  images: ["Drag: the plane through z", "G(z)"],
  points: [
    "Drag: the plane through z",
    'After G; <b class="lp-real">real</b>, <b class="lp-fake">fake</b>',
  ],
};

function showWords(root, facts, place) {
  const find = (name) => root.querySelector(`.lp-${name}`);
  const captions = root.querySelectorAll("figcaption");
  if (root.dataset.kind !== facts.kind) captions.forEach((caption, i) => (caption.innerHTML = CAPTIONS[facts.kind][i]));
  find("error").hidden = !facts.message;
  setText(find("error"), facts.message);
  setText(find("step"), facts.step === null ? "" : `Step ${facts.step.toLocaleString("en")} · `);
  const [across, up] = [facts.across, facts.up].map((i) => axisName(facts.basis, i));
  setText(find("across"), `→ ${across}: ${signed(place[0])}`);
  setText(find("up"), `↑ ${up}: ${signed(place[1])}`);
  find("pad canvas").ariaLabel =
    `${across} across, ${up} up. Arrow keys move z, with Shift ten times as far; Home goes to the middle.`;
  find("here canvas").ariaLabel =
    facts.kind === "images" ? "The image that G makes of z" : "The plane of the pad after G, with real and fake points";
}

function showState(root, facts, silence) {
  setText(root.querySelector(".lp-state"), statusText(facts, silence));
  root.querySelector(".lp-light").dataset.state = silence > QUIET_MS ? "silent" : facts.state;
}

function drawPictures(root, { facts, arrays }, scenery, place) {
  const colors = colorsOf(root, "lp", PAD_COLORS);
  const canvas = (name) => root.querySelector(`.lp-${name} canvas`);
  const images = facts.kind === "images";
  if (images && arrays.picture) drawPicture(canvas("here"), arrays.picture);
  if (scenery?.facts.kind !== facts.kind) return;
  if (!images && arrays.picture) drawPoints(canvas("here"), scenery, arrays.picture, colors);
  const { map, level } = scenery.arrays;
  const pad = images ? drawPicture(canvas("pad"), map) : drawNet(canvas("pad"), level.shape[0], colors);
  const [x, y] = toPlace(...place);
  ring(pad.context, x * pad.width, y * pad.height, colors);
}

/** What a hand does on the pad becomes moves; `place()` says where the pad is. */
function listen(root, place, moved) {
  const canvas = root.querySelector(".lp-pad canvas");
  const drag = (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    moved(fromPlace((event.clientX - left) / width, (event.clientY - top) / height));
  };
  canvas.addEventListener("pointerdown", (event) => (canvas.setPointerCapture(event.pointerId), drag(event)));
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && drag(event));
  canvas.addEventListener("keydown", (event) => {
    const to = keyMove(event.key, event.shiftKey, place());
    if (!to) return;
    event.preventDefault();
    moved(to);
  });
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "latent-pad";
  keepKeys(root);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Latent space: a pad to move z on, and what G makes of it");
  root.innerHTML = MARKUP;
  el.append(root);
  let [frame, scenery] = [];
  let ahead = {}; // where a hand moved the pad, until a frame has heard of it
  let [underWay, sentAt, heard] = [false, 0, Date.now()];
  let [waiting, retry] = [0, 0];

  /** Send what a hand moved, unless the answer to the last move is still to come. */
  const flush = () => {
    if (ahead.number !== Infinity || (underWay && performance.now() - sentAt < PATIENCE_MS)) return;
    [underWay, sentAt] = [true, performance.now()];
    ahead.number = performance.timeOrigin + performance.now();
    const { basis, across, up } = frame.facts;
    const values = { [across]: ahead.place[0], [up]: ahead.place[1] };
    model.send({ do: "move", basis, values, number: ahead.number });
  };
  const place = () => {
    const { across, up, first, coordinates } = frame.facts;
    return ahead.place ?? [across, up].map((i) => coordinates[i - first]);
  };
  const draw = () => {
    waiting = 0;
    if (!frame || !root.isConnected) return;
    if (!root.clientWidth) return void (retry = setTimeout(redraw, RETRY_MS)); // hidden, as while a theme is changed
    const { facts } = frame;
    root.dataset.flat = facts.total === 1;
    showWords(root, facts, place());
    showState(root, facts, Date.now() - heard);
    drawPictures(root, frame, scenery, place());
    Object.assign(root.dataset, { kind: facts.kind, number: facts.number, heard: facts.heard });
    if (facts.number - model.get("drawn") < ACKNOWLEDGE) return;
    model.set("drawn", facts.number);
    model.save_changes();
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const onFrame = () => {
    heard = Date.now();
    if (model.get("frame").byteLength) frame = unpackFrame(model.get("frame"));
    if (frame?.facts.heard >= ahead.number) ahead = {};
    underWay = false;
    flush();
    redraw();
  };
  const onScenery = () => {
    if (model.get("scenery").byteLength) scenery = unpackFrame(model.get("scenery"));
    redraw();
  };
  const moved = (to) => {
    if (!frame) return;
    ahead = { place: to, number: Infinity };
    flush();
    redraw();
  };
  listen(root, place, moved);
  const clock = setInterval(() => frame && showState(root, frame.facts, Date.now() - heard), 1000);
  const stopWatching = onNewLooks(root, redraw);
  const goDeaf = hear(model, { frame: onFrame, scenery: onScenery, beat: () => (heard = Date.now()) });
  onScenery();
  onFrame();

  return () => {
    clearInterval(clock);
    clearTimeout(retry);
    cancelAnimationFrame(waiting);
    stopWatching();
    goDeaf();
    root.remove();
  };
}

export default { render };
