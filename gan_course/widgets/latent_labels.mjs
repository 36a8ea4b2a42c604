// Labels, samples and neighbours of a latent lab. Python decides what is true; this file shows it and passes wishes on.
import { hear, keepKeys, onNewLooks, setHtml, setOptions, setText } from "./dom.mjs";
import { drawPixels, grouped, prepare, toRgba } from "./drawing.mjs";
import { unpackFrame } from "./frame.mjs";
import { sendWith } from "./latent_words.mjs";

const LEAST = 0.01; // weight, of the only class
const PATIENCE_MS = 150; // a move waits this long for an answer to the one before
const RETRY_MS = 250; // while there is no room to draw in

/** One of the pictures that stand side by side in a strip. */
export function pictureAt({ shape: [h, w, c = 1], data }, stops, index) {
  const side = w / stops;
  const part = new Uint8Array(h * side * c);
  for (let row = 0; row < h; row++) {
    const start = (row * w + index * side) * c;
    part.set(data.subarray(start, start + side * c), row * side * c);
  }
  return { shape: [h, side, c], data: part };
}

/** A share between 0 and 1 in words; nothing for none. */
export const shareText = (share) => (share ? (share < 0.005 ? "<1%" : `${Math.round(100 * share)}%`) : "");

/** What the label is, in words. */
export function labelText({ names, shares }) {
  const parts = names.map((name, i) => [shares[i], name]).filter(([share]) => share > 0);
  parts.sort(([a], [b]) => b - a);
  if (parts.length === 1) return parts[0][1];
  return parts.map(([share, name]) => `${shareText(share)} ${name}`).join(" + ");
}

/** How near the data come, and how near that is, in words. */
export function nearText({ of, usual, distances: [nearest] }) {
  const against = `The nearest of ${grouped(of)} training images differs by ${nearest.toFixed(2)} a pixel; among themselves
    they usually differ by ${usual.toFixed(2)}`.replace(/\s+/g, " ");
  return nearest < usual / 2 ? `${against}: this one may be copied from memory.` : `${against}: a copy of none of these.`;
}

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <section class="ll-label"><h4>Label <output class="ll-told" role="status"></output></h4>
    <p class="ll-note">Each class at this z. Click a picture for that class alone; sliders mix.</p>
    <div class="ll-classes" role="group" aria-label="Weights of the classes"></div>
    <div class="ll-walk-head"><span>Walk through labels at this z:</span> <select class="ll-from" aria-label="from class"></select>
      <input type="range" class="ll-s" min="0" max="1" step="0.01" aria-label="Place between two classes">
      <select class="ll-to" aria-label="to class"></select></div>
    <canvas class="ll-walk" role="img" aria-label="Pictures between the two classes"></canvas></section>
  <section class="ll-sheet-part"><h4>Samples <button type="button" class="ll-others">Other samples</button></h4>
    <p class="ll-note">Click one to put its z into the sliders.</p>
    <div class="ll-sheet" role="group" aria-label="Samples of this label"></div></section>
  <section class="ll-near-part"><h4>Nearest in the data</h4><p class="ll-near-words" role="status"></p>
    <div class="ll-near"></div></section>`;

const CLASS = (name, i) => `<div class="ll-class"><button type="button" data-class="${i}" title="Only ${name}"><canvas aria-hidden="true"></canvas></button>
  <span class="ll-name">${name}</span><input type="range" min="0" max="1" step="0.01" data-weight="${i}" aria-label="weight of ${name}">
  <span class="ll-share"></span></div>`;

function drawOne(canvas, frame, index) {
  const picture = pictureAt(frame.arrays.pictures, frame.facts.stops, index);
  canvas.style.aspectRatio = `${picture.shape[1]} / ${picture.shape[0]}`;
  const { context, width, height } = prepare(canvas);
  drawPixels(context, picture, toRgba(picture), 0, 0, width, height);
}

function drawWalk(canvas, { arrays: { pictures }, facts: { stops } }, s) {
  canvas.style.aspectRatio = `${pictures.shape[1]} / ${pictures.shape[0]}`;
  const { context, width, height } = prepare(canvas);
  drawPixels(context, pictures, toRgba(pictures), 0, 0, width, height);
  canvas.ariaLabel = `${stops} pictures between the two classes`;
  if (s === null) return;
  const x = ((s * (stops - 1) + 0.5) / stops) * width;
  for (const [color, wide] of [["#fff", 6], ["#000", 2]]) {
    context.fillStyle = color;
    context.fillRect(x - wide / 2, 0, wide, height);
  }
}

function showLabel(root, state, weights, s) {
  setHtml(root.querySelector(".ll-classes"), state.names.map(CLASS).join(""));
  setText(root.querySelector(".ll-told"), labelText(state));
  root.querySelectorAll(".ll-class").forEach((row, i) => {
    const slider = row.querySelector("input");
    slider.value = weights[i];
    slider.setAttribute("aria-valuetext", shareText(state.shares[i]) || "0%");
    setText(row.querySelector(".ll-share"), shareText(state.shares[i]));
    row.dataset.in = state.shares[i] > 0;
    row.querySelector("button").ariaLabel = `Only ${state.names[i]}`;
  });
  const classes = state.names.map((name, i) => [i, name]);
  setOptions(root.querySelector(".ll-from"), classes, state.ends[0]);
  setOptions(root.querySelector(".ll-to"), classes, state.ends[1]);
  const slider = root.querySelector(".ll-s");
  if (s !== null) slider.value = s;
  slider.setAttribute("aria-valuetext", s === null ? "the label is not on this walk" : `${Math.round(100 * s)}% ${state.names[state.ends[1]]}`);
}

/** Draw the strips that are named in `due`, as far as they are known. */
function drawStrips(root, known, s, due) {
  const frames = Object.fromEntries(Object.entries(known).filter(([name]) => due.has(name)));
  if (frames.classes) root.querySelectorAll(".ll-class canvas").forEach((canvas, i) => drawOne(canvas, frames.classes, i));
  if (frames.walk) drawWalk(root.querySelector(".ll-walk"), frames.walk, s);
  if (frames.sheet) {
    const buttons = Array.from({ length: frames.sheet.facts.stops }, (_, i) => `<button type="button" data-sample="${i}"
      aria-label="Sample ${i + 1}: put its z into the sliders"><canvas aria-hidden="true"></canvas></button>`);
    setHtml(root.querySelector(".ll-sheet"), buttons.join(""));
    root.querySelectorAll(".ll-sheet canvas").forEach((canvas, i) => drawOne(canvas, frames.sheet, i));
  }
  if (!frames.nearest) return;
  const { facts } = frames.nearest;
  setText(root.querySelector(".ll-near-words"), nearText(facts));
  const captions = facts.distances.map((distance, i) => `<figure><canvas role="img" aria-label="Training image, ${facts.named[i]}"></canvas>
    <figcaption>${distance.toFixed(2)} ${facts.named[i]}</figcaption></figure>`);
  setHtml(root.querySelector(".ll-near"), captions.join(""));
  root.querySelectorAll(".ll-near canvas").forEach((canvas, i) => drawOne(canvas, frames.nearest, i));
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "latent-labels gan-palette gan-plain";
  keepKeys(root);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Label, samples and nearest data");
  root.innerHTML = MARKUP;
  el.append(root);
  const frames = {};
  const names = ["classes", "walk", "sheet", "nearest"];
  const due = new Set(names); // what is to be drawn anew: a move of z shall not wait for all of it
  let shownAt; // where the mark stands on the walk
  let [underWay, sentAt, waiting, retry] = [false, 0, 0, 0];
  let ahead = {}; // what a hand moved, until the state has heard of it: weights by class, or s

  const send = sendWith(model);
  /** Send what a hand moved, unless the answer to the last move is still to come. */
  const flush = () => {
    if (ahead.number !== Infinity || (underWay && performance.now() - sentAt < PATIENCE_MS)) return;
    [underWay, sentAt] = [true, performance.now()];
    ahead.number = send(ahead.values ? { do: "weigh", values: ahead.values } : { do: "label_walk", s: ahead.s });
  };
  const draw = () => {
    waiting = 0;
    const state = model.get("state");
    if (!state.kind || !root.isConnected) return;
    root.hidden = state.kind !== "images";
    if (root.hidden) return;
    if (!root.clientWidth) return void (retry = setTimeout(redraw, RETRY_MS)); // hidden, as while a theme is changed
    root.querySelector(".ll-label").hidden = !state.names.length;
    root.querySelector(".ll-near-part").hidden = !state.knows_data;
    const s = ahead.s ?? (ahead.values ? null : state.s);
    if (state.names.length) showLabel(root, state, state.weights.map((w, i) => ahead.values?.[i] ?? w), s);
    if (s !== shownAt) due.add("walk");
    shownAt = s;
    drawStrips(root, frames, s, due);
    due.clear();
    root.dataset.heard = state.heard;
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const onState = () => {
    if (model.get("state").heard >= ahead.number) ahead = {};
    underWay = false;
    flush();
    redraw();
  };
  const onFrame = (name) => () => {
    if (model.get(name).byteLength) frames[name] = unpackFrame(model.get(name));
    due.add(name);
    redraw();
  };
  const moved = (change) => {
    ahead = { ...change, number: Infinity };
    flush();
    redraw();
  };
  /** Give a class a weight; the last one that has any keeps a little, for a label has to be something. */
  const weigh = (i, weight) => {
    const others = model.get("state").weights.some((w, j) => j !== i && (ahead.values?.[j] ?? w) > 0);
    moved({ values: { ...ahead.values, [i]: others ? weight : Math.max(weight, LEAST) } });
  };
  const wish = (message) => {
    [ahead, underWay] = [{}, false];
    send(message);
  };
  root.addEventListener("input", ({ target }) => {
    if (target.dataset.weight) weigh(Number(target.dataset.weight), target.valueAsNumber);
    else if (target.className === "ll-s") moved({ s: target.valueAsNumber });
  });
  root.addEventListener("change", ({ target }) => {
    if (target.tagName !== "SELECT") return;
    const ends = ["from", "to"].map((which) => Number(root.querySelector(`.ll-${which}`).value));
    wish({ do: "label_walk", s: root.querySelector(".ll-s").valueAsNumber, ends });
  });
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.class) wish({ do: "only", label: Number(button.dataset.class) });
    else if (button?.dataset.sample) wish({ do: "take", sample: Number(button.dataset.sample) });
    else if (button) wish({ do: "others" });
  });
  const pictures = Object.fromEntries(names.map((name) => [name, onFrame(name)]));
  const stopWatching = onNewLooks(root, () => {
    for (const name of names) due.add(name);
    redraw();
  });
  const goDeaf = hear(model, { state: onState, ...pictures });
  for (const take of Object.values(pictures)) take();

  return () => {
    goDeaf();
    stopWatching();
    cancelAnimationFrame(waiting);
    clearTimeout(retry);
    root.remove();
  };
}

export default { render };
