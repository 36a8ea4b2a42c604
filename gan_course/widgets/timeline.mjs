// The timeline of a lab's runs: lanes with marks, a handle to go back with, and what can be done from there.
// Python decides what is true; this file shows it and passes wishes on.
import { keepKeys, onNewLooks, setOptions, setText } from "./dom.mjs";
import { niceTicks } from "./drawing.mjs";
import { NOW, ariaText, axisEnd, keyMove, laneText, onLane } from "./timeline_geometry.mjs";
import { markAt, markText, mergeMarks, readoutText, toStep, toX } from "./timeline_geometry.mjs";
import { makeHand } from "./timeline_hand.mjs";
import { LANE, LINE, drawAxis, drawLanes, laneColors, laneY, roleOf } from "./timeline_lanes.mjs";

const RETRY_MS = 250; // while there is no room to draw in
const ROOM = 60; // pixels that the lanes need at least

const MARKUP = `
  <div class="tl-scroll"><div class="tl-lanes"><ol class="tl-names" aria-label="Runs"></ol>
    <div class="tl-plot"><canvas aria-hidden="true"></canvas>
      <div class="tl-handle" role="slider" tabindex="0" aria-label="Step of the run that is shown"></div>
    </div><span class="tl-hint">Drag back to see the past; every change you make leaves a mark</span></div></div>
  <canvas class="tl-axis" aria-hidden="true"></canvas>
  <div class="tl-tip" role="tooltip" hidden></div>
  <p class="tl-readout"></p>
  <div class="tl-wishes">
    <button type="button" data-do="now" title="Show the newest step again">Back to now</button>
    <button type="button" data-do="rewind" title="Train on from here; what came after is kept only as a recipe">Rewind
      to here</button>
    <button type="button" data-do="branch" title="Begin another run here; this one stays as it is">Branch from
      here</button>
    <label class="tl-train">Train <select data-do="choose"></select></label>
    <label class="tl-compare">Compare with <select data-do="compare"></select></label>
  </div>`;

function showNames(list, state) {
  while (list.children.length > state.runs.length) list.lastChild.remove();
  while (list.children.length < state.runs.length) list.append(document.createElement("li"));
  state.runs.forEach(({ name }, i) => {
    const item = list.children[i];
    item.dataset.role = roleOf(state, i);
    setText(item, name);
    item.title = item.ariaLabel = laneText(state.runs, i);
  });
}

function showHandle(handle, state, layout, at) {
  const { start, steps } = state.runs[state.active];
  const here = onLane(at, state.runs[state.active]);
  Object.assign(handle.style, { left: `${layout.x(here)}px`, top: `${laneY(state.active)}px` });
  Object.assign(handle, { ariaValueMin: start, ariaValueMax: steps, ariaValueNow: here });
  handle.ariaValueText = ariaText(state, at);
}

function showWishes(root, { runs, active, compare }, past) {
  const names = runs.map(({ name }, i) => [i, name]);
  setOptions(root.querySelector("[data-do=choose]"), names, active);
  const others = names.filter(([i]) => i !== active);
  setOptions(root.querySelector("[data-do=compare]"), [["", "none"], ...others], compare ?? "");
  const closing = ["now", "rewind"].map((wish) => root.querySelector(`[data-do=${wish}]`));
  if (!past && closing.includes(root.getRootNode().activeElement)) root.querySelector(".tl-handle").focus();
  for (const button of closing) button.disabled = !past;
}

/** The changes of a mark beside it, within the widget. */
function showTip(root, mark, lane) {
  const tip = root.querySelector(".tl-tip");
  tip.hidden = !mark;
  if (!mark) return;
  setText(tip, markText(mark));
  const [own, plot] = [root, root.querySelector(".tl-plot")].map((element) => element.getBoundingClientRect());
  const left = plot.left - own.left + mark.x - tip.offsetWidth / 2;
  tip.style.left = `${Math.max(0, Math.min(left, own.width - tip.offsetWidth))}px`;
  tip.style.top = `${plot.top - own.top + (lane + 1) * LANE}px`;
}

/** Put the state on the page, with the handle at step `at`; returns where things are. */
function show(root, state, at) {
  const { runs, active } = state;
  const canvas = root.querySelector(".tl-plot canvas");
  canvas.style.height = `${runs.length * LANE}px`;
  showNames(root.querySelector(".tl-names"), state);
  const [width, left] = [canvas.clientWidth, canvas.parentElement.offsetLeft];
  const end = axisEnd(Math.max(...runs.map((run) => run.steps)));
  const x = (step) => toX(step, end, width);
  const layout = { x, end, width, left, ticks: niceTicks(0, end, Math.max(2, width / 100)) };
  layout.marks = runs.map((run) => mergeMarks(run, x));
  const colors = laneColors(root);
  drawLanes(canvas, state, layout, at, colors);
  drawAxis(root.querySelector(".tl-axis"), layout, colors);
  showHandle(root.querySelector(".tl-handle"), state, layout, at);
  showWishes(root, state, at < runs[active].steps);
  root.querySelector(".tl-hint").hidden = runs.length > 1 || layout.marks[0].length > 0;
  setText(root.querySelector(".tl-readout"), readoutText(state, at));
  Object.assign(root.dataset, { looking: state.looking ?? "", steps: runs[active].steps, runs: runs.length });
  return layout;
}

function makeRoot() {
  const root = document.createElement("div");
  root.className = "gan-timeline gan-palette";
  root.style.setProperty("--tl-lane", `${LANE}px`);
  root.style.setProperty("--tl-line", `${LINE}px`);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Timeline of the runs");
  root.innerHTML = MARKUP;
  root.hidden = true; // until there is something to show
  keepKeys(root);
  return root;
}

/** Keys, buttons and lists become wishes. `where()` says where the handle is. */
function listen(root, hand, where) {
  const on = (name, event, then) => root.querySelector(name).addEventListener(event, then);
  on(".tl-handle", "keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { run, marks } = where();
    const to = keyMove(event.key, event.shiftKey, onLane(hand.from(), run), run, marks);
    if (to === undefined) return;
    event.preventDefault();
    hand.move(to);
  });
  on("[data-do=now]", "click", () => hand.move(NOW));
  on("[data-do=branch]", "click", () => hand.wish({ do: "branch", step: where().here }));
  on("[data-do=rewind]", "click", () => {
    hand.wish({ do: "rewind", step: where().here });
    hand.drop();
  });
  on("[data-do=choose]", "change", ({ target }) => hand.wish({ do: "choose", run: Number(target.value) }));
  on("[data-do=compare]", "change", ({ target }) => {
    hand.wish({ do: "compare", run: target.value === "" ? null : Number(target.value) });
  });
}

/** A press on the handle, or beside it on its lane, takes hold of it. Returns what the pointer is over. */
function listenToPointer(root, hand, where, moved) {
  const [plot, handle] = [root.querySelector(".tl-plot"), root.querySelector(".tl-handle")];
  const over = { lane: -1, x: 0, grip: 0 }; // grip: how far from its middle the handle is held
  const find = ({ clientX, clientY }) => {
    const { left, top } = plot.getBoundingClientRect();
    Object.assign(over, { x: clientX - left, lane: Math.floor((clientY - top) / LANE) });
    plot.dataset.active = over.lane === where().active;
  };
  const drag = () => {
    const { run, layout } = where();
    hand.move(toStep(over.x - over.grip, run, layout.end, layout.width));
  };
  plot.addEventListener("pointerdown", (event) => {
    find(event);
    const gripped = event.target === handle;
    if (event.button || !(gripped || over.lane === where().active)) return;
    plot.setPointerCapture(event.pointerId);
    over.grip = gripped ? over.x - where().layout.x(where().here) : 0;
    hand.hold(true);
    handle.focus({ preventScroll: true });
    if (!gripped) drag();
  });
  plot.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays on the handle
  plot.addEventListener("pointermove", (event) => {
    find(event);
    if (hand.held()) drag();
    moved();
  });
  plot.addEventListener("lostpointercapture", () => hand.hold(false));
  plot.addEventListener("pointerleave", () => {
    over.lane = -1;
    moved();
  });
  return over;
}

function render({ model, el }) {
  const root = makeRoot();
  el.append(root);
  let [layout, followed, seen] = []; // followed: the run that the hand moves on; seen: the one scrolled to
  let [waiting, retry] = [0, 0];

  const where = () => {
    const { runs, active } = model.get("state");
    const run = runs[active];
    const marks = layout.marks[active] ?? []; // a run that is not drawn yet has none
    return { run, active, layout, marks, here: onLane(hand.at(), run) };
  };
  /** Tell the mark under the pointer, or else under the handle that is moved. */
  const tell = () => {
    const { active, here } = where();
    const onHandle = hand.held() || (over.lane < 0 && root.querySelector(".tl-handle").matches(":focus-visible"));
    const [lane, x] = onHandle ? [active, layout.x(here)] : [over.lane, over.x];
    showTip(root, markAt(layout.marks[lane] ?? [], x), lane);
  };
  const draw = () => {
    waiting = 0;
    const state = model.get("state");
    root.hidden = !state.runs;
    if (root.hidden || !root.isConnected) return;
    if (root.querySelector(".tl-plot").clientWidth < ROOM) return void (retry = setTimeout(redraw, RETRY_MS));
    layout = show(root, state, hand.at());
    if (state.active !== seen) root.querySelector(".tl-scroll").scrollTop = (state.active - 2) * LANE;
    seen = state.active;
    tell();
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const onState = () => {
    const { active } = model.get("state");
    if (active !== followed) hand.drop();
    followed = active;
    hand.heard();
    redraw();
  };
  const hand = makeHand(model, redraw);
  listen(root, hand, where);
  const over = listenToPointer(root, hand, where, tell);
  for (const event of ["focusin", "focusout"]) root.addEventListener(event, redraw);
  const stopWatching = onNewLooks(root, redraw);
  model.on("change:state", onState);
  onState();

  return () => {
    hand.stop();
    cancelAnimationFrame(waiting);
    clearTimeout(retry);
    stopWatching();
    model.off("change:state", onState);
    root.remove();
  };
}

export default { render };
