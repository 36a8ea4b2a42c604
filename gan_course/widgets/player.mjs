// Plays a recording (see gan_course/recording.py): hands its frames, at their times, to the widget that draws them.
import { grouped } from "./drawing.mjs";
import { unpackFrame } from "./frame.mjs";

const BEAT_MS = 1000; // how often the widget hears that its frames' source is alive
const REST = 1; // seconds that the last picture stays before a loop begins again
const LEAP = 0.25; // seconds at most from one animation frame to the next: a hidden page waits
const MAGIC = "GANREC1\n";

/** The frames in a recording's unpacked bytes: [{ at, frame }], `at` in seconds, `frame` a DataView. */
export function readEntries(buffer) {
  if (new TextDecoder().decode(buffer.slice(0, MAGIC.length)) !== MAGIC) throw new Error("it is no recording");
  const view = new DataView(buffer);
  const entries = [];
  for (let place = MAGIC.length; place < buffer.byteLength; ) {
    const length = view.getUint32(place + 8, true);
    entries.push({ at: view.getFloat64(place, true), frame: new DataView(buffer, place + 12, length) });
    place += 12 + length;
  }
  return entries;
}

/** The index of the frame that is on show at a time: the last one that had come by then. `times` never fall. */
export function indexAt(times, time) {
  let [low, high] = [0, times.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle;
  }
  return low;
}

/** Where the playback is `seconds` later: { time, playing }. At `end` it stops, or begins again after a rest. */
export function advance({ time, speed, loop }, seconds, end) {
  const later = time + seconds * speed;
  if (later < end) return { time: later, playing: true };
  if (!loop) return { time: end, playing: false };
  return { time: later < end + REST * speed ? later : 0, playing: true };
}

/** 75.25 as "1:15.2". */
export function clockText(seconds) {
  const tenths = Math.floor(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}

const exponent = (v) => (v ? v.toExponential().replace("e+", "e") : "0");
const SHOWN = { lr_d: exponent, lr_g: exponent, loss: String };
for (const name of ["label_smoothing", "instance_noise", "gp_weight", "r1_gamma", "r2_gamma"]) SHOWN[name] = String;

/** The controls in a frame's facts, as text: { "D:G": "1:1", lr_d: "1e-3", … }. */
export function controlsOf(facts) {
  const there = Object.entries(SHOWN).filter(([name]) => facts[name] !== undefined);
  const others = there.map(([name, show]) => [name, show(facts[name])]);
  return { "D:G": `${facts.d_steps}:${facts.g_steps}`, ...Object.fromEntries(others) };
}

/** The controls in one line; what is 0 is left out. */
export function readout(controls) {
  const shown = Object.entries(controls).filter(([, value]) => value !== "0");
  return shown.map(([name, value]) => `${name} ${value}`).join(" · ");
}

/** Where controls changed: [{ index, text }], with the index of the first frame that has the new value. */
export function changesIn(controls) {
  const changes = [];
  for (let index = 1; index < controls.length; index++) {
    const [before, now] = [controls[index - 1], controls[index]];
    const names = Object.keys(now).filter((name) => before[name] !== now[name]);
    const text = names.map((name) => `${name} ${before[name]} → ${now[name]}`).join(", ");
    if (text) changes.push({ index, text });
  }
  return changes;
}

/** The last change up to a frame, in words. */
export function changeText(changes, index, steps) {
  const last = changes.findLast((change) => change.index <= index);
  return last ? `Last change, by step ${grouped(steps[last.index])}: ${last.text}` : "";
}

/** What the drawing widget takes for its anywidget model: it can be heard and asked; what it says goes nowhere. */
export class RecordedModel {
  #values = { recorded: true };
  #listeners = {};

  get(name) {
    return this.#values[name];
  }
  set(name, value) {
    this.#values[name] = value;
    for (const listener of this.#listeners[`change:${name}`] ?? []) listener();
  }
  on(event, listener) {
    (this.#listeners[event] ??= new Set()).add(listener);
  }
  off(event, listener) {
    this.#listeners[event]?.delete(listener);
  }
  save_changes() {}
  send() {}
}

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <div class="gp-bar">
    <button type="button" data-do="play"></button>
    <div class="gp-scrub"><div class="gp-marks"></div>
      <input type="range" min="0" step="1" value="0" aria-label="Place in the recording"></div>
    <label>Speed <select><option value="0.5">0.5×</option><option value="1" selected>1×</option>
      <option value="2">2×</option><option value="4">4×</option></select></label>
    <label><input type="checkbox"> Loop</label>
    <button type="button" data-do="theme"></button>
  </div>
  <p class="gp-now"><b class="gp-place"></b> <span class="gp-controls"></span></p>
  <p class="gp-change"></p>
  <div class="gp-picture"></div>`;

/** A recording in base64 as its frames, and what can be said of each. */
async function load(base64) {
  const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const entries = readEntries(await new Response(stream).arrayBuffer());
  const facts = entries.map(({ frame }) => unpackFrame(frame).facts);
  const steps = facts.map(({ step }) => step);
  const controls = facts.map(controlsOf);
  return { frames: entries.map(({ frame }) => frame), times: entries.map(({ at }) => at), steps, controls };
}

/** Light or dark as the reader's system has it, until the button is pressed. */
function followTheme(button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = (dark) => {
    document.body.dataset.jpThemeLight = String(!dark);
    button.textContent = dark ? "Light colours" : "Dark colours";
  };
  const follow = () => show(system.matches);
  system.addEventListener("change", follow);
  button.addEventListener("click", () => {
    system.removeEventListener("change", follow);
    show(document.body.dataset.jpThemeLight === "true");
  });
  follow();
}

/** A tick above the scrub bar for each change; a hint says which. */
function drawMarks(marks, changes, steps) {
  for (const { index, text } of changes) {
    const mark = document.createElement("i");
    mark.style.setProperty("--place", index / (steps.length - 1));
    mark.title = `By step ${grouped(steps[index])}: ${text}`;
    marks.append(mark);
  }
}

/** Time that passes while it plays; `show` is told of every move. */
class Playback {
  #state = { time: 0, speed: 1, loop: false, playing: false };
  #waiting = 0;

  constructor(end, show) {
    Object.assign(this, { end, show });
  }

  /** Take over what is given of { time, speed, loop, playing }. */
  set(change) {
    const begins = change.playing && !this.#state.playing;
    if (begins && this.#state.time >= this.end) this.#state.time = 0;
    Object.assign(this.#state, change);
    this.show(this.#state);
    if (begins) this.#wait(performance.now());
  }

  toggle() {
    this.set({ playing: !this.#state.playing });
  }

  #wait(before) {
    cancelAnimationFrame(this.#waiting); // of a pause so short that it was still under way
    this.#waiting = requestAnimationFrame((now) => {
      if (!this.#state.playing) return;
      const seconds = Math.min(Math.max(now - before, 0) / 1000, LEAP);
      this.set(advance(this.#state, seconds, this.end));
      this.#wait(now);
    });
  }
}

/** A function that puts the playback's state on the page: shows the frame that is due, and says where it is. */
function shower(root, model, { frames, times, steps, controls }) {
  const part = (name) => root.querySelector(name);
  const [bar, place, button] = [part("[type=range]"), part(".gp-place"), part("[data-do=play]")];
  const changes = changesIn(controls);
  const end = times.at(-1);
  bar.max = frames.length - 1;
  drawMarks(part(".gp-marks"), changes, steps);
  let shown;
  const showFrame = (index) => {
    shown = index;
    model.set("frame", frames[index]);
    bar.value = index;
    bar.style.setProperty("--place", index / (frames.length - 1 || 1));
    part(".gp-controls").textContent = readout(controls[index]);
    part(".gp-change").textContent = changeText(changes, index, steps);
  };
  return ({ time, playing }) => {
    const index = indexAt(times, time);
    if (index !== shown) showFrame(index);
    place.textContent = `${clockText(Math.min(time, end))} of ${clockText(end)} · step ${grouped(steps[index])}`;
    bar.setAttribute("aria-valuetext", place.textContent);
    button.textContent = playing ? "Pause" : "Play";
  };
}

/** What a hand does. */
function listen(root, playback, times) {
  const part = (name) => root.querySelector(name);
  const bar = part("[type=range]");
  part("[data-do=play]").addEventListener("click", () => playback.toggle());
  bar.addEventListener("input", () => playback.set({ time: times[bar.value], playing: false }));
  bar.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault(); // the page shall not scroll
    playback.toggle();
  });
  part("select").addEventListener("change", ({ target }) => playback.set({ speed: Number(target.value) }));
  part("[type=checkbox]").addEventListener("change", ({ target }) => playback.set({ loop: target.checked }));
}

/** Play the recording that stands in `root`, in base64, with a widget's `render`. */
export async function mount(root, render) {
  const player = document.createElement("div");
  root.append(player);
  try {
    const recording = await load(root.querySelector("script").textContent);
    player.innerHTML = MARKUP;
    start(player, render, recording);
  } catch (error) {
    player.setAttribute("role", "alert");
    const todo = "Copy the page again, or open it in a newer browser.";
    player.textContent = `This page can't play its recording: ${error.message}. ${todo}`;
  }
}

function start(player, render, recording) {
  followTheme(player.querySelector("[data-do=theme]"));
  const model = new RecordedModel();
  const playback = new Playback(recording.times.at(-1), shower(player, model, recording));
  listen(player, playback, recording.times);
  playback.set({ playing: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  setInterval(() => model.set("beat", performance.now()), BEAT_MS);
  render({ model, el: player.querySelector(".gp-picture") });
}
