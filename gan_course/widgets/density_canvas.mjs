// Two densities that a hand drags or draws, and everything that theory says of them, at once.
import { keepKeys, onNewLooks, setHtml, setText } from "./dom.mjs";
import { NAMES, densityColors, drawBest, drawDensities, drawPulls, roundHigh } from "./density_drawing.mjs";
import { DensityHand, listenToKeys, listenToPointer } from "./density_hand.mjs";
import { compare, evaluate, numberText, wordsOf } from "./density_maths.mjs";
import { BOUNDS, MOST_BUMPS, bumpOf, isDrawn } from "./density_shapes.mjs";

const RETRY_MS = 250; // while there is no room to draw in
const SAID_MS = 700; // so long must nothing change before a screen reader is told
const LOG_2 = Math.log(2);
const CALLED = { p_data: "real", p_g: "fake" };
const STEPS_OF = { mean: 0.05, std: 0.05, weight: 0.05 };

const percent = (v) => `${Math.round(100 * v)} %`;
const signed = (v) => v.toFixed(2).replace("-", "−");
const TEXT_OF = { mean: signed, std: signed, weight: percent };

/** A density in words, for those who don't see it. */
export function densityText(density) {
  if (isDrawn(density)) return "drawn by hand";
  const bumps = density.means.map((_, k) => {
    const { mean, std, weight } = bumpOf(density, k);
    const share = density.means.length > 1 ? ` with weight ${percent(weight)}` : "";
    return `at ${signed(mean)}, std ${signed(std)}${share}`;
  });
  return `${bumps.length} bump${bumps.length > 1 ? "s" : ""}: ${bumps.join("; ")}`;
}

const parts = ({ means, stds, weights, values }) => JSON.stringify([means, stds, weights, values]);

/** The name of the preset that both densities are, if any. */
export const presetOf = (presets, now) =>
  Object.keys(presets).find((preset) => NAMES.every((name) => parts(presets[preset][name]) === parts(now[name])));

// ---- the page -----------------------------------------------------------------------------------------------------

const DENSITY_MARKUP = `
  <div class="dn-presets" role="group" aria-label="Start from"><span>Start from</span></div>
  <div class="dn-body">
    <p class="dn-words" aria-hidden="true"></p><p class="dn-said gan-unseen" role="status"></p>
    <div class="dn-panels">
      <figure><figcaption class="dn-how"></figcaption>
        <canvas class="dn-densities" tabindex="0" role="application" aria-roledescription="two densities"></canvas>
      </figure>
      <figure><figcaption><b class="dn-d">D*(x)</b> = p<sub>data</sub> / (p<sub>data</sub> + p<sub>g</sub>), the best
        discriminator. Dashed: ½; faint: no samples</figcaption><canvas class="dn-best" role="img"></canvas></figure>
      <figure><figcaption>Pull at fakes, by logit: <b>minimax D*</b> (dashed), <b class="dn-ns">non-saturating
        1 − D*</b>; faint: no fakes</figcaption>
        <canvas class="dn-pulls" role="img"></canvas></figure>
    </div>
    <div class="dn-side">
      <dl class="dn-numbers">
        <div><dt>Value V(D*, G)</dt><dd data-number="value"></dd><dd class="dn-note dn-same"></dd></div>
        <div><dt>JSD</dt><dd data-number="jsd"></dd><dd class="dn-note"><span class="dn-meter"><i></i></span>
          at most log 2 = 0.693</dd></div>
        <div><dt>W₁</dt><dd data-number="w1"></dd><dd class="dn-note">how far mass has to move</dd></div>
        <div><dt>Pull, minimax</dt><dd data-number="minimax_pull"></dd>
          <dd class="dn-note">mean of D* over the fakes</dd></div>
        <div class="dn-ns"><dt>Pull, non-saturating</dt><dd data-number="non_saturating_pull"></dd>
          <dd class="dn-note">mean of 1 − D* over the fakes</dd></div>
      </dl>
      <div class="dn-controls" role="group" aria-label="Change a density">
        <div class="dn-row"><button type="button" data-name="p_data"><b class="dn-real">real</b> p<sub>data</sub></button>
          <button type="button" data-name="p_g"><b class="dn-fake">fake</b> p<sub>g</sub></button></div>
        <div class="dn-row"><button type="button" data-drawn="">bumps</button>
          <button type="button" data-drawn="1">draw by hand</button></div>
        <div class="dn-bumps">
          <div class="dn-row dn-bump"></div>
          ${Object.entries(BOUNDS).map(([name, [min, max]]) => `<div class="dn-slider"><span>${name}</span>
            <input type="range" data-of="${name}" min="${min}" max="${max}" step="${STEPS_OF[name]}">
            <span class="dn-value"></span></div>`).join("")}
        </div>
        <p class="dn-keys"></p>
      </div>
    </div>
  </div>`;

const BUMP_KEYS = `Keys on the picture: <kbd>←</kbd> <kbd>→</kbd> mean, <kbd>↑</kbd> <kbd>↓</kbd> weight,
  <kbd>+</kbd> <kbd>−</kbd> std, <kbd>Space</kbd> next bump; <kbd>Shift</kbd>: further.`;
const PEN_KEYS = `Draw over the picture from side to side, with mouse or finger. Keys on the picture: <kbd>←</kbd>
  <kbd>→</kbd> move the pen, <kbd>↑</kbd> <kbd>↓</kbd> raise or lower the line around it, <kbd>Space</kbd> other
  density; <kbd>Shift</kbd>: further.`;

function makeDensityPage(presets) {
  const root = document.createElement("div");
  root.className = "density-canvas instrument gan-palette";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Density lab");
  root.innerHTML = DENSITY_MARKUP;
  const button = (text, data) => {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    Object.assign(made.dataset, data);
    return made;
  };
  root.querySelector(".dn-presets").append(...Object.keys(presets).map((name) => button(name, { preset: name })));
  const bumps = Array.from({ length: MOST_BUMPS }, (_, k) => button(`bump ${k + 1}`, { bump: k }));
  root.querySelector(".dn-bump").append(...bumps, button("add", { do: "add" }), button("remove", { do: "remove" }));
  keepKeys(root);
  return root;
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

const press = (button, pressed) => setAttribute(button, "aria-pressed", String(pressed));

function showNumbers(root, numbers) {
  for (const cell of root.querySelectorAll("[data-number]")) setText(cell, numberText(numbers[cell.dataset.number]));
  setHtml(root.querySelector(".dn-same"), `2·JSD − log 4 = ${numberText(2 * numbers.jsd - Math.log(4))}, the same`);
  root.querySelector(".dn-meter i").style.width = `${(100 * numbers.jsd) / LOG_2}%`;
}

function showSliders(root, hand, called) {
  const bump = bumpOf(hand.density, hand.bump);
  for (const slider of root.querySelectorAll(".dn-slider input")) {
    const { of } = slider.dataset;
    slider.value = bump[of];
    setAttribute(slider, "aria-label", `${of} of ${called} bump ${hand.bump + 1}`);
    slider.disabled = of === "weight" && hand.density.means.length === 1;
    setAttribute(slider, "aria-valuetext", TEXT_OF[of](bump[of]));
    setText(slider.nextElementSibling, TEXT_OF[of](bump[of]));
  }
}

function showControls(root, hand, presets) {
  const find = (selector) => root.querySelector(selector);
  const [drawn, { name }] = [isDrawn(hand.density), hand.view];
  const count = drawn ? 0 : hand.density.means.length;
  const chosen = presetOf(presets, hand.now);
  for (const button of root.querySelectorAll("[data-preset]")) press(button, button.dataset.preset === chosen);
  for (const button of root.querySelectorAll("[data-name]")) press(button, button.dataset.name === name);
  for (const button of root.querySelectorAll("[data-drawn]")) press(button, Boolean(button.dataset.drawn) === drawn);
  for (const button of root.querySelectorAll("[data-bump]")) {
    press(button, +button.dataset.bump === hand.bump);
    button.hidden = +button.dataset.bump >= count;
  }
  // Not really disabled, which would throw the focus off a button that was just used.
  setAttribute(find("[data-do=add]"), "aria-disabled", String(count === MOST_BUMPS));
  setAttribute(find("[data-do=remove]"), "aria-disabled", String(count === 1));
  find(".dn-bumps").hidden = drawn;
  if (!drawn) showSliders(root, hand, CALLED[name]);
  setHtml(find(".dn-keys"), drawn ? PEN_KEYS : BUMP_KEYS);
}

function showHow(root, hand) {
  const weight = NAMES.some((name) => hand.now[name].means?.length > 1) ? " (up or down: weight)" : "";
  const { name } = hand.view;
  const how = isDrawn(hand.density)
    ? `<b>Draw <span class="dn-${CALLED[name]}">${CALLED[name]}</span></b>: your line is scaled to area 1.`
    : `<b>Drag</b> ● to move${weight}, ◆ to widen.`;
  setHtml(root.querySelector(".dn-how"), `<b class="dn-real">Real</b> p<sub>data</sub>,
    <b class="dn-fake">fake</b> p<sub>g</sub>. ${how}`);
}

function describePictures(root, hand, numbers) {
  const at = CALLED[hand.view.name];
  const keys = isDrawn(hand.density)
    ? `The pen is on the ${at} density at ${signed(hand.view.pen)}. Left and right move it, up and down raise and lower
      the line.`
    : `Chosen: ${at} bump ${hand.bump + 1}. Left and right move it, up and down change its weight, plus and minus its
      width. Space goes on to the next bump.`;
  const label = (name, text) => setAttribute(root.querySelector(`.dn-${name}`), "aria-label", text);
  label("densities", `Real: ${densityText(hand.now.p_data)}. Fake: ${densityText(hand.now.p_g)}. ${keys}`);
  label("best", `D* over x, with the mean ${numberText(numbers.minimax_pull)} over the fakes.`);
  label("pulls", `Pull of each loss over x. Means over the fakes: minimax ${numberText(numbers.minimax_pull)},
    non-saturating ${numberText(numbers.non_saturating_pull)}.`);
}

function listenToControls(root, hand, presets) {
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button || button.ariaDisabled === "true") return;
    const { preset, name, drawn, bump, do: act } = button.dataset;
    if (preset) hand.put(presets[preset]);
    else if (name) hand.choose({ name, bump: 0 });
    else if (drawn !== undefined) hand.turn(Boolean(drawn));
    else if (bump) hand.choose({ bump: +bump });
    else hand[act]();
  });
  root.querySelector(".dn-bumps").addEventListener("input", ({ target }) => {
    hand.set(target.dataset.of, target.valueAsNumber);
  });
}

function render({ model, el }) {
  const presets = model.get("presets");
  const root = makeDensityPage(presets);
  el.append(root);
  const find = (name) => root.querySelector(`.dn-${name}`);
  let [waiting, retry, saying] = [0, 0, 0];
  let plane; // of the first picture
  let high = 0; // how far up it goes
  let [drawings, words] = [0, ""];

  const say = () => {
    clearTimeout(saying);
    saying = setTimeout(() => setText(find("said"), words), SAID_MS);
  };
  const draw = () => {
    waiting = 0;
    if (!root.isConnected) return;
    if (!root.clientWidth) return void (retry = setTimeout(redraw, RETRY_MS)); // hidden, as while a theme is changed
    const { now, view } = hand;
    const looks = { p_data: evaluate(now.p_data), p_g: evaluate(now.p_g) };
    const compared = compare(looks.p_data.values, looks.p_g.values);
    const { numbers } = compared;
    const fitting = roundHigh(looks.p_data.values, looks.p_g.values);
    high = hand.holds ? Math.max(high, fitting) : fitting; // it does not shrink under the hand
    const scene = { now, looks, view: { ...view, bump: hand.bump }, line: hand.line, high, ...compared };
    const colors = densityColors(root); // pictures before texts, or the browser would lay out twice
    plane = drawDensities(find("densities"), scene, colors);
    drawBest(find("best"), scene, colors);
    drawPulls(find("pulls"), scene, colors);
    const told = wordsOf(numbers, model.get("stories"));
    if (told !== words) say((words = told));
    setText(find("words"), words);
    showNumbers(root, numbers);
    showControls(root, hand, presets);
    showHow(root, hand);
    describePictures(root, hand, numbers);
    setAttribute(root, "data-chosen", view.name);
    Object.assign(root.dataset, { numbers: JSON.stringify(numbers), drawn: ++drawings });
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const hand = new DensityHand(model, redraw);
  listenToPointer(find("densities"), hand, () => plane);
  listenToKeys(find("densities"), hand, () => high);
  listenToControls(root, hand, presets);
  const stopWatching = onNewLooks(find("densities"), redraw);
  for (const name of NAMES) model.on(`change:${name}`, redraw);
  redraw();

  return () => {
    clearTimeout(retry);
    clearTimeout(saying);
    cancelAnimationFrame(waiting);
    hand.close();
    stopWatching();
    for (const name of NAMES) model.off(`change:${name}`, redraw);
    root.remove();
  };
}

export default { render };
