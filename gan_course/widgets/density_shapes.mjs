// What a hand makes of a density: { means, stds, weights } of a few bumps, or { values } on the grid. Nothing is
// changed in place. The bounds are those of gan_course/widgets/density_scene.py, and a test compares them.
import { CELL, GRID, LOW, POINTS, evaluate, integrate } from "./density_maths.mjs";

export const BOUNDS = { mean: [-5, 5], std: [0.2, 1.5], weight: [0.05, 0.95] };
export const MOST_BUMPS = 3;
const NEW_STD = 0.5;
const NEW_MEANS = [0, -2, 2, -4, 4]; // a new bump goes where it is farthest from the others
const LEAST_MASS = 0.01; // of a hand's line, before it is scaled
const BRUSH = 0.35; // how wide the keys raise and lower a line

const clamp = (v, [low, high]) => Math.min(Math.max(v, low), high);

export const isDrawn = (density) => density.values !== undefined;

// ---- bumps --------------------------------------------------------------------------------------------------------

const replaced = (list, k, value) => list.map((old, j) => (j === k ? value : old));

/** The others share what bump k leaves, in the proportions that they had. */
function withWeight(weights, k, weight) {
  const rest = weights.reduce((sum, w, j) => (j === k ? sum : sum + w), 0);
  const share = (w) => (rest > 0 ? w / rest : 1 / (weights.length - 1));
  return weights.map((w, j) => (j === k ? weight : share(w) * (1 - weight)));
}

/** A mixture whose bump k has another mean, std or weight, in hundredths and within its bounds. */
export function changeBump(mixture, k, name, value) {
  const wanted = clamp(Math.round(value * 100) / 100 + 0, BOUNDS[name]); // + 0 turns −0 into 0
  if (name === "mean") return { ...mixture, means: replaced(mixture.means, k, wanted) };
  if (name === "std") return { ...mixture, stds: replaced(mixture.stds, k, wanted) };
  return mixture.means.length === 1 ? mixture : { ...mixture, weights: withWeight(mixture.weights, k, wanted) };
}

/** Mean, std and weight of bump k. */
export const bumpOf = ({ means, stds, weights }, k) => ({ mean: means[k], std: stds[k], weight: weights[k] });

export function addBump({ means, stds, weights }) {
  if (means.length === MOST_BUMPS) return { means, stds, weights };
  const room = (place) => Math.min(...means.map((mean) => Math.abs(mean - place)));
  const place = NEW_MEANS.reduce((best, next) => (room(next) > room(best) ? next : best));
  const weight = 1 / (means.length + 1);
  return {
    means: [...means, place],
    stds: [...stds, NEW_STD],
    weights: [...weights.map((w) => w * (1 - weight)), weight],
  };
}

export function removeBump(mixture, k) {
  if (mixture.means.length === 1) return mixture;
  const without = (list) => list.filter((_, j) => j !== k);
  const weights = without(withWeight(mixture.weights, k, 0));
  return { means: without(mixture.means), stds: without(mixture.stds), weights };
}

/** The one bump with the mean and the spread of a drawn density, as near as the bounds let it be. */
export function asBump({ values }) {
  const p = evaluate({ values }).values;
  const mean = integrate((i) => p[i] * GRID[i]);
  const variance = integrate((i) => p[i] * (GRID[i] - mean) ** 2);
  const round = (v, bounds) => clamp(Math.round(v * 100) / 100 + 0, bounds);
  return { means: [round(mean, BOUNDS.mean)], stds: [round(Math.sqrt(variance), BOUNDS.std)], weights: [1] };
}

// ---- drawn by hand ------------------------------------------------------------------------------------------------

/** A hand's line as a density: scaled to an integral of 1, in six decimals; undefined if it holds next to nothing. */
export function asDrawn(line) {
  if (!(integrate((i) => line[i]) > LEAST_MASS)) return undefined;
  return { values: Array.from(evaluate({ values: line }).values, (v) => Math.round(v * 1e6) / 1e6) };
}

const indexOf = (x) => clamp(Math.round((x - LOW) / CELL), [0, POINTS - 1]);

/** The line after a pen went straight from one [x, y] to the next. */
export function sweep(line, [x0, y0], [x1, y1]) {
  const [from, to] = [indexOf(x0), indexOf(x1)];
  const swept = Float64Array.from(line);
  for (let i = Math.min(from, to); i <= Math.max(from, to); i++) {
    const t = from === to ? 1 : (i - from) / (to - from);
    swept[i] = Math.max(0, y0 + t * (y1 - y0));
  }
  return swept;
}

/** The line, higher by `by` at x and less so around it; never below 0. */
export const raise = (line, x, by) =>
  Float64Array.from(line, (v, i) => Math.max(0, v + by * Math.exp(-0.5 * ((GRID[i] - x) / BRUSH) ** 2)));
