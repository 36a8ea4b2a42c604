// The pictures of a game of two parameters, from the arrays of one frame. Nothing here knows a page or a kernel.
import { colorsOf } from "./dom.mjs";
import { grouped, line, niceTicks, prepare } from "./drawing.mjs";

/** Pixels [x, y] of (θ, ψ) in a square box [left, top, side] that goes from -reach to reach. */
export const toPixels = ([left, top, side], reach, [theta, psi]) => [
  left + ((theta / reach + 1) / 2) * side,
  top + ((1 - psi / reach) / 2) * side,
];

/** The reverse of toPixels. */
export const fromPixels = ([left, top, side], reach, [x, y]) => [
  (2 * ((x - left) / side) - 1) * reach,
  (1 - 2 * ((y - top) / side)) * reach,
];

/** A text of numbers with true minus signs. */
export const minus = (text) => text.replaceAll("-", "−");

/** 10 to a whole power: "10⁻³". */
export const powerText = (n) => "10" + [...String(n)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");

/** Places and names of ticks of the chart of distances, whose axis may hold logarithms. */
export function distanceTicks({ log, low, high }) {
  if (!log) return niceTicks(low, high, 4).map((v) => [v, String(v)]);
  return niceTicks(low, high, 5).filter(Number.isInteger).map((n) => [n, powerText(n)]);
}

/** The points of an array (N, 2) up to step `last`. */
export const pointsOf = ({ data }, last = Infinity) =>
  Array.from({ length: Math.min(data.length / 2, last + 1) }, (_, i) => [data[2 * i], data[2 * i + 1]]);

/** The colours of a widget's root, by name. */
export const gameColors = (element) => ({
  ...colorsOf(element, "gan", ["real", "fake", "d", "g", "text", "grid", "mark"]),
  ...colorsOf(element, "dl", ["run", "flow", "paper"]),
});

function circle(context, [x, y], radius, fill, stroke) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  Object.assign(context, { fillStyle: fill, strokeStyle: stroke ?? fill, lineWidth: 2 });
  context.fill();
  context.stroke();
}

function arrow(context, [x0, y0], [x1, y1]) {
  line(context, [x0, x1], [y0, y1]);
  const [angle, size] = [Math.atan2(y1 - y0, x1 - x0), Math.min(5, 0.5 * Math.hypot(x1 - x0, y1 - y0))];
  const end = (turn) => [x1 - size * Math.cos(angle + turn), y1 - size * Math.sin(angle + turn)];
  const [[xa, ya], [xb, yb]] = [end(0.5), end(-0.5)];
  line(context, [xa, x1, xb], [ya, y1, yb]);
}

/** A square with axes of θ and ψ; returns it as [left, top, side]. */
function drawAxes(context, width, height, reach, colors) {
  const box = [40, 6, Math.min(width - 48, height - 40)];
  const [left, top, side] = box;
  Object.assign(context, { strokeStyle: colors.grid, fillStyle: colors.text, lineWidth: 1 });
  context.strokeRect(left, top, side, side);
  for (const tick of niceTicks(-reach, reach, 4)) {
    const [x, y] = toPixels(box, reach, [tick, tick]);
    line(context, [x, x], [top, top + side]);
    line(context, [left, left + side], [y, y]);
    Object.assign(context, { textAlign: "center", textBaseline: "top" });
    context.fillText(minus(String(tick)), x, top + side + 5);
    Object.assign(context, { textAlign: "right", textBaseline: "middle" });
    context.fillText(minus(String(tick)), left - 5, y);
  }
  return box;
}

function nameAxes(context, [left, top, side], colors, family) {
  Object.assign(context, { font: `bold 12px ${family}`, textAlign: "center", textBaseline: "bottom" });
  context.fillStyle = colors.g;
  context.fillText("θ, the generator", left + side / 2, top + side + 33);
  context.save();
  context.translate(12, top + side / 2);
  context.rotate(-Math.PI / 2);
  Object.assign(context, { fillStyle: colors.d, textBaseline: "middle" });
  context.fillText("ψ, the discriminator", 0, 0);
  context.restore();
}

function clipTo(context, left, top, width, height) {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
}

const strokePoints = (context, points) => line(context, points.map(([x]) => x), points.map(([, y]) => y));

/** The plane of θ and ψ with the run up to a step; returns the square that it fills. */
export function drawPhase(canvas, { facts, arrays }, step, start, colors) {
  const { context, width, height } = prepare(canvas);
  const family = getComputedStyle(canvas).fontFamily;
  context.font = `11px ${family}`;
  const box = drawAxes(context, width, height, facts.reach, colors);
  nameAxes(context, box, colors, family);
  const place = (point) => toPixels(box, facts.reach, point);
  clipTo(context, ...box, box[2]);
  Object.assign(context, { strokeStyle: colors.flow, lineWidth: 1 });
  for (let i = 0; i < arrays.arrows.data.length; i += 4) {
    const [x, y, across, up] = arrays.arrows.data.subarray(i, i + 4);
    arrow(context, place([x - across / 2, y - up / 2]), place([x + across / 2, y + up / 2]));
  }
  const stroke = (path, last, color, alpha, wide) => {
    Object.assign(context, { strokeStyle: color, globalAlpha: alpha, lineWidth: wide });
    strokePoints(context, pointsOf(path, last).map(place));
    context.globalAlpha = 1;
  };
  if (arrays.other) stroke(arrays.other, step, colors.text, 0.5, 1);
  stroke(arrays.path, Infinity, colors.run, 0.25, 1.5); // where it will go
  stroke(arrays.path, step, colors.run, 1, 1.5);
  const points = pointsOf(arrays.path, step).map(place);
  for (const dot of arrays.dots.data) if (dot <= step) circle(context, points[dot], 1.5, colors.run);
  Object.assign(context, { strokeStyle: colors.mark, lineWidth: 2 });
  const [x, y] = place([0, 0]);
  line(context, [x - 7, x + 7], [y, y]);
  line(context, [x, x], [y - 7, y + 7]);
  circle(context, points.at(-1), 4.5, colors.mark);
  circle(context, place(start), 6, colors.paper, colors.mark);
  context.restore();
  return box;
}

/** The distance from the equilibrium over the steps. */
export function drawDistance(canvas, { facts, arrays }, step, colors) {
  const { context, width, height } = prepare(canvas);
  const [left, bottom, top, right] = [44, 34, 6, 10];
  const x = (s) => left + (s / Math.max(facts.steps, 1)) * (width - left - right);
  const y = (v) => height - bottom - ((v - facts.low) / (facts.high - facts.low)) * (height - bottom - top);
  const family = getComputedStyle(canvas).fontFamily;
  Object.assign(context, { font: `11px ${family}`, fillStyle: colors.text, strokeStyle: colors.grid, lineWidth: 1 });
  Object.assign(context, { textAlign: "right", textBaseline: "middle" });
  for (const [tick, name] of distanceTicks(facts)) {
    line(context, [left, width - right], [y(tick), y(tick)]);
    context.fillText(name, left - 5, y(tick));
  }
  context.textAlign = "center";
  for (const tick of niceTicks(0, facts.steps, 3)) context.fillText(grouped(tick), Math.min(x(tick), width - 18), height - bottom + 10);
  context.fillText("step", (left + width - right) / 2, height - 8);
  clipTo(context, left, top, width - left - right, height - top - bottom);
  const stroke = ({ data }, color, alpha, wide, dash = []) => {
    Object.assign(context, { strokeStyle: color, globalAlpha: alpha, lineWidth: wide });
    context.setLineDash(dash);
    line(context, Array.from(data, (_, i) => x(i)), Array.from(data, y));
    context.setLineDash([]);
    context.globalAlpha = 1;
  };
  if (arrays.other_distance) stroke(arrays.other_distance, colors.text, 0.5, 1);
  stroke(arrays.distance, colors.run, 1, 2);
  stroke(arrays.theory, colors.mark, 1, 1.2, [6, 5]);
  context.restore();
  if (step < facts.steps) {
    Object.assign(context, { strokeStyle: colors.text, lineWidth: 1 });
    line(context, [x(step), x(step)], [top, height - bottom]);
  }
  const here = y(arrays.distance.data[step]);
  if (Number.isFinite(here)) circle(context, [x(step), here], 4, colors.mark);
}

/** The Dirac-GAN itself: a real point, a fake one, and the straight line that D is. */
export function drawLine(canvas, { facts, arrays }, step, colors) {
  const { context, width, height } = prepare(canvas);
  const [theta, psi] = pointsOf(arrays.path, step).at(-1);
  const [left, right, middle] = [10, width - 10, (height - 18) / 2];
  const x = (value) => left + ((value / facts.reach + 1) / 2) * (right - left);
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  Object.assign(context, { strokeStyle: colors.grid, fillStyle: colors.text, lineWidth: 1, textAlign: "center" });
  line(context, [left, right], [middle, middle]);
  for (const tick of niceTicks(-facts.reach, facts.reach, 4)) context.fillText(minus(String(tick)), x(tick), height - 3);
  clipTo(context, 0, 0, width, height - 16);
  const rise = (psi / facts.reach) * middle; // at the right end; the steepest slope in the picture is a diagonal
  Object.assign(context, { strokeStyle: colors.d, lineWidth: 2 });
  line(context, [left, right], [middle + rise, middle - rise]);
  circle(context, [x(0), middle], 6, colors.real);
  if (Number.isFinite(theta)) circle(context, [x(theta), middle], 5, colors.fake);
  context.restore();
}
