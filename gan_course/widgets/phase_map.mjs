// The map of a sweep: cells that take colour while it trains. Python trains and colours; this file shows.
import { hear, keepKeys, setHtml, setOptions, setText } from "./dom.mjs";
import { grouped } from "./drawing.mjs";
import { unpackFrame } from "./frame.mjs";

const SILENT_MS = 6000; // no sign of life for this long: say so
const LOOK_AGAIN_MS = 1000;
const SAY_MS = 3000; // between two announcements of a cell that keeps changing
const TURNING_SHADE = 0.5; // lighter cells are written on in black

/** Seconds in words. */
export function timeText(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** How far the sweep is, in words. */
export function progressText({ runs, round, target, over, playing, left }, silence = 0) {
  if (silence > SILENT_MS) return `No sign of life for ${Math.round(silence / 1000)} s: is the kernel still running?`;
  const about = `${grouped(runs)} GANs, round ${grouped(round)} of ${grouped(target)}`;
  if (over) return `${about}: done`;
  if (!playing) return `${about}: stopped, all is kept`;
  return left === null ? about : `${about}: about ${timeText(left)} left`;
}

/** What the button would do. */
export function buttonText({ playing, over, round, more }) {
  if (playing) return "Stop";
  if (over) return `${grouped(more)} more rounds`;
  return round ? "Go on" : "Start";
}

/** The place a key leads to from [row, column] on a map of so many rows and columns; undefined for other keys. */
export function keyPlace(key, [row, column], [rows, columns]) {
  const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
  if (by) return [Math.min(Math.max(row + by[0], 0), rows - 1), Math.min(Math.max(column + by[1], 0), columns - 1)];
  return { Home: [row, 0], End: [row, columns - 1] }[key];
}

/** The colours of a cell: its ground and its ink; undefined where nothing is known. */
export function inks({ data: colors }, { data: shades }, index) {
  if (Number.isNaN(shades[index])) return undefined;
  return [`rgb(${colors.slice(3 * index, 3 * index + 3).join(" ")})`, shades[index] > TURNING_SHADE ? "#000" : "#fff"];
}

/** Colours (1, n, 3) as a gradient from left to right. */
export const gradient = ({ shape, data }) =>
  `linear-gradient(to right, ${Array.from({ length: shape[1] }, (_, i) => `rgb(${data.slice(3 * i, 3 * i + 3).join(" ")})`)})`;

/** The run of a cell to open: the one chosen last, or the last that there is. */
export const memberAt = ({ members }, chosen) => members[Math.min(chosen, members.length - 1)][0];

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <div class="pm-head">
    <button type="button" class="pm-toggle"></button>
    <progress max="1" aria-label="done"></progress><span class="pm-progress"></span>
    <label class="pm-value">colour <select aria-label="what the colours show"></select></label>
  </div>
  <p class="pm-error" role="alert" hidden></p>
  <div class="pm-map">
    <span class="pm-y-words"></span>
    <div class="pm-grid" role="grid"></div>
    <span class="pm-x-words"></span>
    <div class="pm-legend"><span class="pm-legend-words"></span><div class="pm-ramp" aria-hidden="true"></div>
      <div class="pm-ticks" aria-hidden="true"></div></div>
  </div>
  <div class="pm-cell"><p class="pm-about" aria-hidden="true"></p><p class="pm-said gan-unseen" role="status"></p>
    <div class="pm-members" role="group" aria-label="runs of this cell"></div></div>
  <p class="pm-opened" role="status" hidden></p>`;

/** Make the cells, if they are others than before. */
function layOut(grid, { xs, ys }) {
  const key = JSON.stringify([xs, ys]);
  if (grid.dataset.places === key) return;
  grid.dataset.places = key;
  grid.style.gridTemplateColumns = `auto repeat(${xs.length}, minmax(44px, 1fr))`;
  const row = (y, r) => `<div role="row"><span class="pm-y" role="rowheader">${y}</span>
    ${xs.map((_, c) => `<button type="button" role="gridcell" tabindex="-1" data-row="${r}" data-column="${c}"><b></b><small></small></button>`).join("")}</div>`;
  grid.innerHTML = `${ys.map(row).join("")}<div role="row"><span></span>${xs.map((x) => `<span class="pm-x" role="columnheader">${x}</span>`).join("")}</div>`;
}

function paint(grid, { facts, arrays }, [row, column], opened) {
  for (const cell of grid.querySelectorAll("[role=gridcell]")) {
    const [r, c] = [Number(cell.dataset.row), Number(cell.dataset.column)];
    const about = facts.cells[r][c];
    const [ground, ink] = inks(arrays.colors, arrays.shades, r * facts.xs.length + c) ?? ["", ""];
    Object.assign(cell.style, { background: ground, color: ink });
    cell.dataset.known = Boolean(ground);
    cell.dataset.opened = about.members.some(([member]) => member === opened?.member);
    cell.ariaLabel = `${about.words} Enter opens a run.`;
    cell.ariaSelected = r === row && c === column;
    cell.tabIndex = r === row && c === column ? 0 : -1;
    setText(cell.querySelector("b"), about.text);
    setText(cell.querySelector("small"), about.n ? `n=${about.n}` : "");
  }
}

function showLegend(root, { facts, arrays }) {
  const find = (selector) => root.querySelector(selector);
  setText(find(".pm-x-words"), facts.x_words);
  setText(find(".pm-y-words"), facts.y_words);
  setText(find(".pm-legend-words"), `${facts.value_words}, mean`);
  find(".pm-ramp").style.background = gradient(arrays.legend);
  setHtml(find(".pm-ticks"), facts.ticks.map((tick) => `<span>${tick}</span>`).join(""));
  find(".pm-grid").ariaLabel = `${facts.value_words} over ${facts.x_words} and ${facts.y_words}. Arrow keys move, Enter opens a run.`;
  setOptions(find(".pm-value select"), facts.values, facts.value);
}

function showMembers(root, cell, chosen, opened) {
  const marked = ([member], i) => (member === opened?.member ? " pm-is-opened" : "") + (i === Math.min(chosen, cell.members.length - 1) ? " pm-chosen" : "");
  setHtml(root.querySelector(".pm-members"), cell.members
    .map((one, i) => `<button type="button" class="pm-member${marked(one, i)}" data-index="${i}" data-member="${one[0]}">${one[1]}${one[2] ? `: <b>${one[2]}</b>` : ""}</button>`)
    .join(""));
}

function showStatus(root, status, silence) {
  setText(root.querySelector(".pm-toggle"), buttonText(status));
  setText(root.querySelector(".pm-progress"), progressText(status, silence));
  root.querySelector("progress").value = status.share;
  const say = (name, words) => {
    root.querySelector(name).hidden = !words;
    setText(root.querySelector(name), words ?? "");
  };
  say(".pm-error", status.message);
  say(".pm-opened", status.opened?.words);
  Object.assign(root.dataset, { round: status.round, playing: status.playing, over: status.over, opened: status.opened?.member ?? "" });
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "phase-map gan-palette gan-plain";
  keepKeys(root);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "A map of many GANs");
  root.innerHTML = MARKUP;
  el.append(root);
  const grid = root.querySelector(".pm-grid");
  let frame;
  let status = model.get("status");
  let heard = Date.now();
  let place = [0, 0]; // of the cell chosen
  let under; // that of the pointer
  let chosen = 0; // which run of a cell
  let [waiting, said, saidAt] = [0, "", 0];

  const cellAt = ([row, column]) => frame.facts.cells[row][column];
  const draw = () => {
    waiting = 0;
    if (!frame || status.number === undefined) return;
    layOut(grid, frame.facts);
    place = place.map((at, i) => Math.min(at, [frame.facts.ys, frame.facts.xs][i].length - 1));
    paint(grid, frame, place, status.opened);
    showLegend(root, frame);
    const shown = cellAt(under ?? place);
    setText(root.querySelector(".pm-about"), shown.words);
    showMembers(root, shown, shown === cellAt(place) ? chosen : -1, status.opened);
    say(shown.words);
    showStatus(root, status, Date.now() - heard);
    model.set("drawn", status.number);
    model.save_changes();
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  /** The words of the cell under the pointer or chosen, for those who hear them: of one that keeps changing now and then. */
  const say = (words) => {
    const where = String(under ?? place);
    if (where === said && Date.now() - saidAt < SAY_MS && status.playing) return;
    [said, saidAt] = [where, Date.now()];
    setText(root.querySelector(".pm-said"), words);
  };
  const open = () => model.send({ do: "open", member: memberAt(cellAt(place), chosen) });
  const placeOf = ({ target }) => {
    const cell = target.closest("[role=gridcell]");
    return cell && [Number(cell.dataset.row), Number(cell.dataset.column)];
  };

  grid.addEventListener("click", (event) => {
    if (!placeOf(event)) return;
    place = placeOf(event);
    open();
    redraw();
  });
  grid.addEventListener("keydown", (event) => {
    const to = keyPlace(event.key, place, [frame.facts.ys.length, frame.facts.xs.length]);
    if (!to) return;
    event.preventDefault();
    [place, under] = [to, undefined];
    draw();
    grid.querySelector(`[data-row="${to[0]}"][data-column="${to[1]}"]`).focus();
  });
  grid.addEventListener("pointerover", (event) => ((under = placeOf(event) ?? under), redraw()));
  grid.addEventListener("pointerleave", () => ((under = undefined), redraw()));
  root.querySelector(".pm-members").addEventListener("click", ({ target }) => {
    const index = target.closest("button")?.dataset.index;
    if (index === undefined) return;
    chosen = Number(index);
    open();
    redraw();
  });
  root.querySelector(".pm-toggle").addEventListener("click", () => model.send({ do: "toggle" }));
  root.querySelector("select").addEventListener("change", ({ target }) => model.send({ do: "show", value: target.value }));

  const onFrame = () => {
    if (model.get("frame").byteLength) frame = unpackFrame(model.get("frame"));
    redraw();
  };
  const onStatus = () => {
    [status, heard] = [model.get("status"), Date.now()];
    redraw();
  };
  const onBeat = () => (heard = Date.now());
  const clock = setInterval(() => frame && showStatus(root, status, Date.now() - heard), LOOK_AGAIN_MS);
  const goDeaf = hear(model, { frame: onFrame, status: onStatus, beat: onBeat });
  onFrame();

  return () => {
    clearInterval(clock);
    cancelAnimationFrame(waiting);
    goDeaf();
    root.remove();
  };
}

export default { render };
