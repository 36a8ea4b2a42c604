// The picture of the timeline: a lane for each run, with its marks. What is where is said by timeline_geometry.mjs.
import { colorsOf } from "./dom.mjs";
import { grouped, prepare } from "./drawing.mjs";
import { NOW, onLane, placeLabels } from "./timeline_geometry.mjs";

export const LANE = 42; // height of a lane in pixels
export const LINE = 26; // of it above its line
const CROWDED = 14; // pixels between marks: nearer ones are ticks, so that each can be seen

/** The height of a run's line in the picture. */
export const laneY = (i) => i * LANE + LINE;

export const roleOf = ({ active, compare }, i) => (i === active ? "active" : i === compare ? "compared" : "other");

export const laneColors = (element) => ({
  ...colorsOf(element, "tl", ["active", "compared", "other", "paper"]),
  ...colorsOf(element, "gan", ["text", "grid"]),
  font: getComputedStyle(element).fontFamily,
});

function trace(context, points, style, dash = []) {
  Object.assign(context, style);
  context.setLineDash(dash);
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
  context.setLineDash([]);
}

/** From the lane of its parent down to where a run begins. */
function drawBranching(context, { parent, start, steps }, i, x, color) {
  const [from, to, above] = [x(start), laneY(i), laneY(parent)];
  const round = Math.min(9, x(steps) - from);
  Object.assign(context, { strokeStyle: color, lineWidth: 1.5 });
  context.beginPath();
  context.moveTo(from, above);
  context.lineTo(from, to - round);
  context.quadraticCurveTo(from, to, from + round, to);
  context.stroke();
}

/** A diamond; a tick where there is no room for one, longer for more than one change. */
function drawMark(context, mark, y, crowded, paper) {
  const several = mark.changes.length > 1;
  if (crowded) return context.fillRect(mark.x - 1, y - (several ? 8 : 5), 2, several ? 16 : 10);
  const r = several ? 7 : 5.5;
  context.beginPath();
  for (const [dx, dy] of [[0, -r], [r, 0], [0, r], [-r, 0]]) context.lineTo(mark.x + dx, y + dy);
  context.closePath();
  Object.assign(context, { strokeStyle: paper, lineWidth: 2 });
  context.stroke();
  context.fill();
  if (several) context.fillText(grouped(mark.changes.length), mark.x, y + 13);
}

/** Where a run stands: to be seen even if it has no length yet. */
function drawEnd(context, x, y, color) {
  context.fillStyle = color;
  context.beginPath();
  context.arc(x, y, 4, 0, 7);
  context.fill();
}

function drawMarks(context, marks, y, seen, colors) {
  marks.forEach((mark, i) => {
    const gaps = [marks[i - 1], marks[i + 1]].map((other) => (other ? Math.abs(other.x - mark.x) : NOW));
    context.globalAlpha = mark.x <= seen + 1 ? 1 : 0.4;
    drawMark(context, mark, y, Math.min(...gaps) < CROWDED, colors.paper);
  });
  context.globalAlpha = 1;
}

function drawLabels(context, marks, y, width) {
  Object.assign(context, { textAlign: "left" });
  const measure = (text) => context.measureText(text).width;
  for (const { left, text } of placeLabels(marks, measure, width)) {
    context.clearRect(left - 2, y - 23, measure(text) + 4, 14); // no line runs through the words
    context.fillText(text, left, y - 16);
  }
}

/** The line of one run, its marks and its labels. What lies after the handle is pale. */
function drawLane(context, state, i, { x, marks, width }, at, colors) {
  const [{ start, steps }, role, y] = [state.runs[i], roleOf(state, i), laneY(i)];
  const seen = role === "active" ? onLane(at, state.runs[i]) : steps;
  const style = { strokeStyle: colors[role], lineWidth: role === "other" ? 2 : 4 };
  const dash = role === "compared" ? [9, 3] : [];
  trace(context, [[x(start), y], [x(seen), y]], style, dash);
  context.globalAlpha = 0.35;
  trace(context, [[x(seen), y], [x(steps), y]], style);
  context.globalAlpha = 1;
  drawEnd(context, x(steps), y, colors[role]);
  context.fillStyle = role === "other" ? colors.other : colors.text;
  Object.assign(context, { font: `11px ${colors.font}`, textBaseline: "middle", textAlign: "center" });
  drawMarks(context, marks[i], y, x(seen), colors);
  context.fillStyle = colors.text;
  drawLabels(context, marks[i], y, width);
}

/** All lanes, over the ticks of the axis. */
export function drawLanes(canvas, state, layout, at, colors) {
  const { context, height } = prepare(canvas);
  const { x, ticks } = layout;
  const upright = (step, strokeStyle, dash) =>
    trace(context, [[x(step), 0], [x(step), height]], { strokeStyle, lineWidth: 1 }, dash);
  for (const tick of ticks) upright(tick, colors.grid);
  if (at < state.runs[state.active].steps) upright(at, colors.text, [2, 4]);
  state.runs.forEach((run, i) => run.parent === null || drawBranching(context, run, i, x, colors[roleOf(state, i)]));
  state.runs.forEach((_, i) => drawLane(context, state, i, layout, at, colors));
}

export function drawAxis(canvas, { x, ticks, width, left }, colors) {
  Object.assign(canvas.style, { width: `${width}px`, marginLeft: `${left}px` });
  const { context } = prepare(canvas);
  Object.assign(context, { fillStyle: colors.text, font: `11px ${colors.font}`, textBaseline: "middle" });
  for (const tick of ticks) {
    const text = tick ? grouped(tick) : "step 0";
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(Math.max(x(tick), half), width - half) - half, 8);
  }
}
