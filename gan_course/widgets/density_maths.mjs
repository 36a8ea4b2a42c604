// Two densities on a grid, the best discriminator between them, and how far apart they are.
//
// The one exception to "no machine-learning maths in JavaScript": a hand that drags a density must see all of this
// follow within a frame, with no kernel in between. Every formula is that of gan_course/theory, on the grid of
// gan_course/widgets/density_scene.py; tests/test_density_lab.py holds both to agree within 1e-6. Change them together.

export const [LOW, HIGH, POINTS] = [-8, 8, 801];
export const CELL = (HIGH - LOW) / (POINTS - 1);
export const GRID = Float64Array.from({ length: POINTS }, (_, i) => i * CELL + LOW);
const UNREACHED = 0.99; // where D* is above this, hardly any sample is a fake

/** ∫ over the grid of what `at(i)` gives at its points: the trapezoid rule. */
export function integrate(at) {
  let sum = (at(0) + at(POINTS - 1)) / 2;
  for (let i = 1; i < POINTS - 1; i++) sum += at(i);
  return sum * CELL;
}

const xLog = (weight, of) => (weight > 0 ? weight * Math.log(of) : 0);

/** The highest point of a Gaussian with this std. */
export const peakOf = (std) => 1 / (std * Math.sqrt(2 * Math.PI));

function mixtureValues({ means, stds, weights }) {
  const values = new Float64Array(POINTS);
  means.forEach((mean, k) => {
    const height = weights[k] * peakOf(stds[k]);
    for (let i = 0; i < POINTS; i++) {
      const away = (GRID[i] - mean) / stds[k];
      values[i] += height * Math.exp(-0.5 * away * away);
    }
  });
  return values;
}

/** The values of a density { means, stds, weights } or { values } on the grid, with an integral of 1; and their scale. */
export function evaluate(density) {
  const raw = density.values ? Float64Array.from(density.values) : mixtureValues(density);
  const scale = 1 / integrate((i) => raw[i]);
  return { values: raw.map((v) => v * scale), scale };
}

/** p / (p + q), or ½ where both are 0. */
const shareOf = (p, q) => p.map((v, i) => (v + q[i] > 0 ? v / (v + q[i]) : 0.5));

/** What is too little beside the other density to move D in float64 counts as 0. */
const known = (p, other) => (p > Number.EPSILON * other ? p : 0);

function valueOf(d, pData, pG) {
  return integrate(
    (i) => xLog(known(pData[i], pG[i]), d[i]) + xLog(known(pG[i], pData[i]), 1 - d[i]),
  );
}

function jensenShannon(p, q) {
  const half = integrate((i) => xLog(p[i], (2 * p[i]) / (p[i] + q[i])) + xLog(q[i], (2 * q[i]) / (p[i] + q[i])));
  return Math.max(0, half / 2);
}

// ---- W₁ -----------------------------------------------------------------------------------------------------------

/** p' at each point: the harmonic mean of the rise on both sides, 0 at a peak. */
function slopesOf(p) {
  const rise = (i) => (p[i + 1] - p[i]) / CELL;
  return p.map((_, i) => {
    if (i === 0) return rise(0);
    if (i === POINTS - 1) return rise(POINTS - 2);
    const product = rise(i - 1) * rise(i);
    return product > 0 ? (2 * product) / (rise(i - 1) + rise(i)) : 0;
  });
}

/** ∫ p up to each point: the trapezoid rule, corrected by the slopes of p. */
function cumulative(p) {
  const slopes = slopesOf(p);
  const sums = new Float64Array(POINTS);
  for (let i = 1; i < POINTS; i++) {
    const cell = (CELL * (p[i] + p[i - 1])) / 2 - (CELL ** 2 * (slopes[i] - slopes[i - 1])) / 12;
    sums[i] = sums[i - 1] + cell;
  }
  return sums;
}

/** ∫ |f| over one cell, where f is the cubic with these values and slopes at its ends. */
function areaOfCell(start, end, slopeStart, slopeEnd) {
  const [change, first, last] = [end - start, CELL * slopeStart, CELL * slopeEnd];
  const [square, cube] = [3 * change - 2 * first - last, first + last - 2 * change];
  const upTo = (t) => CELL * (start * t + (first * t ** 2) / 2 + (square * t ** 3) / 3 + (cube * t ** 4) / 4);
  const left = upTo(end * start < 0 ? -start / change : 1);
  return Math.abs(left) + Math.abs(upTo(1) - left);
}

function wasserstein(p, q) {
  const [above, below] = [cumulative(p), cumulative(q)];
  const [allOfP, allOfQ] = [above[POINTS - 1], below[POINTS - 1]];
  const gap = (i) => above[i] / allOfP - below[i] / allOfQ;
  const slope = (i) => p[i] / allOfP - q[i] / allOfQ;
  let area = 0;
  for (let i = 1; i < POINTS; i++) area += areaOfCell(gap(i - 1), gap(i), slope(i - 1), slope(i));
  return area;
}

// ---- all of it ----------------------------------------------------------------------------------------------------

/**
 * Everything that is shown of two densities.
 *
 * A loss pulls at a fake with the size of its slope over D's logit: D* for minimax, 1 − D* for non-saturating.
 * `missed` is how much of the real mass lies where fakes hardly ever come.
 */
export function compare(pData, pG) {
  const dStar = shareOf(pData, pG);
  const fooled = shareOf(pG, pData); // 1 − D*, exact where D* is near 1
  const numbers = {
    value: valueOf(dStar, pData, pG),
    jsd: jensenShannon(pData, pG),
    w1: wasserstein(pData, pG),
    minimax_pull: integrate((i) => pG[i] * dStar[i]),
    non_saturating_pull: integrate((i) => pG[i] * fooled[i]),
    missed: integrate((i) => (dStar[i] > UNREACHED ? pData[i] : 0)),
  };
  return { dStar, fooled, numbers };
}

/** A number as text: three decimals, a true minus sign, and not 0.000 for a size that is small but there. */
export function numberText(v) {
  if (v >= 1e-9 && v < 0.0005) return "<0.001";
  return Math.abs(v) < 0.0005 ? "0.000" : v.toFixed(3).replace("-", "−");
}

/** What the numbers mean: the first story whose number is below its limit, and what is missed if that is much. */
export function wordsOf(numbers, { stories, missed }) {
  const { text } = stories.find(({ number, below }) => numbers[number] < below) ?? stories.at(-1);
  const alone = numbers.missed > missed.above && numbers.minimax_pull > missed.meet;
  const told = alone ? `${text} ${missed.text}` : text;
  const filled = { ...numbers, percent: Math.round(100 * numbers.missed) };
  return told.replace(/\{(\w+)\}/g, (_, name) => (name === "percent" ? filled[name] : numberText(filled[name])));
}
