// The three pictures of a density lab, one above the other on one x axis. Nothing here knows a page or a kernel.
import { GRID, HIGH, LOW, peakOf } from "./density_maths.mjs";
import { isDrawn } from "./density_shapes.mjs";
import { colorsOf } from "./dom.mjs";
import { hexToRgb, line, niceTicks, prepare } from "./drawing.mjs";

export const NAMES = ["p_data", "p_g"];
const [LEFT, RIGHT, TOP, TICKS] = [34, 12, 8, 20]; // room around a picture
const NICE_HIGHS = [0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const HEADROOM = 1.12;
const REACH = 22; // pixels from a handle within which a hand takes hold of it
const FAINT = 0.15; // of a line where it does not matter
const ENOUGH = 0.02; // of the highest density, from which on a line is drawn in full
const COARSE = 4; // points of the grid from one of a bump's line to the next
const STOP = 8; // and from one place of a fading colour to the next

/** The round height of a picture that holds these values. */
export function roundHigh(...lists) {
  const most = HEADROOM * Math.max(...lists.map((list) => list.reduce((a, b) => Math.max(a, b))));
  return NICE_HIGHS.find((high) => high >= most) ?? most;
}

/** Where things are in a picture of this size whose y axis goes from 0 to `high`: pixels of values, and back. */
export function planeOf(width, height, high, ticks = 0) {
  const [right, bottom] = [width - RIGHT, height - 6 - ticks];
  const x = (v) => LEFT + ((v - LOW) / (HIGH - LOW)) * (right - LEFT);
  return {
    high, right, bottom, x,
    xs: Array.from(GRID, x), // of the grid's points
    y: (v) => bottom - (v / high) * (bottom - TOP),
    fromX: (px) => LOW + ((px - LEFT) / (right - LEFT)) * (HIGH - LOW),
    fromY: (py) => ((bottom - py) / (bottom - TOP)) * high,
  };
}

/** The colours of a widget's root, by name. */
export const densityColors = (element) => ({
  ...colorsOf(element, "gan", ["real", "fake", "d", "other", "text", "grid", "mark"]),
  ...colorsOf(element, "in", ["paper"]),
});

const colorOf = (colors, name) => (name === "p_data" ? colors.real : colors.fake);

// ---- handles ------------------------------------------------------------------------------------------------------

/** The handles of a density made of bumps: one on top of each bump, one where it is a std wide, on its own side. */
export function handlesOf(name, density, scale, plane) {
  if (isDrawn(density)) return [];
  const side = name === "p_data" ? -1 : 1;
  return density.means.flatMap((mean, bump) => {
    const [std, top] = [density.stds[bump], density.weights[bump] * peakOf(density.stds[bump]) * scale];
    return [
      { name, bump, kind: "top", at: [plane.x(mean), plane.y(top)] },
      { name, bump, kind: "side", at: [plane.x(mean + side * std), plane.y(top * Math.exp(-0.5))] },
    ];
  });
}

/** The handle within reach of a place; the first of the nearest. */
export function handleAt(handles, [x, y]) {
  const far = ({ at }) => Math.hypot(at[0] - x, at[1] - y);
  const nearest = handles.reduce((best, next) => (!best || far(next) < far(best) - 1e-9 ? next : best), undefined);
  return nearest && far(nearest) <= REACH ? nearest : undefined;
}

// ---- parts --------------------------------------------------------------------------------------------------------

function drawFrame(context, plane, yTicks, colors, named) {
  Object.assign(context, { strokeStyle: colors.grid, fillStyle: colors.text, lineWidth: 1, textBaseline: "middle" });
  context.textAlign = "right";
  for (const [tick, name] of yTicks) {
    line(context, [LEFT, plane.right], [plane.y(tick), plane.y(tick)]);
    context.fillText(name, LEFT - 5, plane.y(tick));
  }
  context.textAlign = "center";
  for (const tick of niceTicks(LOW, HIGH, 8)) {
    line(context, [plane.x(tick), plane.x(tick)], [TOP, plane.bottom]);
    if (named) context.fillText(String(tick).replace("-", "−"), plane.x(tick), plane.bottom + 12);
  }
  if (named) context.fillText("x", plane.x(HIGH - 1), plane.bottom + 12);
}

const curve = (context, plane, values) => line(context, plane.xs, Array.from(values, plane.y));

function fillUnder(context, plane, values, color, alpha) {
  context.beginPath();
  context.moveTo(plane.xs[0], plane.bottom);
  values.forEach((v, i) => context.lineTo(plane.xs[i], plane.y(v)));
  context.lineTo(plane.xs.at(-1), plane.bottom);
  Object.assign(context, { fillStyle: color, globalAlpha: alpha });
  context.fill();
  context.globalAlpha = 1;
}

/** A colour that is full where there is mass, and faint elsewhere. */
function fading(context, plane, color, mass) {
  const across = context.createLinearGradient(plane.x(LOW), 0, plane.x(HIGH), 0);
  const enough = ENOUGH * mass.reduce((a, b) => Math.max(a, b));
  const rgb = hexToRgb(color).join(" ");
  for (let i = 0; i < GRID.length; i += STOP) {
    const alpha = FAINT + (1 - FAINT) * Math.min(1, mass[i] / enough);
    across.addColorStop(i / (GRID.length - 1), `rgb(${rgb} / ${alpha.toFixed(2)})`);
  }
  return across;
}

function shape(context, kind, [x, y], size) {
  context.beginPath();
  if (kind === "top") return context.arc(x, y, size, 0, 7);
  for (const [across, down] of [[0, -1], [1, 0], [0, 1], [-1, 0]]) context.lineTo(x + across * size, y + down * size);
  context.closePath();
}

function drawHandle(context, { name, kind, at }, chosen, colors) {
  shape(context, kind, at, chosen ? 9 : 7);
  Object.assign(context, { fillStyle: chosen ? colors.mark : colors.paper });
  context.fill();
  shape(context, kind, at, 6);
  context.fillStyle = colorOf(colors, name);
  context.fill();
}

function drawBump(context, plane, { means, stds, weights }, k, scale) {
  const height = weights[k] * peakOf(stds[k]) * scale;
  const places = GRID.filter((_, i) => i % COARSE === 0);
  const values = places.map((x) => height * Math.exp(-0.5 * ((x - means[k]) / stds[k]) ** 2));
  line(context, places.map(plane.x), Array.from(values, plane.y));
}

function drawPen(context, plane, x, y, color) {
  Object.assign(context, { strokeStyle: color, lineWidth: 2 });
  const [across, down] = [plane.x(x), plane.y(y)];
  line(context, [across, across], [TOP, plane.bottom]);
  shape(context, "top", [across, down], 6);
  context.stroke();
}

function start(canvas) {
  const prepared = prepare(canvas);
  prepared.context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  return prepared;
}

// ---- the pictures -------------------------------------------------------------------------------------------------

/** The densities with their handles, or the pen; returns the plane, so that a hand finds its way. */
export function drawDensities(canvas, { now, looks, view, line: drawn, high }, colors) {
  const { context, width, height } = start(canvas);
  const plane = planeOf(width, height, high);
  drawFrame(context, plane, niceTicks(0, high, 3).map((v) => [v, String(v)]), colors);
  context.save();
  context.beginPath();
  context.rect(LEFT, 0, plane.right - LEFT, height);
  context.clip();
  const order = [...NAMES].sort((name) => (name === view.name ? 1 : -1)); // the chosen one on top
  for (const name of order) {
    const { values, scale } = looks[name];
    fillUnder(context, plane, values, colorOf(colors, name), name === view.name ? 0.28 : 0.2);
    Object.assign(context, { strokeStyle: colorOf(colors, name), lineWidth: 1, globalAlpha: 0.7 });
    if (!isDrawn(now[name]) && now[name].means.length > 1)
      now[name].means.forEach((_, k) => drawBump(context, plane, now[name], k, scale));
    Object.assign(context, { lineWidth: 2.5, globalAlpha: 1 });
    curve(context, plane, values);
  }
  context.restore();
  if (!isDrawn(now[view.name])) {
    for (const name of order)
      for (const handle of handlesOf(name, now[name], looks[name].scale, plane))
        drawHandle(context, handle, name === view.name && handle.bump === view.bump, colors);
    return plane;
  }
  if (drawn) {
    Object.assign(context, { strokeStyle: colors.mark, lineWidth: 1.5 });
    curve(context, plane, drawn);
  }
  if (view.keys) {
    const i = GRID.findIndex((x) => x >= view.pen - 1e-9);
    drawPen(context, plane, view.pen, looks[view.name].values[i], colors.mark);
  }
  return plane;
}

const HALVES = [[0, "0"], [0.5, "½"], [1, "1"]];

/** D*(x), faint where neither density has mass, with ½ dashed. */
export function drawBest(canvas, { looks, dStar }, colors) {
  const { context, width, height } = start(canvas);
  const plane = planeOf(width, height, 1);
  drawFrame(context, plane, HALVES, colors);
  Object.assign(context, { strokeStyle: colors.text, lineWidth: 1 });
  context.setLineDash([6, 5]);
  line(context, [LEFT, plane.right], [plane.y(0.5), plane.y(0.5)]);
  context.setLineDash([]);
  const mass = looks.p_data.values.map((v, i) => Math.max(v, looks.p_g.values[i]));
  Object.assign(context, { strokeStyle: fading(context, plane, colors.d, mass), lineWidth: 2.5 });
  curve(context, plane, dStar);
}

/** How hard each loss pulls at a fake at x, faint where there are no fakes. */
export function drawPulls(canvas, { looks, dStar, fooled }, colors) {
  const { context, width, height } = start(canvas);
  const plane = planeOf(width, height, 1, TICKS);
  const pG = looks.p_g.values;
  const most = pG.reduce((a, b) => Math.max(a, b));
  drawFrame(context, plane, HALVES, colors, true);
  fillUnder(context, plane, pG.map((v) => v / most), colors.fake, 0.13);
  const stroke = (values, color, dash) => {
    Object.assign(context, { strokeStyle: fading(context, plane, color, pG), lineWidth: 2.5 });
    context.setLineDash(dash);
    curve(context, plane, values);
    context.setLineDash([]);
  };
  stroke(fooled, colors.other, []);
  stroke(dStar, colors.mark, [7, 5]);
}
