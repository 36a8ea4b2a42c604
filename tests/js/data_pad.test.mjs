import assert from "node:assert/strict";
import { test } from "node:test";
import { padStatus } from "../../gan_course/widgets/data_pad.mjs";
import { Hand, crossMove, toPlane } from "../../gan_course/widgets/data_pad_hand.mjs";
import { SHAPES, evenly, preview, simplify, strokeLength, thin } from "../../gan_course/widgets/strokes.mjs";

const distance = ([x, y], [u, v]) => Math.hypot(x - u, y - v);
const near = (actual, expected, tolerance) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
const circle = (steps) => {
  const angles = Array.from({ length: steps + 1 }, (_, i) => (2 * Math.PI * i) / steps);
  return angles.map((angle) => [Math.cos(angle), Math.sin(angle)]);
};

test("corners and middle of the pad, and a hand beyond its edge", () => {
  assert.deepEqual(toPlane(0, 0), [-1.5, 1.5]);
  assert.deepEqual(toPlane(1, 1), [1.5, -1.5]);
  assert.deepEqual(toPlane(0.5, 0.5), [0, 0]);
  assert.deepEqual(toPlane(0.75, 1 / 3), [0.75, 0.5]);
  assert.deepEqual(toPlane(1.2, -3), [1.5, 1.5]);
});

test("the length of a stroke", () => {
  assert.equal(strokeLength([[1, 1]]), 0);
  assert.equal(strokeLength([[0, 0], [3, 4], [3, 5]]), 6);
});

test("a straight stroke needs its ends only, a corner stays", () => {
  const bent = [[0, 0], [0.1, 0], [0.2, 0.0005], [1, 0], [1, 0.4], [1, 1]];
  assert.deepEqual(simplify(bent, 0.002), [[0, 0], [1, 0], [1, 1]]);
  for (const turn of [[[0, 0], [1, 0], [0, 0]], [[0, 0], [-0.5, 0], [1, 0]], [[0, 0], [1.5, 0], [1, 0]]])
    assert.deepEqual(simplify(turn, 0.002), turn, "a turning point stays");
});

test("a thinned stroke has at most 200 places of three digits, and stays where the hand was", () => {
  const scribble = Array.from({ length: 20_000 }, (_, i) => [1.2 * Math.sin(i / 150), 1.2 * Math.cos(i / 97)]);
  const thinned = thin(scribble);
  assert.ok(thinned.length <= 200 && thinned.length > 100, String(thinned.length));
  assert.ok(thinned.flat().every((v) => v === Math.round(v * 1000) / 1000));
  const round = thin(circle(2000));
  near(strokeLength(round), 2 * Math.PI, 0.01);
  for (const place of round) near(Math.hypot(...place), 1, 0.002);
  assert.deepEqual(thin([[0.12345, -0.00001]]), [[0.123, 0]]);
});

test("places lie evenly along a stroke, round its corners", () => {
  const bent = [[0, 0], [0.3, 0], [1, 0], [1, 1]];
  const places = evenly(bent, 4).flat();
  [0.25, 0, 0.75, 0, 1, 0.25, 1, 0.75].forEach((v, i) => near(places[i], v, 1e-12));
  assert.deepEqual(evenly([[0.5, 0.25]], 2), [[0.5, 0.25], [0.5, 0.25]]);
  assert.deepEqual(evenly([[0.5, 0.25], [0.5, 0.25]], 1), [[0.5, 0.25]]);
});

test("the preview gives each stroke its share and blurs by the thickness", () => {
  const still = Array(5000).fill([0, 0]);
  const long = preview([[[0, 1], [10, 1]], [[0, -1], [30, -1]]], 0.05, still);
  near(long.filter(([, y]) => y > 0).length, 1250, 1);
  near(long.length, 5000, 2);
  const dots = preview([[[0, 0], [1, 0]], [[0, 1]]], 0.05, Array(5000).fill([1, -2]));
  assert.equal(dots.length, 300 + 60); // a dot counts as four thicknesses
  assert.deepEqual(dots.at(-1), [0.05, 0.9]);
  assert.deepEqual(preview([], 0.05), []);
});

test("the blur of the preview is normal", () => {
  const offsets = preview([[[0, 0], [10, 0]]], 0.1).map(([, y]) => y / 0.1);
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  near(mean(offsets), 0, 0.11); // about six standard errors
  near(mean(offsets.map((v) => v * v)), 1, 0.16);
});

test("shapes fit on the pad", () => {
  assert.deepEqual(Object.keys(SHAPES), ["Circle", "Spiral", "Two blobs", "Letter S"]);
  for (const stroke of Object.values(SHAPES).flat()) {
    assert.ok(stroke.length <= 200 && stroke.flat().every((v) => Math.abs(v) <= 1.3));
    stroke.slice(1).forEach((place, i) => assert.ok(distance(place, stroke[i]) < 0.25, "no jumps"));
  }
  for (const place of SHAPES.Circle[0]) near(Math.hypot(...place), 1, 0.001);
});

test("arrows move the crosshair, with Shift further, never off the pad", () => {
  assert.deepEqual(crossMove("ArrowRight", false, [0, 0]), [0.05, 0]);
  assert.deepEqual(crossMove("ArrowUp", true, [0.1, 1]), [0.1, 1.25]);
  assert.deepEqual(crossMove("ArrowLeft", false, [-1.5, 0]), [-1.5, 0]);
  assert.deepEqual(crossMove("ArrowDown", true, [0, -1.4]), [0, -1.5]);
  assert.equal(crossMove("Tab", false, [0, 0]), undefined);
});

test("the status in words", () => {
  assert.equal(padStatus([]), "Nothing drawn yet");
  assert.equal(padStatus([[[0, 0], [2, 0]]]), "1 line (2.0 units)");
  assert.equal(padStatus([[[0, 0]]]), "1 dot");
  const all = [[[0, 0]], [[0, 0], [0, 1]], [[1, 1]], [[0, 0], [0.5, 0]]];
  assert.equal(padStatus(all), "2 lines (1.5 units) and 2 dots");
  assert.equal(padStatus([], [0.05, -0.5], [[0, 0]]), "Nothing drawn yet · pen down at (0.05, −0.50)");
  assert.match(padStatus(all, [0, 0], null), /2 dots · pen up at \(0\.00, 0\.00\)$/);
});

function makeHand() {
  const values = { strokes: [] };
  const model = { get: (name) => values[name], saved: 0, save_changes: () => (model.saved += 1) };
  const hand = new Hand(model, () => {});
  model.set = (name, value) => {
    values[name] = value;
    hand.heard();
  };
  return { hand, model };
}

test("a pointer draws a stroke, which is stored once it is done", () => {
  const { hand, model } = makeHand();
  hand.begin([0, 0]);
  for (const x of [0.001, 0.5, 1]) hand.go([x, 0]);
  assert.deepEqual(hand.shown, [[[0, 0], [0.5, 0], [1, 0]]]);
  assert.equal(model.saved, 0);
  hand.finish();
  hand.finish();
  assert.deepEqual([hand.strokes, model.saved], [[[[0, 0], [1, 0]]], 1]);
  hand.go([0, 1]); // with no button down
  assert.equal(hand.shown.length, 1);
});

test("keys draw dots and lines", () => {
  const { hand } = makeHand();
  hand.walk([0.25, 0]);
  hand.dot();
  hand.turnPen();
  hand.walk([0.25, 1]);
  hand.walk([1, 1]);
  hand.turnPen();
  hand.walk([0, 0]);
  assert.deepEqual(hand.strokes, [[[0.25, 0]], [[0.25, 0], [0.25, 1], [1, 1]]]);
  hand.turnPen();
  hand.walk([0, 1]);
  hand.dot(); // ends the line, and sets no dot on it
  assert.deepEqual(hand.strokes.slice(2), [[[0, 0], [0, 1]]]);
});

test("undo takes back strokes, shapes and clearing, and a stroke that is being drawn", () => {
  const { hand } = makeHand();
  hand.put(SHAPES.Circle);
  hand.dot();
  hand.put([]);
  hand.begin([1, 1]);
  hand.undo();
  assert.deepEqual(hand.shown, []);
  hand.undo();
  assert.deepEqual(hand.strokes, [...SHAPES.Circle, [[0, 0]]]);
  hand.undo();
  assert.equal(hand.strokes, SHAPES.Circle);
  hand.undo();
  hand.undo();
  assert.deepEqual(hand.strokes, []);
});

test("after a change from Python undo takes its last stroke", () => {
  const { hand, model } = makeHand();
  hand.dot();
  model.set("strokes", [[[1, 1]], [[0, 1]]]);
  hand.undo();
  assert.deepEqual(hand.strokes, [[[1, 1]]]);
});
