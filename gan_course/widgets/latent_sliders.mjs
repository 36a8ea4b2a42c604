// The sliders of a latent lab. Python decides where z is; this file shows it and passes wishes on.
import { keepKeys, setOptions, setText } from "./dom.mjs";
import { axisName, sendWith, signed } from "./latent_words.mjs";

const REACH = 3; // the sliders go from -REACH to REACH
const PAGE = 8; // sliders at once
const PATIENCE_MS = 150; // a move waits this long for an answer to the one before

/** A share between 0 and 1 in words. */
export const percent = (share) => (share > 0 && share < 0.01 ? "<1%" : `${Math.round(100 * share)}%`);

/** The pages of axes there are: [first axis, what the page is called] each. */
export function pages(basis, total) {
  return Array.from({ length: Math.ceil(total / PAGE) }, (_, i) => {
    const [first, last] = [PAGE * i, Math.min(PAGE * (i + 1), total) - 1];
    return [first, basis === "raw" ? `z[${first}] to z[${last}]` : `${first + 1} to ${last + 1}`];
  });
}

/** What the shares are shares of, and which generator the directions belong to. */
export function directionsText({ basis, search, known, found, step }) {
  if (search) return "Looking for the leading directions …";
  if (!known) return "The leading directions are not known.";
  if (found !== step) return `The directions are those of step ${found}.`;
  return basis === "raw" ? "" : "%: share of the change in G(z) as z moves";
}

/** Where the length of z and its typical range lie on a gauge, as fractions: [length, low, high]. */
export function gauge(length, [mean, deviation]) {
  const full = mean + 4 * deviation;
  return [length, mean - 2 * deviation, mean + 2 * deviation].map((v) => Math.min(Math.max(v / full, 0), 1));
}

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <fieldset><legend>Sliders move z along</legend>
    <label><input type="radio" value="directions">leading directions</label>
    <label><input type="radio" value="raw">raw coordinates</label>
    <select class="ls-first" aria-label="Which axes have sliders"></select></fieldset>
  <div class="ls-rows"></div>
  <p class="ls-note"></p>
  <div class="ls-axes">Pad: <label>across <select class="ls-across"></select></label>
    <label>up <select class="ls-up"></select></label></div>
  <div class="ls-gauge" aria-hidden="true"><i></i><b></b></div>
  <p class="ls-length"></p>
  <div class="ls-buttons"><button type="button" data-do="another">Another z</button>
    <button type="button" data-do="zero">z = 0</button>
    <button type="button" data-do="find">Find directions anew</button></div>`;

const ROW = `<span class="ls-name"></span>
  <input type="range" min="${-REACH}" max="${REACH}" step="0.05">
  <span class="ls-value"></span><span class="ls-share"><i></i></span><span class="ls-percent"></span>`;

/** Put as many rows as there are axes, and their values. */
function showRows(rows, { basis, first, shares }, coordinates) {
  while (rows.children.length > coordinates.length) rows.lastChild.remove();
  while (rows.children.length < coordinates.length)
    rows.append(Object.assign(document.createElement("div"), { className: "ls-row", innerHTML: ROW }));
  coordinates.forEach((coordinate, i) => {
    const name = rows.children[i].querySelector(".ls-name");
    const slider = rows.children[i].querySelector("input");
    const share = shares.length ? percent(shares[i]) : "";
    setText(name, axisName(basis, first + i));
    setText(rows.children[i].querySelector(".ls-value"), signed(coordinate));
    setText(rows.children[i].querySelector(".ls-percent"), share);
    rows.children[i].querySelector("i").style.width = `${100 * (shares[i] ?? 0)}%`;
    slider.value = coordinate;
    slider.dataset.axis = first + i;
    slider.setAttribute("aria-label", share ? `${name.textContent}, ${share} of the change` : name.textContent);
    slider.setAttribute("aria-valuetext", signed(coordinate));
  });
}

function showLength(root, { length, typical, total }) {
  const [at, low, high] = gauge(length, typical).map((v) => 100 * v);
  const [range, mark] = root.querySelector(".ls-gauge").children;
  Object.assign(range.style, { left: `${low}%`, width: `${high - low}%` });
  mark.style.left = `${at}%`;
  const [mean, deviation] = typical.map((v) => v.toFixed(2));
  const rms = Math.sqrt(total).toFixed(2);
  const words = `‖z‖ = ${length.toFixed(2)} · typical ${mean} ± ${deviation} · √${total} = ${rms}`;
  setText(root.querySelector(".ls-length"), words);
}

/** Put the state on the page; `coordinates` may be ahead of it. */
function show(root, state, coordinates) {
  const { basis, first, total } = state;
  Object.assign(root.dataset, { basis, flat: total === 1, heard: state.heard });
  showRows(root.querySelector(".ls-rows"), state, coordinates);
  for (const radio of root.querySelectorAll("[type=radio]")) {
    radio.checked = radio.value === basis;
    radio.disabled = radio.value === "directions" && !state.known;
  }
  setOptions(root.querySelector(".ls-first"), pages(basis, total), first);
  root.querySelector(".ls-first").hidden = total <= PAGE;
  const axes = coordinates.map((_, i) => [first + i, axisName(basis, first + i)]);
  for (const which of ["across", "up"]) setOptions(root.querySelector(`.ls-${which}`), axes, state[which]);
  setText(root.querySelector(".ls-note"), directionsText(state));
  root.querySelector("[data-do=find]").disabled = Boolean(state.search);
  showLength(root, state);
}

/** What a hand does becomes wishes. */
function listen(root, moved, wish) {
  root.addEventListener("input", ({ target }) => {
    if (target.type === "range") moved(target.dataset.axis, target.valueAsNumber);
  });
  root.addEventListener("change", ({ target }) => {
    const number = (which) => Number(root.querySelector(`.ls-${which}`).value);
    if (target.type === "radio") wish({ do: "show", basis: target.value });
    else if (target.className === "ls-first") wish({ do: "show", first: number("first") });
    else if (target.tagName === "SELECT") wish({ do: "pad", across: number("across"), up: number("up") });
  });
  for (const button of root.querySelectorAll("button"))
    button.addEventListener("click", () => wish({ do: button.dataset.do }));
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "latent-sliders";
  keepKeys(root);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Coordinates of z");
  root.innerHTML = MARKUP;
  const group = `basis ${Math.random()}`;
  for (const radio of root.querySelectorAll("[type=radio]")) radio.name = group;
  el.append(root);
  let [underWay, sentAt] = [false, 0];
  let ahead = { values: {} }; // where a hand moved sliders, until the state has heard of it

  const send = sendWith(model);
  /** Send what a hand moved, unless the answer to the last move is still to come. */
  const flush = () => {
    if (ahead.number !== Infinity || (underWay && performance.now() - sentAt < PATIENCE_MS)) return;
    [underWay, sentAt] = [true, performance.now()];
    ahead.number = send({ do: "move", basis: ahead.basis, values: ahead.values });
  };
  const update = () => {
    const state = model.get("state");
    if (!state.basis) return;
    if (state.basis !== ahead.basis || state.heard >= ahead.number) ahead = { basis: state.basis, values: {} };
    show(root, state, state.coordinates.map((c, i) => ahead.values[state.first + i] ?? c));
  };
  const onState = () => {
    underWay = false;
    update();
    flush();
  };
  const moved = (axis, value) => {
    ahead.values[axis] = value;
    ahead.number = Infinity;
    flush();
    update();
  };
  const wish = (message) => {
    underWay = false; // a move that waits goes first
    flush();
    send(message);
  };
  listen(root, moved, wish);
  model.on("change:state", onState);
  update();

  return () => {
    model.off("change:state", onState);
    root.remove();
  };
}

export default { render };
