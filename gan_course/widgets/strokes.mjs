// Strokes of a hand: lists of [x, y] in the plane from -EDGE to EDGE. One place alone is a dot.

export const EDGE = 1.5;
const TOLERANCE = 0.002; // how far a thinned stroke may pass from the hand's
const MOST_PLACES = 200; // of a thinned stroke
const DOT_THICKNESSES = 4; // a dot counts as this many thicknesses of line, as in gan_course/data/drawn.py
const DOTS_PER_UNIT = 300; // of the preview, along a stroke
const BLUR = Array.from({ length: 5000 }, () => {
  const [radius, angle] = [Math.sqrt(-2 * Math.log(1 - Math.random())), 2 * Math.PI * Math.random()];
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}); // normal numbers, drawn once, so that the preview does not flicker

/** A coordinate with three digits, on the plane; + 0 turns a negative zero into zero. */
export const rounded = (v) => Math.round(Math.min(Math.max(v, -EDGE), EDGE) * 1000) / 1000 + 0;

export const apart = ([x, y], [u, v]) => Math.hypot(x - u, y - v);

export const strokeLength = (stroke) => stroke.slice(1).reduce((sum, place, i) => sum + apart(stroke[i], place), 0);

function distanceToSegment([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const t = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
  const s = Math.min(Math.max(t, 0), 1);
  return Math.hypot(x - ax - s * dx, y - ay - s * dy);
}

/** Fewer places, whose line passes all places of the stroke within the tolerance. Source: Douglas & Peucker 1973. */
export function simplify(stroke, tolerance) {
  if (stroke.length < 3) return stroke;
  const [first, last] = [stroke[0], stroke.at(-1)];
  const off = stroke.map((place) => distanceToSegment(place, first, last));
  const far = off.reduce((best, distance, i) => (distance > off[best] ? i : best), 0);
  if (off[far] <= tolerance) return [first, last];
  return [...simplify(stroke.slice(0, far + 1), tolerance).slice(0, -1), ...simplify(stroke.slice(far), tolerance)];
}

/** The stroke in at most MOST_PLACES places of three digits. */
export function thin(stroke) {
  const places = stroke.map((place) => place.map(rounded));
  for (let tolerance = TOLERANCE; ; tolerance *= 1.5) {
    const thinned = simplify(places, tolerance);
    if (thinned.length <= MOST_PLACES) return thinned;
  }
}

/** `count` places, evenly along a stroke. */
export function evenly(stroke, count) {
  const spacing = strokeLength(stroke) / count;
  let [i, before] = [0, 0]; // the segment, and the length of those before it
  return Array.from({ length: count }, (_, k) => {
    const at = (k + 0.5) * spacing;
    while (i + 2 < stroke.length && before + apart(stroke[i], stroke[i + 1]) < at)
      before += apart(stroke[i], stroke[++i]);
    const [a, b] = [stroke[i], stroke[i + 1] ?? stroke[i]];
    const t = (at - before) / (apart(a, b) || 1);
    return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
  });
}

/** About where points would lie: evenly along all strokes, blurred. */
export function preview(strokes, thickness, blur = BLUR) {
  const lengths = strokes.map((stroke) => Math.max(strokeLength(stroke), DOT_THICKNESSES * thickness));
  const density = Math.min(DOTS_PER_UNIT, blur.length / lengths.reduce((a, b) => a + b, 0));
  const places = strokes.flatMap((stroke, i) => evenly(stroke, Math.floor(lengths[i] * density)));
  return places.map(([x, y], i) => [x + thickness * blur[i][0], y + thickness * blur[i][1]]);
}

// ---- shapes to start from -----------------------------------------------------------------------------------------

const curve = (steps, at) => Array.from({ length: steps + 1 }, (_, i) => at(i / steps).map(rounded));
const around = (x, y, radius, angle) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
const spiral = (x, y, radius, turns) => curve(180, (t) => around(x, y, radius * t, 2 * Math.PI * turns * t));
const arc = (x, y, radius, from, to) => curve(60, (t) => around(x, y, radius, Math.PI * (from + t * (to - from))));

/** name: strokes. A blob is a spiral, wound so closely that the blur fills it. */
export const SHAPES = {
  Circle: [arc(0, 0, 1, 0, 2)],
  Spiral: [spiral(0, 0, 1.2, 2)],
  "Two blobs": [spiral(-0.75, 0, 0.35, 5), spiral(0.75, 0, 0.35, 5)],
  "Letter S": [[...arc(0, 0.5, 0.5, 0.15, 1.5), ...arc(0, -0.5, 0.5, 0.5, -0.85).slice(1)]],
};
