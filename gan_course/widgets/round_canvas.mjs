// One round of training by hand: five buttons and what they do. Python trains; this file draws and hands on presses.
import { keepKeys, onNewLooks, setHtml, setText } from "./dom.mjs";
import { unpackFrame } from "./frame.mjs";
import { drawNoise, drawTable, drawVerdicts, drawWeights, roundColors } from "./round_drawing.mjs";

const BETWEEN_MS = 900; // between two steps while a whole round plays
const ROOMLESS_MS = 250; // while there is no room to draw in

/** The buttons: [step, its name]. */
export const STEP_NAMES = [
  ["real", "real x"], ["noise", "noise z"], ["fake", "fake G(z)"], ["judge", "judge"], ["update", "update"],
];

/** What a button is now: "next", "done", "needless" or "later". */
export function standing(step, { next, done, turn }) {
  if (step === next) return "next";
  if (turn === "G" && step === "real") return "needless";
  return done.includes(step) ? "done" : "later";
}

const SAID = { next: "next", done: "done", needless: "not needed in G's turn", later: "not yet" };

/** The line above the buttons. */
export const turnText = ({ turn, round }) =>
  `Round ${round} · ${turn === "D" ? "D’s turn: it learns to tell real from fake" : "G’s turn: it learns to be taken for real"}`;

const SIZE_OF = { G: 42, D: 33 };

/** What the weights of a network did, in words. */
export function movedText(name, { learned, moved }) {
  if (!learned) return `no update yet, ${SIZE_OF[name]} weights as they began`;
  return `${moved[name]} of ${SIZE_OF[name]} weights moved`;
}

/** Whether to press the next step of a round that plays. */
export const goesOn = (playing, { round }) => playing === round;

// ---- the page -----------------------------------------------------------------------------------------------------

const node = (part, name, about) => `<span class="rl-node" data-part="${part}"><b>${name}</b><small>${about}</small></span>`;
const arrow = (text) => `<span class="rl-arrow" aria-hidden="true">${text}</span>`;
const figure = (name, caption) =>
  `<figure class="rl-${name}"><figcaption>${caption}</figcaption><canvas role="img"></canvas></figure>`;

const PAGE = `
  <p class="rl-words" role="status"></p>
  <div class="rl-head"><strong class="rl-turn"></strong>
    <span class="rl-more"><button type="button" data-press="whole">Whole round</button>
    <button type="button" data-press="restart">Again from the start</button></span></div>
  <div class="rl-steps" role="group" aria-label="The steps of a round">
    ${STEP_NAMES.map(([step, name], i) => `<button type="button" data-press="${step}"><span class="rl-number">${i + 1}</span>
      ${name}</button>`).join("")}</div>
  <div class="rl-diagram" role="img">
    ${node("z", "noise z", "16 × 2")}${arrow("→")}${node("G", "G", "42 weights")}${arrow("→")}
    ${node("fake", "fake G(z)", "16 × 2")}${arrow("→")}${node("D", "D", "33 weights")}${arrow("←")}
    ${node("x", "real x", "16 × 2")}</div>
  <div class="rl-panels">
    <div class="rl-left">
      ${figure("noise", "Noise z, chance alone")}
      ${figure("verdicts", `D’s verdicts, 0 fake to 1 real: <b class="rl-real">● x</b>, <b class="rl-fake">■ G(z)</b>; bars: means`)}
    </div>
    ${figure("table", "")}
    <div class="rl-weights"><p class="rl-about"></p>${figure("G", "")}${figure("D", "")}</div>
  </div>
  <dl class="rl-numbers">${[["d_real", "mean D(x)"], ["d_fake", "mean D(G(z))"], ["d_loss", "d_loss"], ["g_loss", "g_loss"]]
    .map(([name, text]) => `<div data-name="${name}"><dt>${text}</dt><dd></dd></div>`).join("")}</dl>`;

function showSteps(root, facts, playing) {
  setText(root.querySelector(".rl-turn"), turnText(facts));
  for (const button of root.querySelectorAll(".rl-steps button")) {
    const now = standing(button.dataset.press, facts);
    button.dataset.standing = now;
    button.ariaLabel = `${button.textContent.replace(/\s+/g, " ").trim()}, ${SAID[now]}`;
    now === "next" ? button.setAttribute("aria-current", "step") : button.removeAttribute("aria-current");
  }
  setText(root.querySelector("[data-press=whole]"), goesOn(playing, facts) ? "Stop" : "Whole round");
}

function showDiagram(root, { lit, updated, turn }) {
  for (const part of root.querySelectorAll(".rl-node")) {
    part.dataset.lit = lit.includes(part.dataset.part);
    part.dataset.learned = updated === part.dataset.part;
    part.dataset.needless = part.dataset.part === "x" && turn === "G" && !updated;
  }
  const acting = lit.length ? `; acting now: ${lit.join(", ")}` : "";
  const learned = updated ? `, which has just learned` : "";
  root.querySelector(".rl-diagram").ariaLabel = `Noise z goes into G, G makes fakes, D judges fakes and real points${acting}${learned}`;
}

function showWords(root, { facts, arrays }) {
  const find = (selector) => root.querySelector(selector);
  setText(find(".rl-words"), facts.words);
  find(".rl-words").dataset.refused = facts.refused;
  const field = arrays.field ? `; the ground: D’s verdict, <span class="rl-key-real">real</span> to <span class="rl-key-fake">fake</span>` : "";
  const went = arrays.fakes_now && facts.updated === "G" ? "; □ to ■: G’s step" : "";
  setHtml(find(".rl-table figcaption"), `<b class="rl-real">● real x</b> and <b class="rl-fake">■ fake G(z)</b>${field}${went}`);
  setText(find(".rl-about"), facts.learned
    ? `${facts.learned} learned in the last update. The stronger a cell’s colour, the more its weight changed.`
    : "A cell for every weight: a column a hidden unit. It takes colour when an update changes the weight.");
  for (const name of "GD") setHtml(find(`.rl-${name} figcaption`), `<b class="rl-name-${name}">${name}</b>: ${movedText(name, facts)}`);
  for (const [name, text] of Object.entries(facts.numbers)) setText(find(`[data-name=${name}] dd`), text.replace("-", "−"));
}

function describePictures(root, { facts, arrays }) {
  const canvas = (name) => root.querySelector(`.rl-${name} canvas`);
  const lies = (array, what) => (array ? `${array.shape[0]} ${what}` : `no ${what}`);
  canvas("noise").ariaLabel = lies(arrays.z, "noise points");
  canvas("table").ariaLabel = `${lies(arrays.x, "real points")}, ${lies(arrays.fakes, "fakes")}. ${facts.words}`;
  const { d_real, d_fake } = facts.numbers;
  canvas("verdicts").ariaLabel = arrays.fake_verdicts ? `D's verdicts when asked: mean D(x) ${d_real}, mean D(G(z)) ${d_fake}` : "no verdict";
  for (const name of "GD") canvas(name).ariaLabel = `Weights of ${name}: ${movedText(name, facts)}`;
}

function drawAll(root, frame, playing) {
  const colors = roundColors(root);
  const canvas = (name) => root.querySelector(`.rl-${name} canvas`);
  showWords(root, frame);
  showSteps(root, frame.facts, playing);
  showDiagram(root, frame.facts);
  drawNoise(canvas("noise"), frame, colors);
  drawVerdicts(canvas("verdicts"), frame, colors);
  drawTable(canvas("table"), frame, colors);
  for (const name of "GD") drawWeights(canvas(name), name, frame.arrays[`change_${name}`], colors);
  describePictures(root, frame);
  const { turn, round, next, updated } = frame.facts;
  Object.assign(root.dataset, { turn, round, next, updated });
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "round-canvas gan-palette";
  keepKeys(root);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "One round of training by hand");
  root.innerHTML = PAGE;
  el.append(root);
  let [frame, playing, waiting, retry, upcoming] = [undefined, 0, 0, 0, 0];

  const press = (what) => model.send({ press: what });
  const draw = () => {
    waiting = 0;
    if (!frame || !root.isConnected) return;
    if (!root.clientWidth) return void (retry = setTimeout(redraw, ROOMLESS_MS)); // hidden, as while a theme is changed
    drawAll(root, frame, playing);
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const onFrame = () => {
    if (model.get("frame").byteLength) frame = unpackFrame(model.get("frame"));
    clearTimeout(upcoming);
    if (frame && goesOn(playing, frame.facts)) upcoming = setTimeout(() => press(frame.facts.next), BETWEEN_MS);
    else playing = 0;
    redraw();
  };
  const stop = () => {
    clearTimeout(upcoming);
    playing = 0;
  };
  const playRound = () => {
    if (playing) return stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return press("whole");
    playing = frame.facts.round;
    press(frame.facts.next);
  };
  root.addEventListener("click", ({ target }) => {
    const what = target.closest("button")?.dataset.press;
    if (!what || !frame) return;
    if (what === "whole") playRound();
    else {
      stop();
      press(what);
    }
    redraw();
  });
  const stopWatching = onNewLooks(root, redraw);
  model.on("change:frame", onFrame);
  onFrame();

  return () => {
    stop();
    clearTimeout(retry);
    cancelAnimationFrame(waiting);
    stopWatching();
    model.off("change:frame", onFrame);
    root.remove();
  };
}

export default { render };
