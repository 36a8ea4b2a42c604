// The value function term by term, and G's two losses. What a slider says is drawn at once; the live run is Python's.
import { Ahead } from "./ahead.mjs";
import { keepKeys, onNewLooks, setHtml, setText } from "./dom.mjs";
import { drawChart, grouped } from "./drawing.mjs";
import { unpackFrame } from "./frame.mjs";
import {
  FARTHEST_LOGIT, barsOf, drawBars, drawByLogit, logitAt, objectiveColors,
} from "./objective_drawing.mjs";
import {
  digitsText, fixedText, generatorLosses, generatorPulls, logistic, logitOf, objectiveWords, pullRatio, ratioText,
  valueTerms,
} from "./objective_maths.mjs";

const SILENT_MS = 6000; // no frame and no heartbeat for this long: say so
const TICK_MS = 500;
const TELL_EVERY = 4; // every so many frames, tell the kernel which one was drawn
const RATIOS = ["1:5", "1:1", "5:1", "1:0"]; // at 1:0 D learns alone
const [KEY_STEP, KEY_LEAP] = [0.1, 1]; // of an arrow key on the chart; with Shift, or of Page Up and Down

/** How the sliders are scaled in each form, and how a verdict is read from them and written to them. */
export const SCALES = {
  probability: { min: 0.001, max: 0.999, step: 0.001, place: (d) => d, verdict: (place) => place, text: (d) => digitsText(d) },
  logit: {
    min: -FARTHEST_LOGIT, max: FARTHEST_LOGIT, step: 0.1,
    place: logitOf, verdict: logistic, text: (d) => fixedText(logitOf(d), 2),
  },
};

/** Where a key moves the mark on the chart from this logit; undefined for other keys. */
export function keyLogit(key, shift, logit) {
  const ends = { Home: -FARTHEST_LOGIT, End: FARTHEST_LOGIT };
  const by = { ArrowLeft: -KEY_STEP, ArrowDown: -KEY_STEP, ArrowRight: KEY_STEP, ArrowUp: KEY_STEP }[key];
  const leap = { PageDown: -KEY_LEAP, PageUp: KEY_LEAP }[key] ?? (by && shift ? Math.sign(by) * KEY_LEAP : by);
  const to = ends[key] ?? (leap && logit + leap);
  return to === undefined ? undefined : +Math.min(Math.max(to, -FARTHEST_LOGIT), FARTHEST_LOGIT).toFixed(2);
}

/** What the line about the live run says. `silence`: milliseconds without a sign of life. */
export const liveText = ({ live_words, message }, silence) =>
  silence > SILENT_MS
    ? `No news for ${Math.round(silence / 1000)} s: the kernel is busy or gone. If it was restarted, run the cell again.`
    : message || live_words;

// ---- the page -----------------------------------------------------------------------------------------------------

const verdictRow = (name, text, kind) => `<label class="ol-${kind}"><span>${text}</span>
  <input type="range" data-setting="${name}" aria-label="${text}"><output></output></label>`;
const radios = (legend, values, data) => `<fieldset><legend>${legend}</legend>${values
  .map((value) => `<label><input type="radio" data-${data}="${value}">${value}</label>`).join("")}</fieldset>`;

const SHEET = `
  <p class="ol-words" role="status"></p>
  <div class="ol-value">
    <div class="ol-sliders">
      ${radios("written as", ["probability", "logit"], "form")}
      ${verdictRow("d_real", "D(x)", "real")}
      ${verdictRow("d_fake", "D(G(z))", "fake")}
      <p class="ol-formula"></p>
    </div>
    <figure class="ol-bars"><figcaption></figcaption><canvas role="img"></canvas></figure>
  </div>
  <p class="ol-about">Below, what G makes of D(G(z)): drag the line, it is the slider above.
    <b class="ol-minimax">┅ saturating, log(1 − D)</b> · <b class="ol-non-saturating">━ non-saturating, −log D</b> ·
    <b class="ol-live">▲ live run</b>, its fakes <b class="ol-fakes">|</b></p>
  <div class="ol-charts">
    <figure class="ol-losses"><figcaption></figcaption><canvas tabindex="0" role="slider"></canvas></figure>
    <figure class="ol-pulls"><figcaption></figcaption><canvas tabindex="0" role="slider"></canvas></figure>
  </div>
  <div class="ol-run">
    <div><div class="ol-controls"><button type="button"></button>${radios("D : G", RATIOS, "ratio")}</div>
      <p class="ol-status"></p>
      <p class="ol-hint">Play, then choose 1:0, where D learns alone: the ▲ wanders to the left, where the saturating loss pulls
        more and more weakly. Back at 1:1, does it return?</p></div>
    <figure class="ol-history"><figcaption>Live run, mean verdicts: <b class="ol-real">D(x)</b>, <b class="ol-fake">D(G(z))</b></figcaption>
      <canvas role="img"></canvas></figure>
  </div>`;

const FORMULAS = {
  probability: "V(D, G) = log D(x) + log(1 − D(G(z)))",
  logit: "−V = softplus(−logit of x) + softplus(logit of G(z)), with D = σ(logit)",
};

function showVerdicts(root, settings) {
  const scale = SCALES[settings.form];
  for (const input of root.querySelectorAll("[data-setting]")) {
    const value = settings[input.dataset.setting];
    const text = scale.text(value);
    Object.assign(input, { min: scale.min, max: scale.max, step: scale.step, value: scale.place(value) });
    input.setAttribute("aria-valuetext", `${settings.form} ${text}`);
    setText(input.nextElementSibling, text);
  }
  for (const radio of root.querySelectorAll("[data-form]")) radio.checked = radio.dataset.form === settings.form;
  setText(root.querySelector(".ol-words"), objectiveWords(settings));
  setText(root.querySelector(".ol-formula"), FORMULAS[settings.form]);
  const half = settings.form === "probability" ? "−log 4 = −1.386" : "log 4 = 1.386";
  setText(root.querySelector(".ol-bars figcaption"), `Each term; dashed: ${half}, where D says ½ to both`);
}

function showPulls(root, logit) {
  const [losses, pulls] = [generatorLosses(logit), generatorPulls(logit)];
  const find = (name) => root.querySelector(`.ol-${name}`);
  const both = (text, values) => ["minimax", "non-saturating"].map((name) => `<b class="ol-${name}">${text(values[name])}</b>`).join(" and ");
  setHtml(find("losses figcaption"), `The loss of G: ${both((v) => fixedText(v, 3), losses)}`);
  setHtml(find("pulls figcaption"), `How hard it pulls: ${both(digitsText, pulls)}, ratio <b>e<sup>${fixedText(-logit, 2)}</sup> = ` +
    `${ratioText(pullRatio(logit))}</b>`);
  for (const [name, what] of [["losses", "losses of G"], ["pulls", "gradients of G's losses"]]) {
    const canvas = find(`${name} canvas`);
    canvas.ariaLabel = `D's logit of a fake, with the ${what}`;
    Object.assign(canvas, { ariaValueMin: -FARTHEST_LOGIT, ariaValueMax: FARTHEST_LOGIT, ariaValueNow: fixedText(logit, 2).replace("−", "-") });
    canvas.ariaValueText = `logit ${fixedText(logit, 2)}, D(G(z)) ${digitsText(logistic(logit))}. ${find(`${name} figcaption`).textContent}`;
  }
}

function showLive(root, { facts, arrays }, colors) {
  setText(root.querySelector(".ol-run button"), facts.playing ? "Pause" : "Play");
  for (const radio of root.querySelectorAll("[data-ratio]")) radio.checked = radio.dataset.ratio === facts.ratio;
  const canvas = root.querySelector(".ol-history canvas");
  const curves = [[arrays.d_real.data, colors.real], [arrays.d_fake.data, colors.fake]];
  drawChart(canvas, arrays.step.data, curves, [0, 1], colors, 0.5);
  canvas.ariaLabel = `Mean D(x) and D(G(z)) over ${grouped(facts.step)} steps. ${facts.live_words}`;
}

function drawSheet(root, frame, settings) {
  const [colors, terms, logit] = [objectiveColors(root), valueTerms(settings), logitOf(settings.d_fake)];
  const canvas = (name) => root.querySelector(`.ol-${name} canvas`);
  showVerdicts(root, settings);
  showPulls(root, logit);
  drawBars(canvas("bars"), settings, terms, colors);
  canvas("bars").ariaLabel = barsOf(settings, terms).map(([name, value]) => `${name}: ${fixedText(value, 3)}`).join("; ");
  drawByLogit(canvas("losses"), generatorLosses, [-10, 10], logit, frame, colors);
  drawByLogit(canvas("pulls"), generatorPulls, [0, 1], logit, frame, colors);
  showLive(root, frame, colors);
}

/** What a hand does on a chart becomes logits: moved(logit). */
function listenTo(canvas, now, moved) {
  const place = (event) => logitAt(event.clientX - canvas.getBoundingClientRect().left, canvas.clientWidth);
  canvas.addEventListener("pointerdown", (event) => (canvas.setPointerCapture(event.pointerId), moved(place(event))));
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && moved(place(event)));
  canvas.addEventListener("keydown", (event) => {
    const to = keyLogit(event.key, event.shiftKey, now());
    if (to === undefined) return;
    event.preventDefault();
    moved(to);
  });
}

/** One name for the choices of a group, so that arrow keys move among them; no other lab on the page has it. */
function nameRadios(root) {
  for (const group of root.querySelectorAll("fieldset")) {
    const name = `choice ${Math.random()}`;
    for (const radio of group.querySelectorAll("input")) radio.name = name;
  }
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "objective-canvas gan-palette";
  keepKeys(root);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "The objective, term by term");
  root.innerHTML = SHEET;
  nameRadios(root);
  el.append(root);
  let [frame, waiting, lifeAt] = [undefined, 0, Date.now()];
  let owed = false; // a picture that could not be drawn yet
  const ahead = new Ahead((message) => model.send(message));

  const settings = () => ({ ...frame.facts, ...ahead.set });
  const moved = (changes) => {
    ahead.push(changes);
    redraw();
  };
  const tell = () => frame && setText(root.querySelector(".ol-status"), liveText(frame.facts, Date.now() - lifeAt));
  const draw = () => {
    waiting = 0;
    if (!frame || !root.clientWidth) return; // no room on the page: the clock tries again
    owed = false;
    drawSheet(root, frame, settings());
    tell();
    const { step, live, playing, ratio, heard, number } = frame.facts;
    Object.assign(root.dataset, { step, live: live ?? "", playing, ratio, heard });
    if (number % TELL_EVERY) return;
    model.set("drawn", number);
    model.save_changes();
  };
  const redraw = () => {
    owed = true;
    waiting ||= requestAnimationFrame(draw);
  };
  const onFrame = () => {
    lifeAt = Date.now();
    if (model.get("frame").byteLength) frame = unpackFrame(model.get("frame"));
    if (frame) ahead.heard(frame.facts.heard);
    redraw();
  };
  const onBeat = () => (lifeAt = Date.now());
  const clock = setInterval(() => (owed ? redraw() : tell()), TICK_MS);
  for (const canvas of root.querySelectorAll(".ol-charts canvas"))
    listenTo(canvas, () => logitOf(settings().d_fake), (logit) => moved({ d_fake: logistic(logit) }));
  root.addEventListener("input", ({ target }) => {
    const { setting, form, ratio } = target.dataset;
    if (setting) moved({ [setting]: SCALES[settings().form].verdict(target.valueAsNumber) });
    else if (form) moved({ form });
    else model.send({ ratio: ratio.split(":").map(Number) });
  });
  root.querySelector(".ol-run button").addEventListener("click", () => model.send({ play: !frame.facts.playing }));
  const stopWatching = onNewLooks(root, redraw);
  model.on("change:frame", onFrame);
  model.on("change:beat", onBeat);
  onFrame();

  return () => {
    ahead.close();
    clearInterval(clock);
    cancelAnimationFrame(waiting);
    stopWatching();
    model.off("change:frame", onFrame);
    model.off("change:beat", onBeat);
    root.remove();
  };
}

export default { render };
