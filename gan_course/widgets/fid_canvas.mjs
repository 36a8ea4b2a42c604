// A page for each of three questions about FID. Python measures; this file shows it and says what a hand sets.
import { colorsOf, keepKeys, onNewLooks, setHtml, setText } from "./dom.mjs";
import { grouped } from "./drawing.mjs";
import { Ahead } from "./ahead.mjs";
import { drawBias, drawDamaged, drawLine, drawMeasure, minus, numberText } from "./fid_charts.mjs";
import { drawGaussians } from "./fid_gaussians.mjs";
import { listenToGaussians } from "./fid_hand.mjs";
import { unpackFrame } from "./frame.mjs";

const RETRY_MS = 250; // while there is no room to draw in
const SAID_MS = 700; // so long must nothing change before a screen reader is told

const TABS = { gaussians: "What does it measure?", "sample size": "How many images does it need?", damage: "What does it notice?" };

/** The measures: what each is called, which way is good, and what it is about. */
export const MEASURES = {
  fid: ["FID", "↓ is good", "mean and spread of the features"],
  kid: ["KID", "↓ is good", "the same question, without bias"],
  precision: ["precision", "↑ is good", "do the images look real?"],
  recall: ["recall", "↑ is good", "is every kind there?"],
  density: ["density", "↑ is good", "how deep among the real ones?"],
  coverage: ["coverage", "↑ is good", "real ones with a fake nearby"],
};

/** The spreads and places that sliders set, by name: read from a Gaussian, and written into it. */
export const SLIDERS = {
  "mean x": { of: "mean", at: 0 },
  "mean y": { of: "mean", at: 1, plane: true },
  "spread 1": { of: "std", at: 0 },
  "spread 2": { of: "std", at: 1, plane: true },
  angle: { of: "angle", plane: true, bounds: [-90, 90], step: 1 },
};
const listOf = (of) => (of === "std" ? "stds" : of);
export const readSlider = (state, { of, at }) => (at === undefined ? state.angle : state[listOf(of)][at]);
export const writeSlider = (state, { of, at }, value) =>
  at === undefined ? { ...state, angle: value } : { ...state, [listOf(of)]: state[listOf(of)].map((v, i) => (i === at ? value : v)) };

// ---- the page -----------------------------------------------------------------------------------------------------

const FID_MARKUP = `
  <div class="fl-tabs" role="tablist" aria-label="Three questions about FID">
    ${Object.entries(TABS).map(([tab, text], i) => `<button type="button" role="tab" data-tab="${tab}"><b>${i + 1}</b> ${text}</button>`).join("")}
  </div>
  <p class="fl-words" aria-hidden="true"></p><p class="fl-said gan-unseen" role="status"></p>
  <p class="fl-busy"></p><p class="fl-trouble" role="alert" hidden></p>
  <div class="fl-row fl-features" role="group" aria-label="Features"><span>Compared by</span><small></small></div>
  <section role="tabpanel" data-page="gaussians" class="fl-two">
    <div><p class="fl-how"></p>
      <canvas class="fl-plane" tabindex="0" role="application" aria-roledescription="two Gaussians"></canvas>
      <p class="fl-keys">On the picture: drag ● to move, ◆ to widen or turn, wheel to widen. Keys: <kbd>←</kbd> <kbd>→</kbd>
        <kbd>↑</kbd> <kbd>↓</kbd> move, <kbd>+</kbd> <kbd>−</kbd> widen, <kbd>[</kbd> <kbd>]</kbd> turn, <kbd>Space</kbd>
        the other one; <kbd>Shift</kbd>: further.</p></div>
    <div class="fl-side">
      <p class="fl-total"><span>Fréchet distance d²</span><span class="fl-num" data-term="distance"></span></p>
      <div class="fl-terms">
        <p class="fl-mean"><span>how far the <b>means</b> are apart, squared</span><i>‖μ₁ − μ₂‖²</i>
          <span class="fl-num" data-term="mean_term"></span><s></s></p>
        <p class="fl-cov"><span>how much the <b>spreads</b> differ</span><i class="fl-formula"></i>
          <span class="fl-num" data-term="cov_term"></span><s></s></p>
      </div>
      <div class="fl-row" role="group" aria-label="Dimension"><button type="button" data-dimension="1">on a line</button>
        <button type="button" data-dimension="2">in the plane</button></div>
      <div class="fl-row fl-presets" role="group" aria-label="Start from"><span>Start from</span></div>
      <div class="fl-row" role="group" aria-label="Which Gaussian"><button type="button" data-name="real"><b class="fl-real">real</b></button>
        <button type="button" data-name="fake"><b class="fl-fake">fake</b></button></div>
      <div class="fl-sliders">${Object.keys(SLIDERS).map((name) => `<div class="fl-slider"><span>${name}</span>
        <input type="range" data-slider="${name}"><span class="fl-value"></span></div>`).join("")}</div>
      <p class="fl-note">FID is this distance between the Gaussians fitted to the features of real and of fake images.</p>
    </div>
  </section>
  <section role="tabpanel" data-page="sample size" hidden>
    <div class="fl-row fl-bar"><label>images on either side <input type="range" class="fl-n" min="0" step="1"
      aria-label="images on either side"></label><span class="fl-value"></span>
      <button type="button" class="fl-again">Draw others</button></div>
    <div class="fl-two">
      <figure><figcaption><b class="fl-real">Real images against real images</b>: mean and the middle 90&nbsp;% of
        <span class="fl-draws"></span> draws; <b class="fl-fake">●</b> the draw at hand; dashed: the truth, 0</figcaption>
        <canvas class="fl-bias" role="img"></canvas></figure>
      <figure><figcaption class="fl-line-caption">The same over 1/n: <b class="fl-fake">parts of the draw at hand</b>, and where their
        line ends for endlessly many (<b class="fl-other">95&nbsp;% interval</b>)</figcaption><canvas class="fl-line" role="img"></canvas></figure>
    </div>
    <dl class="fl-numbers"><div><dt>the draw at hand</dt><dd data-own="one"></dd></div>
      <div><dt>mean of all draws: the bias</dt><dd data-own="mean"></dd></div>
      <div><dt>endlessly many, foretold</dt><dd data-own="infinity"></dd></div><div><dt>the truth</dt><dd>0</dd></div></dl>
  </section>
  <section role="tabpanel" data-page="damage" hidden>
    <div class="fl-row fl-kinds" role="group" aria-label="What is done to the images"></div>
    <div class="fl-row fl-bar"><label>how much <input type="range" class="fl-level" min="0" step="1" aria-label="how much"></label>
      <span class="fl-value"></span></div>
    <div class="fl-two fl-wide-left">
      <figure><figcaption class="fl-shown"></figcaption><canvas class="fl-picture" role="img"></canvas></figure>
      <div class="fl-tiles">${Object.entries(MEASURES).map(([name, [title, good, about]]) => `<figure data-measure="${name}">
        <figcaption><b>${title}</b> <span>${good}</span><span class="fl-num"></span><small>${about}</small></figcaption>
        <canvas role="img"></canvas></figure>`).join("")}</div>
    </div>
    <p class="fl-note">Blue: each measure over all amounts; <b class="fl-fake">●</b> the amount chosen; dashed: the floor, fresh
      real images against real ones. KID is shown as it comes: 0 and a little below mean no difference.</p>
  </section>`;

function makePage(presets, damages, features) {
  const root = document.createElement("div");
  root.className = "fid-canvas instrument gan-palette";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "FID lab");
  root.innerHTML = FID_MARKUP;
  const buttons = (names, key) => names.map((name) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
    button.dataset[key] = name;
    return button;
  });
  root.querySelector(".fl-presets").append(...buttons(Object.keys(presets), "preset"));
  root.querySelector(".fl-kinds").append(...buttons(damages, "kind"));
  root.querySelector(".fl-features span").after(...buttons(features, "features"));
  keepKeys(root);
  return root;
}

const press = (root, key, chosen) => {
  for (const button of root.querySelectorAll(`[data-${key}]`)) button.setAttribute("aria-pressed", String(button.dataset[key] === chosen));
};

function showTabs(root, now) {
  for (const tab of root.querySelectorAll("[data-tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.tab === now));
    tab.tabIndex = tab.dataset.tab === now ? 0 : -1;
  }
  for (const page of root.querySelectorAll("[data-page]")) {
    page.hidden = page.dataset.page !== now;
    page.setAttribute("aria-label", TABS[page.dataset.page]);
  }
}

/** No number, as long as none is known for what is asked; the style sheet fades or hides the charts. */
function showNothing(root) {
  for (const cell of root.querySelectorAll("[data-own], [data-measure] .fl-num")) setText(cell, "…");
  for (const chart of root.querySelectorAll("figure canvas")) chart.ariaLabel = "not known yet";
}

/** What is chosen on the second and the third page. */
function showChosen(root, { n, kind, level }, sizes, amounts) {
  const slide = (input, max, value, text) => {
    Object.assign(input, { max, value });
    input.setAttribute("aria-valuetext", text);
    setText(input.closest(".fl-bar").querySelector(".fl-value"), text);
  };
  slide(root.querySelector(".fl-n"), sizes.length - 1, sizes.indexOf(n), grouped(n));
  slide(root.querySelector(".fl-level"), amounts.length - 1, level, amounts[level]);
  press(root, "kind", kind);
}

function showGaussians(root, facts, chosen, colors, bounds) {
  const find = (selector) => root.querySelector(selector);
  root.dataset.chosen = chosen;
  press(root, "dimension", String(facts.dimension));
  press(root, "name", chosen);
  setHtml(find(".fl-how"), `<b class="fl-real">Real</b> and <b class="fl-fake">fake</b> features as Gaussians${facts.dimension === 2 ? ", at 1 σ and 2 σ" : ""}. <b>Drag them.</b>`);
  setHtml(find(".fl-formula"), facts.dimension === 1 ? "(σ₁ − σ₂)²" : "tr (Σ₁ + Σ₂ − 2 (Σ₁Σ₂)<sup>½</sup>)");
  const most = Math.max(facts.terms.distance, 1e-9);
  for (const term of ["distance", "mean_term", "cov_term"]) setText(find(`[data-term=${term}]`), facts.terms[term].toFixed(2));
  find(".fl-mean s").style.width = `${(100 * facts.terms.mean_term) / most}%`;
  find(".fl-cov s").style.width = `${(100 * facts.terms.cov_term) / most}%`;
  for (const input of root.querySelectorAll("[data-slider]")) {
    const slider = SLIDERS[input.dataset.slider];
    const [min, max] = slider.bounds ?? bounds[slider.of];
    Object.assign(input, { min, max, step: slider.step ?? 0.05, value: readSlider(facts[chosen], slider) });
    input.ariaLabel = `${input.dataset.slider} of ${chosen}`;
    input.parentElement.hidden = Boolean(slider.plane) && facts.dimension === 1;
    setText(input.nextElementSibling, minus(slider.at === undefined ? `${facts[chosen].angle.toFixed(0)}°` : readSlider(facts[chosen], slider).toFixed(2)));
  }
  find(".fl-plane").ariaLabel = `Two Gaussians. Chosen: ${chosen}. Distance ${facts.terms.distance.toFixed(2)}.`;
  return drawGaussians(find(".fl-plane"), facts, chosen, colors);
}

function showSampleSize(root, { facts, arrays }, sizes, colors) {
  const find = (selector) => root.querySelector(`[data-page="sample size"] ${selector}`);
  const { own } = facts;
  setText(find(".fl-draws"), String(facts.draws ?? ""));
  find(".fl-bias").style.visibility = own ? "" : "hidden";
  find(".fl-line").parentElement.style.visibility = own?.infinity === undefined ? "hidden" : "";
  if (!own) return showNothing(root);
  for (const cell of root.querySelectorAll("[data-own]")) setText(cell, numberText(own[cell.dataset.own]));
  if (own.infinity !== undefined) setText(find("[data-own=infinity]"), `${numberText(own.infinity)} (${numberText(own.low)} to ${numberText(own.high)})`);
  else if (own.n < own.fewest) setText(find("[data-own=infinity]"), "too few images");
  drawBias(find(".fl-bias"), own, sizes, arrays, colors);
  find(".fl-bias").ariaLabel = `FID of real against real images falls with their number; ${grouped(own.n)} images: ${numberText(own.one)}`;
  if (own.infinity !== undefined) drawLine(find(".fl-line"), facts, colors);
  find(".fl-line").ariaLabel = `The line to endlessly many images ends at ${numberText(own.infinity)}`;
}

function showDamage(root, { facts, arrays }, amounts, colors) {
  const find = (selector) => root.querySelector(`[data-page="damage"] ${selector}`);
  const same = facts.of === facts.kind && facts.at === facts.level; // else Python has not heard of it yet
  const framed = arrays.copied?.data.some(Boolean) ? `; framed: ${facts.of === "memorise" ? "a training image" : "seen before"}` : "";
  setText(find(".fl-shown"), `A few of the ${grouped(facts.n)} images in the fakes’ place: ${facts.describe}${framed}`);
  drawDamaged(find(".fl-picture"), arrays, colors);
  find(".fl-picture").ariaLabel = `Images of clothes, ${facts.kind}: ${amounts[facts.level]}`;
  for (const [name, [title]] of Object.entries(MEASURES)) {
    const tile = find(`[data-measure=${name}]`);
    const [value, floor] = [facts.measures?.[name], facts.floor?.[name]];
    setText(tile.querySelector(".fl-num"), same ? numberText(value) : "…");
    drawMeasure(tile.querySelector("canvas"), arrays, name, facts.level, amounts.length - 1, floor, colors);
    tile.querySelector("canvas").ariaLabel = `${title} ${numberText(value)}, floor ${numberText(floor)}`;
  }
}

function render({ model, el }) {
  const [presets, bounds] = [model.get("presets"), model.get("bounds")];
  const [known, damages, sizes] = [model.get("features"), model.get("damages"), model.get("sizes")];
  const root = makePage(presets, Object.keys(damages), Object.keys(known));
  el.append(root);
  const find = (selector) => root.querySelector(selector);
  let [frame, plane, chosen, words] = [undefined, undefined, "fake", ""];
  let [waiting, retry, saying, drawings] = [0, 0, 0, 0];
  const ahead = new Ahead((message) => model.send(message));

  const facts = () => ({ ...frame.facts, ...ahead.set });
  const set = (changes) => {
    ahead.push(changes);
    redraw();
  };
  const say = () => {
    clearTimeout(saying);
    saying = setTimeout(() => setText(find(".fl-said"), words), SAID_MS);
  };
  const draw = () => {
    waiting = 0;
    if (!frame || !root.isConnected) return;
    if (!root.clientWidth) return void (retry = setTimeout(redraw, RETRY_MS)); // hidden, as while a theme is changed
    const now = { facts: facts(), arrays: frame.arrays };
    const colors = { ...colorsOf(root, "gan", ["real", "fake", "d", "other", "text", "grid"]), ...colorsOf(root, "in", ["paper"]) };
    showTabs(root, now.facts.tab);
    const answered = ["tab", "features"].every((name) => now.facts[name] === frame.facts[name]); // else it is still to come
    const told = answered ? now.facts.words : "";
    if (told !== words) say((words = told));
    setText(find(".fl-words"), words);
    setText(find(".fl-busy"), answered && now.facts.busy ? `${now.facts.busy} …` : answered ? "" : "…");
    const trouble = answered ? now.facts.trouble : "";
    find(".fl-trouble").hidden = !trouble;
    setText(find(".fl-trouble"), trouble);
    find(".fl-features").hidden = now.facts.tab === "gaussians";
    press(root, "features", now.facts.features);
    setText(find(".fl-features small"), known[now.facts.features]);
    showChosen(root, now.facts, sizes, damages[now.facts.kind]);
    const current = trouble ? "none" : answered; // else what stands there is of an earlier wish
    if (current !== true) showNothing(root);
    else if (now.facts.tab === "gaussians") plane = showGaussians(root, now.facts, chosen, colors, bounds);
    else if (now.facts.tab === "sample size") showSampleSize(root, now, sizes, colors);
    else showDamage(root, now, damages[now.facts.kind], colors);
    Object.assign(root.dataset, { tab: now.facts.tab, busy: Boolean(now.facts.busy), current, heard: frame.facts.heard, drawn: ++drawings });
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const onFrame = () => {
    if (model.get("frame").byteLength) frame = unpackFrame(model.get("frame"));
    if (frame) ahead.heard(frame.facts.heard);
    redraw();
  };
  const hand = { facts, set, plane: () => plane, bounds, chosen: () => chosen, choose: (name) => ((chosen = name), redraw()) };
  listenToGaussians(find(".fl-plane"), hand);
  root.addEventListener("click", ({ target }) => {
    const { tab, preset, kind, name, dimension, features } = target.closest("button")?.dataset ?? {};
    if (tab) set({ tab });
    else if (preset) set(presets[preset]);
    else if (kind) set({ kind });
    else if (features) set({ features });
    else if (name) hand.choose(name);
    else if (dimension) set({ dimension: +dimension });
    else if (target.closest(".fl-again")) set({ draw: facts().draw + 1 });
  });
  root.addEventListener("input", ({ target }) => {
    const { slider } = target.dataset;
    if (slider) set({ [chosen]: writeSlider(facts()[chosen], SLIDERS[slider], target.valueAsNumber) });
    else if (target.matches(".fl-n")) set({ n: sizes[target.valueAsNumber] });
    else if (target.matches(".fl-level")) set({ level: target.valueAsNumber });
  });
  find(".fl-tabs").addEventListener("keydown", ({ key }) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (!by) return;
    const tabs = [...root.querySelectorAll("[data-tab]")];
    const next = tabs[(tabs.findIndex((tab) => tab.dataset.tab === facts().tab) + by + tabs.length) % tabs.length];
    set({ tab: next.dataset.tab });
    next.focus();
  });
  const stopWatching = onNewLooks(root, redraw);
  model.on("change:frame", onFrame);
  onFrame();

  return () => {
    ahead.close();
    clearTimeout(retry);
    clearTimeout(saying);
    cancelAnimationFrame(waiting);
    stopWatching();
    model.off("change:frame", onFrame);
    root.remove();
  };
}

export default { render };
