// Draws the frames of a GAN run. Python decides what is true; this file only puts it on the page.
import { colorsOf, nameHandles, onNewLooks, setHtml, setText } from "./dom.mjs";
import { drawChart, drawPicture, extent, grouped } from "./drawing.mjs";
import { unpackFrame } from "./frame.mjs";
import { drawHistograms, drawModes, drawPlane } from "./gan_panels.mjs";
import { showQuality } from "./gan_quality.mjs";

const QUIET_MS = 6000; // no frame and no heartbeat for this long: say so
const CLOCK_MS = 500;
const COLORS = ["real", "fake", "other", "d", "g", "text", "grid", "field-fake", "field-middle", "field-real", "mark", "danger"];
const ACKNOWLEDGE = 4; // every so many frames, tell the kernel which one was drawn

/** What the status line says. `silence` is the time without a sign of life, in milliseconds. */
export function statusText(facts, silence, fps = 0, recorded = false) {
  if (silence > QUIET_MS)
    return `No news for ${Math.round(silence / 1000)} s: the kernel is busy or gone. If it was restarted, run the cell again.`;
  return `Step ${grouped(facts.step)} · ${doing(facts, fps, recorded)} · ${facts.d_steps} D : ${facts.g_steps} G · ${facts.loss}`;
}

function doing(facts, fps, recorded) {
  const rounds = `${facts.rate >= 10 ? Math.round(facts.rate) : facts.rate} rounds`;
  if (recorded) return `recorded at ${rounds} a second`;
  if (facts.looking) return "the past";
  if (!facts.playing) return "paused";
  return facts.slow ? "training in slow motion" : `training, ${rounds} and ${fps} frames a second`;
}

const TURNS = {
  D: "D has just learned: it saw real points and fakes, and moved its verdict up for the one and down for the other.",
  G: "G has just learned: each of its samples moved (line) to where D, standing still, is easier to convince.",
};

/** The line under the status: whose turn it is in slow motion, else what the run suffers from. */
export const wordsText = (facts) => TURNS[facts.phase] ?? facts.diagnosis ?? "";

/** How many of `times` (milliseconds, the newest last) lie in the second before `now`. */
export const rateOf = (times, now) => times.filter((t) => now - t <= 1000).length;

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <div class="gc-status"><span class="gc-light"></span><span class="gc-text" role="status"></span></div>
  <div class="gc-words" aria-live="polite"></div>
  <div class="gc-alarm" role="status" hidden></div>
  <div class="gc-error" role="alert" hidden></div>
  <div class="gc-panels">
    <div class="gc-left">
    <figure class="gc-main"><figcaption></figcaption><canvas role="img"></canvas></figure>
    <figure class="gc-other"><figcaption></figcaption><canvas role="img"></canvas></figure>
    <figure class="gc-classes" hidden><figcaption></figcaption><canvas role="img"></canvas></figure>
    <figure class="gc-fids" hidden><figcaption></figcaption><canvas role="img"></canvas></figure>
    </div>
    <div class="gc-side">
    <figure class="gc-latent"><figcaption>G(z) of the chosen z</figcaption><canvas role="img"></canvas></figure>
    <figure class="gc-verdicts"><figcaption>What D says on average:
      <b class="gc-real">D(x)</b>, real · <b class="gc-fake">D(G(z))</b>, fake<span class="gc-dashed"></span></figcaption>
      <canvas role="img"></canvas></figure>
    <figure class="gc-shares"><figcaption>How its verdicts spread now</figcaption><canvas role="img"></canvas></figure>
    <figure class="gc-modes" hidden><figcaption></figcaption>
      <div><canvas role="img"></canvas><canvas role="img"></canvas></div></figure>
    <figure class="gc-losses"><figcaption>Losses: <b class="gc-d">d_loss</b> · <b class="gc-g">g_loss</b><span class="gc-dashed">
      </span></figcaption><canvas role="img"></canvas></figure>
    </div>
  </div>`;

const LAYERS = {
  real: '<b class="gc-real">real points</b>',
  fake: '<b class="gc-fake">fake points</b>',
  field: "D’s verdict (blue: real, orange: fake)",
  arrows: "arrows: where G’s loss pushes",
  warp: "the latent grid",
  real_density: "densities",
};

/** What the main picture shows, in words with marks. */
export function caption(kind, arrays) {
  if (kind === "images") return "What G makes, from the same z each time";
  const shown = Object.keys(LAYERS).filter((name) => arrays[name]).map((name) => LAYERS[name]);
  return [...shown, "○ G(z) of the chosen z"].join(" · ");
}

/** The modes in words with marks. */
export const modesText = ({ modes, modes_1_percent, modes_of, high_quality }) =>
  `<b class="gc-covered">Modes covered</b>: ${modes} of ${modes_of} (${modes_1_percent} with at least 1 % of the samples) ·
  <b class="gc-fake">high quality</b>: ${Math.round(100 * high_quality)} %`;

/** The curves of a chart: one run's, and dashed those of the run beside it. */
export function lines(arrays, names, colors) {
  const own = names.map(([name, color]) => [arrays[name].data, colors[color]]);
  if (!arrays.other_step) return own;
  return [...own, ...names.map(([name, color]) => [arrays[`other_${name}`].data, colors[color], [4, 3], arrays.other_step.data])];
}

/** Put one frame on the page. */
export function drawFrame(root, { facts, arrays }) {
  const colors = colorsOf(root, "gan", COLORS);
  const canvas = (name) => root.querySelector(`.gc-${name} canvas`);
  Object.assign(root.dataset, { kind: facts.kind, step: facts.step, phase: facts.phase, looking: facts.looking });
  Object.assign(root.dataset, { beside: Boolean(facts.compared), z: facts.z, ratio: `${facts.d_steps}:${facts.g_steps}` });
  setHtml(root.querySelector(".gc-main figcaption"), caption(facts.kind, arrays));
  showOther(root, facts);
  if (facts.kind === "images") {
    drawPicture(canvas("main"), arrays.grid);
    drawPicture(canvas("latent"), arrays.picture);
    if (arrays.other_grid) drawPicture(canvas("other"), arrays.other_grid);
  } else drawPlane(canvas("main"), arrays, facts.bounds, colors);
  const verdicts = lines(arrays, [["d_real", "real"], ["d_fake", "fake"]], colors);
  const losses = lines(arrays, [["d_loss", "d"], ["g_loss", "g"]], colors);
  drawChart(canvas("verdicts"), arrays.step.data, verdicts, [0, 1], colors, 0.5);
  drawHistograms(canvas("shares"), arrays.real_shares, arrays.fake_shares, colors);
  drawChart(canvas("losses"), arrays.step.data, losses, extent(losses.map(([values]) => values)), colors);
  showModes(root, facts, arrays, colors);
  showQuality(root, facts, arrays, colors);
  describe(canvas, facts, arrays);
}

/** How many modes are covered over time, how many samples are good, and each mode's share; hidden for other data. */
function showModes(root, facts, arrays, colors) {
  const figure = root.querySelector(".gc-modes");
  figure.hidden = facts.modes === undefined;
  root.dataset.modes = facts.modes ?? "";
  if (figure.hidden) return;
  setHtml(figure.querySelector("figcaption"), modesText(facts));
  const [chart, bars] = figure.querySelectorAll("canvas");
  const own = [[arrays.modes_covered.data, colors.other], [arrays.high_quality.data, colors.fake]];
  const other = arrays.other_mode_step?.data;
  const beside = other ? [[arrays.other_modes_covered.data, colors.other, [4, 3], other]] : [];
  drawChart(chart, arrays.mode_step.data, [...own, ...beside], [0, 1], colors);
  drawModes(bars, arrays.mode_shares, colors);
  chart.ariaLabel = `Share of modes covered and of high-quality samples over the steps. ${figure.innerText}`;
  bars.ariaLabel = `Share of the samples at each mode: ${Array.from(arrays.mode_shares.data, (s) => `${Math.round(100 * s)} %`).join(", ")}`;
}

function showOther(root, { compared, kind }) {
  for (const place of root.querySelectorAll(".gc-dashed")) place.textContent = compared ? ` · dashed: ${compared}` : "";
  const crosses = kind === "points" && compared ? `<b class="gc-beside">×</b> the fakes of ${compared}` : "";
  root.querySelector(".gc-other figcaption").innerHTML = kind === "images" ? (compared ?? "") : crosses;
}

/** Words for those who do not see the pictures. */
function describe(canvas, facts, arrays) {
  const last = (name) => (arrays[name].data.length ? arrays[name].data.at(-1).toFixed(2) : "none");
  canvas("main").ariaLabel =
    facts.kind === "images" ? `A grid of generated images at step ${facts.step}` : `Real and fake points at step ${facts.step}`;
  canvas("latent").ariaLabel = "The image made from the chosen z";
  canvas("other").ariaLabel = `The samples of ${facts.compared}`;
  canvas("verdicts").ariaLabel = `Mean D of real ${last("d_real")}, of fake ${last("d_fake")}`;
  canvas("shares").ariaLabel = "Histograms of D's verdict on real and on fake samples";
  canvas("losses").ariaLabel = `d_loss ${last("d_loss")}, g_loss ${last("g_loss")}`;
}

function showStatus(root, facts, silence, fps, recorded) {
  setText(root.querySelector(".gc-text"), statusText(facts, silence, fps, recorded));
  setText(root.querySelector(".gc-words"), wordsText(facts));
  const alarm = root.querySelector(".gc-alarm");
  alarm.hidden = !facts.alarm;
  setText(alarm, facts.alarm ?? "");
  const error = root.querySelector(".gc-error");
  error.hidden = !facts.message;
  setText(error, facts.message);
  root.querySelector(".gc-light").dataset.state = silence > QUIET_MS ? "silent" : facts.playing && !recorded ? "playing" : "paused";
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "gan-canvas gan-palette";
  root.setAttribute("role", "group");
  const recorded = Boolean(model.get("recorded")); // played back, with no kernel behind it
  root.setAttribute("aria-label", recorded ? "Recorded GAN training" : "Live GAN training");
  root.innerHTML = MARKUP;
  el.append(root);
  let frame;
  let heard = Date.now();
  let waiting = 0;
  let owed = false; // a picture that could not be drawn yet
  let drawn = []; // when the last pictures came

  const draw = () => {
    waiting = 0;
    if (!frame || !root.clientWidth) return; // no room on the page: the clock tries again
    drawFrame(root, frame);
    owed = false;
    drawn = [...drawn.filter((t) => heard - t <= 1000), heard];
    tell();
    if (frame.facts.number % ACKNOWLEDGE === 0) {
      model.set("drawn", frame.facts.number);
      model.save_changes();
    }
  };
  const redraw = () => {
    owed = true;
    waiting ||= requestAnimationFrame(draw);
  };
  const tell = () => showStatus(root, frame.facts, Date.now() - heard, rateOf(drawn, Date.now()), recorded);
  const onFrame = () => {
    heard = Date.now();
    const bytes = model.get("frame");
    if (bytes.byteLength) frame = unpackFrame(bytes);
    redraw();
  };
  const onBeat = () => (heard = Date.now());
  const clock = setInterval(() => {
    if (!frame) return;
    const lab = root.closest(".gan-lab");
    if (lab) nameHandles(lab);
    tell();
    if (owed) redraw();
  }, CLOCK_MS);
  const stopWatching = onNewLooks(root, redraw);
  model.on("change:frame", onFrame);
  model.on("change:beat", onBeat);
  onFrame();

  return () => {
    clearInterval(clock);
    cancelAnimationFrame(waiting);
    stopWatching();
    model.off("change:frame", onFrame);
    model.off("change:beat", onBeat);
    root.remove();
  };
}

export default { render };
