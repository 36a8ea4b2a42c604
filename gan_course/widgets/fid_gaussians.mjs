// Two Gaussians as a hand moves them: where their handles are, what a drag or a key makes of them, how they are drawn.
import { line, niceTicks, prepare } from "./drawing.mjs";

export const GAUSSIANS = ["real", "fake"];
const WIDE = 5.6; // the plane goes from -WIDE to WIDE across
const BELOW = 26; // pixels under the axis of a line
const REACH = 24; // pixels from a handle within which a hand takes hold of it
const FULL = 1.05; // height of a density that fills the picture, on a line
const [STEP, FAR, TURN] = [0.1, 0.5, 5]; // of a key; of one with Shift; in degrees

const within = (v, [low, high]) => Math.min(Math.max(v, low), high);
const rounded = (v, digits = 2) => +v.toFixed(digits);
const radians = (degrees) => (degrees * Math.PI) / 180;

/** Height of the bell of a Gaussian of this width at its middle. */
const peakAt = (std) => 1 / (std * Math.sqrt(2 * Math.PI));

/** Where things are in a picture of this size: pixels of values, and back. */
export function planeOf(width, height, dimension) {
  const scale = width / (2 * WIDE);
  const zero = dimension === 1 ? height - BELOW : height / 2;
  const up = dimension === 1 ? (zero - 14) / FULL : scale; // pixels of 1 on the y axis
  return {
    width, height, dimension, zero, up,
    x: (v) => width / 2 + v * scale,
    y: (v) => zero - v * up,
    fromX: (px) => (px - width / 2) / scale,
    fromY: (py) => (zero - py) / up,
  };
}

/** The handles of a Gaussian: its middle, and one at the end of each of its spreads. */
export function handlesOf(name, { mean: [x, y], stds, angle }, plane) {
  if (plane.dimension === 1) {
    const top = peakAt(stds[0]);
    const side = name === "real" ? -1 : 1;
    return [
      { name, kind: "mean", at: [plane.x(x), plane.y(top)] },
      { name, kind: 0, side, at: [plane.x(x + side * stds[0]), plane.y(Math.exp(-0.5) * peakAt(stds[0]))] },
    ];
  }
  const [c, s] = [Math.cos(radians(angle)), Math.sin(radians(angle))];
  const ends = [[c * stds[0], s * stds[0]], [-s * stds[1], c * stds[1]]];
  return [
    { name, kind: "mean", at: [plane.x(x), plane.y(y)] },
    ...ends.map(([dx, dy], kind) => ({ name, kind, at: [plane.x(x + dx), plane.y(y + dy)] })),
  ];
}

/** The handle within reach of a place, the nearest; undefined if there is none. */
export function handleAt(handles, [x, y]) {
  const far = ({ at }) => Math.hypot(at[0] - x, at[1] - y);
  const near = handles.filter((handle) => far(handle) <= REACH).sort((a, b) => far(a) - far(b));
  return near[0];
}

/** What a Gaussian becomes when a handle of it is dragged to a place in the plane. */
export function dragged(state, { kind, side }, [x, y], dimension, bounds) {
  if (kind === "mean") {
    const up = dimension === 1 ? state.mean[1] : rounded(within(y, bounds.mean));
    return { ...state, mean: [rounded(within(x, bounds.mean)), up] };
  }
  const [dx, dy] = [x - state.mean[0], y - state.mean[1]];
  const stds = [...state.stds];
  if (dimension === 1) {
    stds[0] = rounded(within(side * dx, bounds.std));
    return { ...state, stds };
  }
  stds[kind] = rounded(within(Math.hypot(dx, dy), bounds.std));
  const angle = (Math.atan2(dy, dx) * 180) / Math.PI - (kind === 1 ? 90 : 0);
  return { ...state, stds, angle: upright(angle) };
}

/** The same direction, from -90 to 90 degrees. */
export const upright = (angle) => rounded(((((angle + 90) % 180) + 180) % 180) - 90, 1);

/** A Gaussian that is wider by a factor. */
export const widened = (state, factor, bounds) => ({
  ...state,
  stds: state.stds.map((std) => rounded(within(std * factor, bounds.std))),
});

/** What a key makes of a Gaussian; undefined for other keys. */
export function keyed(key, shift, state, dimension, bounds) {
  const by = shift ? FAR : STEP;
  const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0] };
  if (dimension === 2) Object.assign(moves, { ArrowUp: [0, by], ArrowDown: [0, -by] });
  if (moves[key]) return { ...state, mean: state.mean.map((v, i) => rounded(within(v + moves[key][i], bounds.mean))) };
  if (key === "+" || key === "=") return widened(state, 1.1, bounds);
  if (key === "-") return widened(state, 1 / 1.1, bounds);
  const turn = { "[": TURN, "]": -TURN }[key];
  if (turn && dimension === 2) return { ...state, angle: upright(state.angle + turn) };
  return undefined;
}

// ---- drawing ------------------------------------------------------------------------------------------------------

function drawAxes(context, plane, colors) {
  Object.assign(context, { strokeStyle: colors.grid, fillStyle: colors.text, lineWidth: 1, textAlign: "center" });
  context.textBaseline = "top";
  for (const tick of niceTicks(-5, 5, 10)) {
    const x = plane.x(tick);
    if (plane.dimension === 2) line(context, [x, x], [0, plane.height]);
    context.fillText(String(tick).replace("-", "−"), x, plane.dimension === 1 ? plane.zero + 6 : plane.height - 15);
    if (plane.dimension === 2) line(context, [0, plane.width], [plane.y(tick), plane.y(tick)]);
  }
  if (plane.dimension === 1) line(context, [0, plane.width], [plane.zero, plane.zero]);
}

function drawBell(context, { mean, stds }, plane, color) {
  const xs = Array.from({ length: Math.ceil(plane.width / 2) + 1 }, (_, i) => 2 * i);
  const height = (px) => peakAt(stds[0]) * Math.exp(-(((plane.fromX(px) - mean[0]) / stds[0]) ** 2) / 2);
  const ys = xs.map((px) => plane.y(height(px)));
  Object.assign(context, { fillStyle: color, strokeStyle: color, lineWidth: 2, globalAlpha: 0.22 });
  context.beginPath();
  context.moveTo(0, plane.zero);
  xs.forEach((x, i) => context.lineTo(x, ys[i]));
  context.lineTo(plane.width, plane.zero);
  context.fill();
  context.globalAlpha = 1;
  line(context, xs, ys);
}

function drawBlob(context, { mean, stds, angle }, plane, color) {
  const middle = [plane.x(mean[0]), plane.y(mean[1])];
  Object.assign(context, { fillStyle: color, strokeStyle: color, lineWidth: 2 });
  for (const [sigmas, alpha] of [[2, 0.12], [1, 0.26]]) {
    context.beginPath();
    context.ellipse(...middle, sigmas * stds[0] * plane.up, sigmas * stds[1] * plane.up, -radians(angle), 0, 7);
    context.globalAlpha = alpha;
    context.fill();
    context.globalAlpha = sigmas === 1 ? 1 : 0.5;
    context.stroke();
  }
  context.globalAlpha = 1;
}

function drawHandle(context, { kind, at: [x, y] }, color, colors, chosen) {
  Object.assign(context, { fillStyle: kind === "mean" ? color : colors.paper, strokeStyle: color, lineWidth: chosen ? 3 : 1.5 });
  context.beginPath();
  if (kind === "mean") context.arc(x, y, 6.5, 0, 7);
  else {
    for (const [dx, dy] of [[0, -7], [7, 0], [0, 7], [-7, 0]]) context.lineTo(x + dx, y + dy);
    context.closePath();
  }
  context.fill();
  context.stroke();
}

/** Both Gaussians with their handles, and between their means a line. Returns the plane. */
export function drawGaussians(canvas, facts, chosen, colors) {
  const { context, width, height } = prepare(canvas);
  const plane = planeOf(width, height, facts.dimension);
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  drawAxes(context, plane, colors);
  for (const name of GAUSSIANS) (plane.dimension === 1 ? drawBell : drawBlob)(context, facts[name], plane, colors[name]);
  const [from, to] = GAUSSIANS.map((name) => handlesOf(name, facts[name], plane)[0].at);
  Object.assign(context, { strokeStyle: colors.d, lineWidth: 2 });
  context.setLineDash([5, 4]);
  line(context, [from[0], to[0]], [from[1], to[1]]);
  context.setLineDash([]);
  for (const name of [...GAUSSIANS].sort((a) => (a === chosen ? 1 : -1)))
    for (const handle of handlesOf(name, facts[name], plane)) drawHandle(context, handle, colors[name], colors, name === chosen);
  return plane;
}
