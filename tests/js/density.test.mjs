import assert from "node:assert/strict";
import { test } from "node:test";
import { densityText, presetOf } from "../../gan_course/widgets/density_canvas.mjs";
import { handleAt, handlesOf, planeOf, roundHigh } from "../../gan_course/widgets/density_drawing.mjs";
import { DensityHand, bumpKey, penKey } from "../../gan_course/widgets/density_hand.mjs";
import {
  GRID, POINTS, compare, evaluate, integrate, numberText, peakOf, wordsOf,
} from "../../gan_course/widgets/density_maths.mjs";
import {
  addBump, asBump, asDrawn, bumpOf, changeBump, isDrawn, raise, removeBump, sweep,
} from "../../gan_course/widgets/density_shapes.mjs";

const near = (actual, expected, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
const gaussian = (mean, std) => ({ means: [mean], stds: [std], weights: [1] });
const THREE = { means: [-2, 0, 2], stds: [0.5, 0.5, 1], weights: [0.2, 0.3, 0.5] };
const between = (low, high) => GRID.map((x) => (x >= low && x <= high ? 1 : 0));
const indexAt = (x) => GRID.findIndex((v) => v >= x - 1e-9);

// ---- maths --------------------------------------------------------------------------------------------------------

test("equal densities: D* is ½, V is −log 4, no distance, each loss pulls by half", () => {
  const { values } = evaluate(gaussian(0, 1));
  const { dStar, numbers } = compare(values, values);
  assert.ok(dStar.every((d) => d === 0.5));
  near(numbers.value, -Math.log(4));
  const expected = { jsd: 0, w1: 0, minimax_pull: 0.5, non_saturating_pull: 0.5, missed: 0 };
  for (const [name, number] of Object.entries(expected)) near(numbers[name], number);
});

test("densities that never meet: 0·log 0 is 0, JSD is log 2, only W₁ says how far", () => {
  for (const shift of [2, 5, 9]) {
    const [p, q] = [between(-6, -5), between(-6 + shift, -5 + shift)].map((values) => evaluate({ values }).values);
    const { dStar, numbers } = compare(p, q);
    near(numbers.jsd, Math.log(2));
    near(numbers.value, 0);
    near(numbers.w1, shift, 1e-6);
    assert.equal(numbers.minimax_pull, 0);
    near(numbers.non_saturating_pull, 1);
    near(numbers.missed, 1);
    assert.equal(dStar[indexAt(7)], 0.5, "where neither is, D* is ½");
  }
});

test("a density has the integral 1, and its scale says what that took", () => {
  const { values, scale } = evaluate({ values: between(0, 2).map((v) => 3 * v) });
  near(integrate((i) => values[i]), 1);
  near(scale, 1 / 6.06, 1e-9); // the trapezoid rule gives a jump the width of its cell
  near(evaluate(gaussian(0, 1)).scale, 1);
  near(evaluate(gaussian(0, 0.5)).values[indexAt(0)], peakOf(0.5), 1e-12);
});

test("numbers as text", () => {
  const texts = [0, 0.25, -1.38629, 3e-5, -3e-5, 1e-15].map(numberText);
  assert.deepEqual(texts, ["0.000", "0.250", "−1.386", "<0.001", "0.000", "0.000"]);
});

test("the first story whose number is below its limit is told, with what is missed if the densities meet", () => {
  const told = {
    stories: [
      { number: "jsd", below: 0.1, text: "near, {jsd}" },
      { number: "minimax_pull", below: 1, text: "far, {w1}" },
    ],
    missed: { above: 0.3, meet: 1e-4, text: "{percent} % missed" },
  };
  const numbers = { jsd: 0.05, w1: 2, minimax_pull: 0.5, missed: 0.1 };
  assert.equal(wordsOf(numbers, told), "near, 0.050");
  assert.equal(wordsOf({ ...numbers, jsd: 0.1 }, told), "far, 2.000");
  assert.equal(wordsOf({ ...numbers, jsd: 0.1, missed: 0.504 }, told), "far, 2.000 50 % missed");
  assert.equal(wordsOf({ ...numbers, jsd: 0.1, missed: 1, minimax_pull: 0 }, told), "far, 2.000");
});

// ---- shapes -------------------------------------------------------------------------------------------------------

test("a bump moves and widens in hundredths and within its bounds, the others stay", () => {
  assert.deepEqual(changeBump(THREE, 1, "mean", 1.23456).means, [-2, 1.23, 2]);
  assert.deepEqual(changeBump(THREE, 0, "mean", -17).means, [-5, 0, 2]);
  assert.deepEqual(changeBump(THREE, 2, "std", 0.01).stds, [0.5, 0.5, 0.2]);
  assert.deepEqual(changeBump(THREE, 2, "std", 9).stds, [0.5, 0.5, 1.5]);
  assert.ok(Object.is(changeBump(THREE, 1, "mean", -0.001).means[1], 0), "and no negative zero");
  assert.deepEqual(THREE.means, [-2, 0, 2], "nothing is changed in place");
});

test("weights keep the sum 1, and the others their proportions", () => {
  const { weights } = changeBump(THREE, 2, "weight", 0.75);
  [0.1, 0.15, 0.75].forEach((w, k) => near(weights[k], w));
  near(changeBump(THREE, 0, "weight", 2).weights[0], 0.95);
  const { weights: freed } = changeBump({ ...THREE, weights: [1, 0, 0] }, 0, "weight", 0.5);
  assert.deepEqual(freed, [0.5, 0.25, 0.25]);
  const one = gaussian(0, 1);
  assert.deepEqual(changeBump(one, 0, "weight", 0.4), one, "a single bump has all of it");
});

test("bumps come where there is room, up to three, and go down to one", () => {
  const two = addBump(gaussian(3, 1));
  assert.deepEqual(two, { means: [3, -4], stds: [1, 0.5], weights: [0.5, 0.5] });
  const three = addBump(two);
  assert.equal(three.means[2], 0);
  near(three.weights.reduce((a, b) => a + b), 1);
  assert.deepEqual(addBump(three), three);
  const fewer = removeBump(THREE, 0);
  assert.deepEqual(fewer.means, [0, 2]);
  near(fewer.weights[0], 0.375);
  assert.deepEqual(removeBump(gaussian(1, 1), 0), gaussian(1, 1));
});

test("a line of a hand becomes a density, unless there is nothing in it", () => {
  const drawn = asDrawn(between(-1, 1).map((v) => 5 * v));
  assert.ok(isDrawn(drawn) && drawn.values.length === POINTS);
  near(integrate((i) => drawn.values[i]), 1, 1e-5);
  assert.ok(drawn.values.every((v) => v === Math.round(v * 1e6) / 1e6));
  assert.equal(asDrawn(new Float64Array(POINTS)), undefined);
});

test("a drawn density becomes the bump with its mean and spread", () => {
  const drawn = asDrawn(evaluate(gaussian(1.5, 0.7)).values);
  assert.deepEqual(asBump(drawn), gaussian(1.5, 0.7));
  assert.deepEqual(asBump(asDrawn(between(-8, 8))).stds, [1.5], "as wide as may be");
});

test("a pen sweeps a straight line, either way, never below 0, and leaves the rest", () => {
  const flat = new Float64Array(POINTS).fill(0.3);
  for (const [from, to] of [[[-1, 0], [1, 2]], [[1, 2], [-1, 0]]]) {
    const line = sweep(flat, from, to);
    near(line[indexAt(0)], 1, 1e-9);
    near(line[indexAt(0.5)], 1.5, 1e-9);
    assert.deepEqual([line[indexAt(-1.1)], line[indexAt(1.1)]], [0.3, 0.3]);
  }
  assert.equal(sweep(flat, [0, 1], [2, -1])[indexAt(1.5)], 0);
  assert.equal(sweep(flat, [20, 1], [20, 1])[POINTS - 1], 1, "beyond the end is at the end");
  assert.equal(sweep(flat, [0, 1], [0, 2])[indexAt(0)], 2, "straight up: the end counts");
  assert.ok(flat.every((v) => v === 0.3));
});

test("keys raise and lower the line around the pen", () => {
  const flat = new Float64Array(POINTS).fill(0.3);
  const raised = raise(flat, 1, 0.2);
  near(raised[indexAt(1)], 0.5);
  near(raised[indexAt(4)], 0.3, 1e-6);
  assert.equal(raise(flat, 1, -0.5)[indexAt(1)], 0);
});

// ---- places -------------------------------------------------------------------------------------------------------

test("pixels of a plane, there and back", () => {
  const plane = planeOf(500, 200, 2, 20);
  for (const v of [-8, -1.3, 8]) near(plane.fromX(plane.x(v)), v);
  for (const v of [0, 0.7, 2]) near(plane.fromY(plane.y(v)), v);
  assert.ok(plane.x(-8) > 0 && plane.x(8) < 500 && plane.y(2) > 0 && plane.y(0) < 180);
});

test("pictures are of a round height with some room above", () => {
  assert.equal(roundHigh([0, 0.1], [0.2]), 0.5);
  assert.equal(roundHigh([0.9], [0.2]), 1.5);
  assert.equal(roundHigh([1], [1.3]), 1.5);
  assert.ok(roundHigh([1000], [0]) > 1000);
});

test("handles sit on the bumps, the real ones' side handles on the other side than the fakes'", () => {
  const plane = planeOf(500, 200, 1);
  const [top, side] = handlesOf("p_g", gaussian(1, 0.5), 1, plane);
  near(plane.fromX(top.at[0]), 1);
  near(plane.fromY(top.at[1]), peakOf(0.5));
  near(plane.fromX(side.at[0]), 1.5);
  near(plane.fromY(side.at[1]), peakOf(0.5) * Math.exp(-0.5));
  near(plane.fromX(handlesOf("p_data", gaussian(1, 0.5), 1, plane)[1].at[0]), 0.5);
  assert.equal(handlesOf("p_g", THREE, 1, plane).length, 6);
  near(plane.fromY(handlesOf("p_g", THREE, 1, plane)[0].at[1]), 0.2 * peakOf(0.5));
  assert.deepEqual(handlesOf("p_g", { values: [] }, 1, plane), []);
});

test("a hand takes the nearest handle within reach, of equal ones the first", () => {
  const handles = [[10, 10], [10, 10], [40, 10]].map((at, bump) => ({ name: "p_g", bump, at }));
  assert.equal(handleAt(handles, [12, 12]), handles[0]);
  assert.equal(handleAt(handles, [30, 10]), handles[2]);
  assert.equal(handleAt(handles, [10, 60]), undefined);
  assert.equal(handleAt([], [10, 60]), undefined);
});

test("keys for bumps and for the pen", () => {
  assert.deepEqual(bumpKey("ArrowLeft", false), ["mean", -0.1]);
  assert.deepEqual(bumpKey("ArrowUp", true), ["weight", 0.1]);
  assert.deepEqual(bumpKey("-", false), ["std", -0.05]);
  assert.equal(bumpKey("Tab", false), undefined);
  assert.deepEqual(penKey("ArrowRight", true), [0.5, 0]);
  assert.deepEqual(penKey("ArrowDown", false), [0, -0.02]);
  assert.equal(penKey("+", false), undefined);
});

test("densities in words, and the preset that they are", () => {
  assert.equal(densityText(gaussian(-1, 0.5)), "1 bump: at −1.00, std 0.50");
  assert.match(densityText(THREE), /^3 bumps: at −2.00, std 0.50 with weight 20 %; at 0/);
  assert.equal(densityText({ values: [] }), "drawn by hand");
  const presets = { a: { p_data: THREE, p_g: gaussian(0, 1) }, b: { p_data: gaussian(0, 1), p_g: THREE } };
  assert.equal(presetOf(presets, { p_data: gaussian(0, 1), p_g: { weights: [0.2, 0.3, 0.5], ...THREE } }), "b");
  assert.equal(presetOf(presets, { p_data: gaussian(0, 1), p_g: gaussian(0, 1) }), undefined);
});

// ---- the hand -----------------------------------------------------------------------------------------------------

function aHand(p_data, p_g) {
  const state = { p_data, p_g };
  const sent = [];
  const hand = new DensityHand({
    get: (name) => state[name],
    set: (changes) => Object.assign(state, changes),
    save_changes: () => sent.push({ ...state }),
  }, () => {});
  return { hand, state, sent, plane: planeOf(634, 214, 1) };
}

test("a drag moves a bump with the hand, shows all of it at once, and sends the last of it", () => {
  const { hand, state, sent, plane } = aHand(gaussian(-2, 0.5), gaussian(2, 0.5));
  const [x, y] = [plane.x(-2), plane.y(peakOf(0.5))];
  assert.ok(hand.take(plane, [x + 5, y - 3]));
  assert.equal(hand.view.name, "p_data", "whose handle it was");
  for (let far = 0; far <= 100; far++) hand.drag([x + 5 + (plane.x(1) - x) * (far / 100), y]);
  near(hand.now.p_data.means[0], 1, 0.011);
  assert.ok(sent.length < 20, `${sent.length} messages for 100 moves at once`);
  hand.release();
  assert.deepEqual(state.p_data, hand.now.p_data);
  assert.deepEqual(sent.at(-1).p_data.means, [1]);
  assert.deepEqual(sent.at(-1).p_g, gaussian(2, 0.5));
  hand.close();
});

test("up and down is the weight, the side handle is the std", () => {
  const { hand, state, plane } = aHand(gaussian(-2, 0.5), THREE);
  const top = plane.y(0.5 * peakOf(1));
  hand.take(plane, [plane.x(2), top]);
  assert.equal(hand.bump, 2);
  hand.drag([plane.x(2), plane.y(0.25 * peakOf(1))]);
  near(hand.now.p_g.weights[2], 0.25);
  hand.release();
  hand.take(plane, [plane.x(-2.5), plane.y(peakOf(0.5) * Math.exp(-0.5))]); // on the left of the real one
  hand.drag([plane.x(-2.9), 0]);
  hand.release();
  assert.deepEqual(state.p_data.stds, [0.9]);
});

test("there is nothing to hold beside the handles", () => {
  const { hand, plane } = aHand(gaussian(-2, 0.5), gaussian(2, 0.5));
  assert.equal(hand.take(plane, [plane.x(0), plane.y(0.9)]), false);
  assert.equal(hand.holds, false);
});

test("a pen draws the chosen density, and a line with nothing in it is not taken", () => {
  const { hand, state, plane } = aHand(gaussian(-2, 0.5), gaussian(2, 0.5));
  hand.turn(true);
  assert.ok(isDrawn(state.p_g) && !isDrawn(state.p_data));
  hand.take(plane, [plane.x(-8), plane.y(0.5)]);
  hand.drag([plane.x(8), plane.y(0.5)]);
  near(hand.line[indexAt(3)], 0.5, 1e-6);
  hand.release();
  near(state.p_g.values[indexAt(3)], 1 / 16, 1e-6);
  const flat = state.p_g;
  hand.take(plane, [plane.x(-8), plane.y(0)]);
  hand.drag([plane.x(8), plane.y(0)]);
  hand.release();
  assert.ok(state.p_g.values.some((v) => v > 0) && state.p_g !== flat);
  hand.turn(false);
  assert.ok(!isDrawn(state.p_g));
  hand.turn(false);
});

test("Python may take away the bump that a hand has chosen, or turn it into a line", () => {
  const { hand, state, plane } = aHand(gaussian(-2, 0.5), THREE);
  hand.take(plane, [plane.x(2), plane.y(0.5 * peakOf(1))]);
  state.p_g = gaussian(0, 1);
  hand.drag([plane.x(3), plane.y(0.2)]);
  assert.equal(hand.bump, 0);
  assert.equal(hand.now.p_g.means.length, 1);
  state.p_g = { values: Array.from(between(0, 1)) };
  hand.release();
  hand.take(plane, [plane.x(2), plane.y(0.5)]);
  hand.drag([plane.x(3), plane.y(0.5)]);
  assert.ok(isDrawn(hand.now.p_g));
  hand.close();
});

test("Space goes through all bumps of both densities", () => {
  const { hand } = aHand(gaussian(-2, 0.5), THREE);
  const seen = Array.from({ length: 5 }, () => (hand.next(), `${hand.view.name} ${hand.bump}`));
  assert.deepEqual(seen, ["p_g 1", "p_g 2", "p_data 0", "p_g 0", "p_g 1"]);
  assert.deepEqual(bumpOf(THREE, 1), { mean: 0, std: 0.5, weight: 0.3 });
});
