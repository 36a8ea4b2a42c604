// Where things lie on the timeline, where keys lead, and how it is said. Pure functions; timeline.mjs draws.
import { grouped } from "./drawing.mjs";

const PAD = 14; // pixels free at both ends of the axis, for the handle
const SNAP = 3; // pixels from the end of a run that are its present
const NEAR = 6; // pixels from a mark that are on it
const LABELS = 4; // so many of the latest marks get a label, where there is room
const LINES = 4; // so many changes of a mark are told

export const NOW = Infinity; // the present, wherever it is by then

/** Where the axis ends: a round number, so that it seldom changes while a run grows. */
export function axisEnd(longest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(longest, 100)));
  return [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((m) => m * power).find((end) => end >= longest);
}

/** The place of a step on an axis of the given width, in pixels. */
export const toX = (step, end, width) => PAD + (step / end) * (width - 2 * PAD);

/** The step nearest to a place, on a run's lane; its end is the present. */
export function toStep(x, run, end, width) {
  if (x >= toX(run.steps, end, width) - SNAP) return NOW;
  return within(Math.round(((x - PAD) / (width - 2 * PAD)) * end), run);
}

function within(step, run) {
  const place = onLane(step, run);
  return place === run.steps ? NOW : place;
}

/** The step of a run's own lane that stands for `at`. */
export const onLane = (at, { start, steps }) => Math.min(Math.max(at, start), steps);

/** A run's changes as marks; those less than `gap` pixels after the first of a mark belong to it. */
export function mergeMarks({ start, changes }, x, gap = 4) {
  const marks = [];
  for (const [step, text] of changes) {
    if (step < start) continue; // made before it left its parent
    const mark = marks.at(-1);
    if (mark && x(step) - x(mark.first) < gap) mark.changes.push([step, text]);
    else marks.push({ first: step, changes: [[step, text]] });
    Object.assign(marks.at(-1), { last: step, x: x(step) });
  }
  return marks;
}

/** The mark nearest to a place, if it is near. */
export function markAt(marks, x) {
  const distance = (mark) => Math.abs(mark.x - x);
  const nearest = marks.reduce((best, mark) => (distance(mark) <= distance(best) ? mark : best), { x: NOW });
  return distance(nearest) <= NEAR ? nearest : undefined;
}

/** Labels for the latest marks, {left, text} each, none over another. `measure` gives the width of a text. */
export function placeLabels(marks, measure, width) {
  const labels = [];
  let limit = width;
  for (const mark of marks.slice(-LABELS).reverse()) {
    const text = mark.changes.at(-1)[1];
    const left = Math.min(mark.x - measure(text) / 2, width - measure(text));
    if (left < 0 || left + measure(text) > limit) continue;
    labels.push({ left, text });
    limit = left - 8;
  }
  return labels;
}

/** Where a key takes the handle from step `here`; undefined for other keys. */
export function keyMove(key, shift, here, run, marks) {
  const by = Math.max(1, Math.round((run.steps - run.start) * (shift ? 0.1 : 0.01)));
  const [less, more] = [here - by, here + by];
  const to = {
    ArrowLeft: less, ArrowDown: less, ArrowRight: more, ArrowUp: more, Home: run.start, End: NOW, Escape: NOW,
    PageUp: marks.findLast((mark) => mark.last < here)?.last ?? run.start,
    PageDown: marks.find((mark) => mark.last > here)?.last ?? NOW,
  }[key];
  return to === undefined ? to : within(to, run);
}

/** The last change in force in run `i` at a step, also one from before it left its parent: [step, texts]. */
export function lastChange(runs, i, step) {
  const { changes, parent, start } = runs[i];
  const last = changes.findLast(([made]) => made <= step)?.[0];
  const texts = changes.filter(([made]) => made === last).map(([, text]) => text);
  if (texts.length) return [last, texts.slice(-LINES)];
  return parent === null ? undefined : lastChange(runs, parent, Math.min(step, start - 1));
}

/** Where the lab stands, for the eye. `at` is a step of the active run, or later: the present. */
export function readoutText({ runs, active, playing }, at) {
  const { steps } = runs[active];
  const change = lastChange(runs, active, at);
  const since = change ? ` · since step ${grouped(change[0])}: ${change[1].join(", ")}` : "";
  if (at < steps) return `Step ${grouped(at)} of ${grouped(steps)} · the past${since}`;
  return `Step ${grouped(steps)} · the present, ${playing ? "training" : "paused"}${since}`;
}

/** Where the handle stands, for the ear. */
export function ariaText({ runs, active }, at) {
  const { steps } = runs[active];
  const change = lastChange(runs, active, at);
  const since = change ? `, ${change[1].join(", ")} since step ${grouped(change[0])}` : "";
  return `step ${grouped(Math.min(at, steps))} of ${grouped(steps)}${since}`;
}

/** The last few changes of a mark, a line each. */
export function markText({ changes }) {
  const lines = changes.slice(-LINES).map(([step, text]) => `step ${grouped(step)}: ${text}`);
  if (changes.length > LINES) lines.unshift(`${grouped(changes.length)} changes, the last of them:`);
  return lines.join("\n");
}

/** What one lane shows, in words. */
export function laneText(runs, i) {
  const { name, parent, start, steps, changes } = runs[i];
  const origin = parent === null ? "" : `, branched from ${runs[parent].name}`;
  const own = changes.filter(([step]) => step >= start).length;
  const count = `${grouped(own)} change${own === 1 ? "" : "s"}`;
  return `${name}${origin}: steps ${grouped(start)} to ${grouped(steps)}, ${count}`;
}

/** Whether the state has caught up with a hand that wants to look at step `hand`. */
export function answered(hand, { runs, active, looking }) {
  return hand >= runs[active].steps ? looking === null : looking === hand;
}
