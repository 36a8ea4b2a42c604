// A game of two parameters: its flow, one run through it, and how far out it is. Python plays; this file draws.
import { Ahead } from "./ahead.mjs";
import { keepKeys, onNewLooks, setHtml, setText } from "./dom.mjs";
import { grouped } from "./drawing.mjs";
import { drawDistance, drawLine, drawPhase, fromPixels, gameColors, minus, pointsOf } from "./dynamics_drawing.mjs";
import { unpackFrame } from "./frame.mjs";

const RETRY_MS = 250; // while there is no room to draw in
const FURTHEST = 5; // a hand moves the start from -FURTHEST to FURTHEST
const START = { min: -FURTHEST, max: FURTHEST, step: 0.05 };
const ARROW_STEP = 0.1; // of an arrow key; with Shift, 1
const STEP_MS = 25; // of playing, unless the whole is then shorter or longer than this:
const [SHORTEST_MS, LONGEST_MS] = [2500, 8000];
const STILL_MS = 600; // of each picture for those who want nothing to move

/** Round to hundredths and stay where a hand may put the start. */
export const bounded = (v) => +Math.min(Math.max(v, -FURTHEST), FURTHEST).toFixed(2);

/** The sliders: how each reads its place from the settings, and what settings a place means. */
export const SLIDERS = {
  "step size h": {
    min: -2, max: 0, step: 0.01,
    read: ({ step_size }) => Math.log10(step_size),
    write: (place) => ({ step_size: +(10 ** place).toPrecision(3) }),
    text: ({ step_size }) => String(step_size),
  },
  "R1 γ": {
    min: 0, max: 2, step: 0.05,
    read: ({ r1_gamma }) => r1_gamma,
    write: (place) => ({ r1_gamma: place }),
    text: ({ r1_gamma }) => String(r1_gamma),
  },
  steps: {
    min: 10, max: 2000, step: 10,
    read: ({ steps }) => steps,
    write: (place) => ({ steps: place }),
    text: ({ steps }) => grouped(steps),
  },
  "start θ": {
    ...START,
    read: ({ start }) => start[0],
    write: (place, { start }) => ({ start: [place, start[1]] }),
    text: ({ start }) => minus(start[0].toFixed(2)),
  },
  "start ψ": {
    ...START,
    read: ({ start }) => start[1],
    write: (place, { start }) => ({ start: [start[0], place] }),
    text: ({ start }) => minus(start[1].toFixed(2)),
  },
};

/** A place in words. Python sends NaN for what is too far out to be drawn. */
export const placeText = ([theta, psi]) =>
  Number.isNaN(theta) ? "a place far outside" : minus(`θ = ${theta.toFixed(2)}, ψ = ${psi.toFixed(2)}`);

/** Where a key moves the start from [θ, ψ]; undefined for other keys. */
export function keyMove(key, shift, [theta, psi]) {
  const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
  const far = shift ? 1 : ARROW_STEP;
  return by && [bounded(theta + far * by[0]), bounded(psi + far * by[1])];
}

/** The step to show so many milliseconds after playing began at step `from`; `still`: in few jumps. */
export function stepAt(elapsed, from, last, still) {
  const length = Math.min(Math.max(last * STEP_MS, SHORTEST_MS), LONGEST_MS);
  const time = still ? Math.floor(elapsed / STILL_MS) * STILL_MS : elapsed;
  return Math.min(from + Math.floor((time / length) * last), last);
}

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <p class="dl-words" role="status"></p>
  <div class="dl-panels">
    <figure class="dl-phase"><figcaption></figcaption>
      <canvas tabindex="0" role="application" aria-roledescription="phase portrait"></canvas></figure>
    <div class="dl-side">
      <figure class="dl-distance"><figcaption></figcaption><canvas role="img"></canvas></figure>
      <figure class="dl-line"><figcaption>The <b class="dl-real">real</b> point at 0, the <b class="dl-fake">fake</b>
        at θ, and <b class="dl-d">D's logit</b> ψ·x over x</figcaption><canvas role="img"></canvas></figure>
    </div>
  </div>
  <div class="dl-time"><button type="button">Play</button>
    <label>time <input type="range" min="0" step="1"></label><span class="dl-value"></span></div>
  <div class="dl-settings">${Object.entries(SLIDERS)
    .map(([name, { min, max, step }]) => `<div><span>${name}</span>
      <input type="range" aria-label="${name}" min="${min}" max="${max}" step="${step}"><span class="dl-value"></span></div>`)
    .join("")}</div>`;

function showWords(root, { facts }, step, last) {
  const find = (selector) => root.querySelector(selector);
  const other = facts.both ? `; faint: ${facts.other}` : "";
  setHtml(find(".dl-phase figcaption"), `<b>Game: ${facts.describe}.</b> Drag the start ○. ● is the run, + the
    equilibrium; arrows: the way of very small steps${other}`);
  setHtml(find(".dl-distance figcaption"), `<b class="dl-run">Distance</b> from the equilibrium; dashed: theory, close to
    it${other}`);
  setText(find(".dl-words"), facts.words);
  find(".dl-line").hidden = !facts.points;
  const time = `step ${grouped(step)} of ${grouped(last)}`;
  Object.assign(find(".dl-time input"), { max: last, value: step });
  find(".dl-time input").setAttribute("aria-valuetext", time);
  find(".dl-time .dl-value").textContent = time;
}

function showSettings(root, settings) {
  for (const slider of root.querySelectorAll(".dl-settings input")) {
    const { read, text } = SLIDERS[slider.ariaLabel];
    slider.value = read(settings);
    slider.setAttribute("aria-valuetext", text(settings));
    slider.nextElementSibling.textContent = text(settings);
  }
}

function describe(root, { facts, arrays }, step, start) {
  const here = placeText(pointsOf(arrays.path, step).at(-1));
  const canvas = (name) => root.querySelector(`.dl-${name} canvas`);
  canvas("phase").ariaLabel = `θ across, ψ up, from −${facts.reach} to ${facts.reach}. The run starts at
    ${placeText(start)}; at step ${step} it is at ${here}.
    Arrow keys move the start by ${ARROW_STEP}, with Shift by 1.`;
  canvas("distance").ariaLabel = `Distance from the equilibrium over the steps. ${facts.words}`;
  canvas("line").ariaLabel = `Real point at 0, fake point at θ, D's logit with slope ψ: ${here}`;
}

/** What a hand does on the portrait becomes starts: moved([θ, ψ], held). */
function listen(canvas, scale, start, moved) {
  const place = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return fromPixels(...scale(), [event.clientX - left, event.clientY - top]).map(bounded);
  };
  canvas.addEventListener("pointerdown", (event) => (canvas.setPointerCapture(event.pointerId), moved(place(event), true)));
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && moved(place(event), true));
  canvas.addEventListener("lostpointercapture", () => moved(start(), false));
  canvas.addEventListener("keydown", (event) => {
    const to = keyMove(event.key, event.shiftKey, start());
    if (!to) return;
    event.preventDefault();
    moved(to, false);
  });
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "dynamics-canvas gan-palette";
  keepKeys(root);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "A game of two parameters");
  root.innerHTML = MARKUP;
  el.append(root);
  const [button, range, canvas] = [".dl-time button", ".dl-time input", ".dl-phase canvas"].map((s) => root.querySelector(s));
  let [frame, box] = [];
  let held = false; // whether a hand drags the start
  const ahead = new Ahead((message) => model.send({ ...message, held }));
  let time = Infinity; // the step shown, or the last one if that is earlier
  let playing; // since when and from which step, while it plays
  let [waiting, retry] = [0, 0];

  const settings = () => ({ ...frame.facts, ...ahead.set });
  const last = () => frame.arrays.distance.data.length - 1;
  const advance = () => {
    if (!playing) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    time = stepAt(performance.now() - playing.since, playing.from, last(), still);
    if (time === last()) playing = undefined;
    else redraw();
  };
  const draw = () => {
    waiting = 0;
    if (!frame || !root.isConnected) return;
    if (!root.clientWidth) return void (retry = setTimeout(redraw, RETRY_MS)); // hidden, as while a theme is changed
    advance();
    const [step, colors] = [Math.min(time, last()), gameColors(root)];
    showWords(root, frame, step, last());
    button.textContent = playing ? "Pause" : "Play";
    showSettings(root, settings());
    box = drawPhase(canvas, frame, step, settings().start, colors);
    drawDistance(root.querySelector(".dl-distance canvas"), frame, step, colors);
    if (frame.facts.points) drawLine(root.querySelector(".dl-line canvas"), frame, step, colors);
    describe(root, frame, step, settings().start);
    Object.assign(root.dataset, { game: frame.facts.game, step, last: last(), heard: frame.facts.heard });
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const onFrame = () => {
    if (model.get("frame").byteLength) frame = unpackFrame(model.get("frame"));
    if (frame) ahead.heard(frame.facts.heard);
    redraw();
  };
  const moved = (changes, drags) => {
    held = drags;
    ahead.push(changes);
    redraw();
  };
  listen(canvas, () => [box, frame.facts.reach], () => settings().start, (start, held) => moved({ start }, held));
  root.querySelector(".dl-settings").addEventListener("input", ({ target }) => {
    moved(SLIDERS[target.ariaLabel].write(target.valueAsNumber, settings()), false);
  });
  range.addEventListener("input", () => {
    [time, playing] = [range.valueAsNumber === last() ? Infinity : range.valueAsNumber, undefined];
    redraw();
  });
  button.addEventListener("click", () => {
    playing = playing ? undefined : { since: performance.now(), from: time < last() ? time : 0 };
    redraw();
  });
  const stopWatching = onNewLooks(root, redraw);
  model.on("change:frame", onFrame);
  onFrame();

  return () => {
    ahead.close();
    clearTimeout(retry);
    cancelAnimationFrame(waiting);
    stopWatching();
    model.off("change:frame", onFrame);
    root.remove();
  };
}

export default { render };
