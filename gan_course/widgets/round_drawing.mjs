// The pictures of a round by hand, from the arrays of one frame. Nothing here knows a page or a kernel.
import { colorsOf } from "./dom.mjs";
import { drawPixels, hexToRgb, line, niceTicks, prepare, toRgba } from "./drawing.mjs";
import { fieldColor } from "./gan_panels.mjs";

const FAINTEST = 0.22; // how strongly a cell is coloured whose weight hardly moved
const ROWS = { G: ["z₁", "z₂", "bias", "x₁", "x₂"], D: ["x₁", "x₂", "bias", "logit"] };
const INPUTS = 3; // rows of a table of weights that lead into the hidden units: two numbers and a bias

/** The colours of a widget's root, by name. */
export const roundColors = (element) =>
  colorsOf(element, "gan", ["real", "fake", "d", "g", "text", "grid", "mark", "field-fake", "field-middle", "field-real"]);

/** Pixels [x, y] of a point in a square [left, top, side] that goes from -reach to reach; points outside lie on its rim. */
export const onPlane = ([left, top, side], reach, [x, y]) => {
  const along = (v) => (Math.min(Math.max(v / reach, -1), 1) + 1) / 2;
  return [left + along(x) * side, top + (1 - along(y)) * side];
};

/** The points of an array (N, 2). */
export const pairsOf = ({ data }) => Array.from({ length: data.length / 2 }, (_, i) => [data[2 * i], data[2 * i + 1]]);

/** How strongly each cell is coloured, from 0 (its weight did not move) to 1; NaN where there is no weight. */
export function strengths({ data }) {
  const most = data.reduce((m, v) => (v === v ? Math.max(m, Math.abs(v)) : m), 0);
  return Array.from(data, (v) => (v === 0 ? 0 : FAINTEST + (1 - FAINTEST) * (Math.abs(v) / most)));
}

/** Where on a line from `left` to `right` a verdict in [0, 1] stands. */
export const onLine = (verdict, left, right) => left + verdict * (right - left);

function drawFrame([left, top, side], reach, context, colors) {
  Object.assign(context, { strokeStyle: colors.grid, fillStyle: colors.text, lineWidth: 1 });
  context.strokeRect(left + 0.5, top + 0.5, side - 1, side - 1);
  for (const tick of niceTicks(-reach, reach, 4)) {
    const [x, y] = onPlane([left, top, side], reach, [tick, tick]);
    Object.assign(context, { textAlign: "center", textBaseline: "top" });
    context.fillText(String(tick).replace("-", "−"), x, top + side + 4);
    Object.assign(context, { textAlign: "right", textBaseline: "middle" });
    context.fillText(String(tick).replace("-", "−"), left - 4, y);
  }
}

/** Fit a canvas, and a square plane into it: { context, box, family }. */
function plane(canvas, reach, colors) {
  const { context, width, height } = prepare(canvas);
  const family = getComputedStyle(canvas).fontFamily;
  context.font = `11px ${family}`;
  const box = [24, 6, Math.min(width - 32, height - 26)];
  drawFrame(box, reach, context, colors);
  return { context, box, family };
}

function hint(context, [left, top, side], text, family, colors) {
  Object.assign(context, { font: `13px ${family}`, fillStyle: colors.text, textAlign: "center", textBaseline: "middle" });
  text.split("\n").forEach((part, i, all) => context.fillText(part, left + side / 2, top + side / 2 + 18 * (i - (all.length - 1) / 2)));
}

function dots(context, points, radius, color, rim) {
  Object.assign(context, { fillStyle: color, strokeStyle: rim, lineWidth: 1 });
  for (const [x, y] of points) {
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fill();
    context.stroke();
  }
}

function squares(context, points, side, color, rim) {
  Object.assign(context, { fillStyle: color, strokeStyle: rim, lineWidth: 1 });
  for (const [x, y] of points) {
    context.fillRect(x - side / 2, y - side / 2, side, side);
    context.strokeRect(x - side / 2, y - side / 2, side, side);
  }
}

/** The noise in its own little plane. */
export function drawNoise(canvas, { facts, arrays }, colors) {
  const { context, box, family } = plane(canvas, facts.noise_reach, colors);
  if (!arrays.z) return hint(context, box, "no noise yet\n(2)", family, colors);
  dots(context, pairsOf(arrays.z).map((z) => onPlane(box, facts.noise_reach, z)), 3.5, colors.text, colors["field-middle"]);
}

function drawField(context, [left, top, side], field, colors) {
  const [fake, middle, real] = ["field-fake", "field-middle", "field-real"].map((name) => hexToRgb(colors[name]));
  context.save();
  context.translate(left, top + side);
  context.scale(1, -1); // its first row lies at the lowest y
  drawPixels(context, field, toRgba(field, (shade) => fieldColor(shade, fake, middle, real)), 0, 0, side, side, true);
  context.restore();
}

/** The plane of the points: D's field, real points as dots, fakes as squares, and lines to where they went. */
export function drawTable(canvas, { facts, arrays }, colors) {
  const { context, box, family } = plane(canvas, facts.reach, colors);
  const place = (point) => onPlane(box, facts.reach, point);
  if (arrays.field) drawField(context, box, arrays.field, colors);
  if (!arrays.x && !arrays.fakes) hint(context, box, facts.turn === "D" ? "an empty table" : "G's turn:\nno real points here", family, colors);
  const rim = colors["field-middle"];
  if (arrays.x) dots(context, pairsOf(arrays.x).map(place), 4.5, colors.real, rim);
  if (!arrays.fakes) return;
  const before = pairsOf(arrays.fakes).map(place);
  const now = pairsOf(arrays.fakes_now ?? arrays.fakes).map(place);
  if (arrays.fakes_now) squares(context, before, 8, rim, colors.fake);
  Object.assign(context, { strokeStyle: colors.fake, lineWidth: 2 });
  before.forEach(([x, y], i) => line(context, [x, now[i][0]], [y, now[i][1]]));
  squares(context, now, 8, colors.fake, rim);
}

/** D's verdicts on a line from 0 (fake) to 1 (real), and their means: real points above it, fakes below. */
export function drawVerdicts(canvas, { arrays }, colors) {
  const { context, width, height } = prepare(canvas);
  const family = getComputedStyle(canvas).fontFamily;
  const [left, right, middle] = [12, width - 12, (height - 16) / 2];
  Object.assign(context, { font: `11px ${family}`, strokeStyle: colors.grid, fillStyle: colors.text, lineWidth: 1 });
  line(context, [left, right], [middle, middle]);
  context.textAlign = "center";
  for (const [tick, name] of [[0, "0"], [0.5, "½"], [1, "1"]]) {
    line(context, [onLine(tick, left, right), onLine(tick, left, right)], [4, height - 18]);
    context.fillText(name, onLine(tick, left, right), height - 4);
  }
  if (!arrays.fake_verdicts) return;
  const row = ({ data }, y) => Array.from(data, (v) => [onLine(v, left, right), y]);
  const mean = ({ data }) => data.reduce((a, b) => a + b, 0) / data.length;
  const rows = [[arrays.real_verdicts, -1, dots, colors.real], [arrays.fake_verdicts, 1, squares, colors.fake]];
  for (const [verdicts, side, mark, color] of rows.filter(([verdicts]) => verdicts)) {
    mark(context, row(verdicts, middle + side * 12), side > 0 ? 7 : 4, color, colors["field-middle"]);
    Object.assign(context, { strokeStyle: color, lineWidth: 3 });
    const x = onLine(mean(verdicts), left, right);
    line(context, [x, x], [middle + side * 2, middle + side * 24]);
  }
}

/** The weights of one network as cells: a column a hidden unit, a row an input or an output. */
export function drawWeights(canvas, name, { shape, data }, colors) {
  const { context, width, height } = prepare(canvas);
  const family = getComputedStyle(canvas).fontFamily;
  const [left, gap, [rows, columns]] = [34, 8, shape];
  const [w, h] = [(width - left - 2) / columns, (height - gap - 2) / rows];
  const color = colors[name.toLowerCase()];
  Object.assign(context, { font: `11px ${family}`, textBaseline: "middle", strokeStyle: colors.text, lineWidth: 0.5 });
  strengths({ data }).forEach((strength, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const [x, y] = [left + column * w, 1 + row * h + (row < INPUTS ? 0 : gap)];
    if (!column) Object.assign(context, { fillStyle: colors.text, textAlign: "right" }).fillText(ROWS[name][row], left - 5, y + h / 2);
    if (Number.isNaN(strength)) return;
    Object.assign(context, { fillStyle: color, globalAlpha: strength });
    context.fillRect(x + 1, y + 1, w - 2, h - 2);
    context.globalAlpha = 1;
    context.strokeRect(x + 1, y + 1, w - 2, h - 2);
  });
}
