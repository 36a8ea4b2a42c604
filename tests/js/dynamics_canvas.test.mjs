import assert from "node:assert/strict";
import { test } from "node:test";
import { SLIDERS, bounded, keyMove, placeText, stepAt } from "../../gan_course/widgets/dynamics_canvas.mjs";
import {
  distanceTicks, fromPixels, minus, pointsOf, powerText, toPixels,
} from "../../gan_course/widgets/dynamics_drawing.mjs";

test("corners and middle of the portrait, there and back", () => {
  const box = [40, 6, 300];
  for (const [pixels, place] of [[[40, 6], [-2, 2]], [[340, 306], [2, -2]], [[190, 156], [0, 0]], [[265, 6], [1, 2]]]) {
    assert.deepEqual(toPixels(box, 2, place), pixels);
    assert.deepEqual(fromPixels(box, 2, pixels), place);
  }
});

test("a hand puts the start at hundredths, and not too far out", () => {
  assert.equal(bounded(1.23456), 1.23);
  assert.equal(bounded(-17), -5);
  assert.equal(bounded(5.001), 5);
});

test("keys move the start by a tenth, with Shift by one, never too far out", () => {
  assert.deepEqual(keyMove("ArrowRight", false, [1, 1]), [1.1, 1]);
  assert.deepEqual(keyMove("ArrowDown", true, [1, 0.3]), [1, -0.7]);
  assert.deepEqual(keyMove("ArrowUp", true, [1, 4.5]), [1, 5]);
  assert.deepEqual(keyMove("ArrowLeft", false, [-5, 0]), [-5, 0]);
  assert.equal(keyMove("Tab", false, [0, 0]), undefined);
});

test("playing takes from 2.5 to 8 seconds, starts where it was asked to, and ends at the last step", () => {
  assert.equal(stepAt(0, 0, 200, false), 0);
  assert.equal(stepAt(2500, 0, 200, false), 100); // 25 ms a step
  assert.equal(stepAt(1250, 0, 10, false), 5); // a short run takes 2.5 s
  assert.equal(stepAt(4000, 0, 2000, false), 1000); // a long one 8 s
  assert.equal(stepAt(2500, 150, 200, false), 200);
  assert.equal(stepAt(1e9, 0, 200, false), 200);
});

test("with less motion there are a few still pictures instead", () => {
  const seen = new Set(Array.from({ length: 500 }, (_, i) => stepAt(10 * i, 0, 200, true)));
  assert.ok(seen.size <= 9, `${seen.size} pictures in 5 s`);
  assert.equal(stepAt(599, 0, 200, true), 0);
  assert.ok(stepAt(600, 0, 200, true) > 0);
});

test("ticks of distances: whole powers of ten, or plain numbers", () => {
  assert.deepEqual(distanceTicks({ log: true, low: -3.2, high: 1.1 }), [[-3, "10⁻³"], [-2, "10⁻²"], [-1, "10⁻¹"], [0, "10⁰"], [1, "10¹"]]);
  assert.deepEqual(distanceTicks({ log: false, low: 0, high: 2 }).map(([, name]) => name), ["0", "0.5", "1", "1.5", "2"]);
  assert.equal(powerText(-120), "10⁻¹²⁰");
  assert.equal(minus("-0.50"), "−0.50");
});

test("a logarithmic chart of two decades or more has at least two ticks", () => {
  for (let low = -0.9; low < 0; low += 0.1)
    for (const decades of [2, 2.3, 3, 7, 40, 300]) {
      const ticks = distanceTicks({ log: true, low, high: low + decades });
      assert.ok(ticks.length >= 2 && ticks.length <= 8, `${ticks} from ${low}, ${decades} decades`);
    }
});

test("places in words", () => {
  assert.equal(placeText([-0.5, 1.234]), "θ = −0.50, ψ = 1.23");
  assert.equal(placeText([0, -1]), "θ = 0.00, ψ = −1.00");
  assert.equal(placeText([NaN, NaN]), "a place far outside");
});

test("the points of a path up to a step", () => {
  const path = { shape: [3, 2], data: new Float32Array([1, 2, 3, 4, 5, 6]) };
  assert.deepEqual(pointsOf(path), [[1, 2], [3, 4], [5, 6]]);
  assert.deepEqual(pointsOf(path, 0), [[1, 2]]);
});

test("sliders read their place from the settings and write it back, changing nothing else", () => {
  const settings = { step_size: 0.2, r1_gamma: 0.3, steps: 1500, start: [-0.5, 1.25] };
  for (const [name, { read, write }] of Object.entries(SLIDERS))
    assert.deepEqual({ ...settings, ...write(read(settings), settings) }, settings, name);
  assert.deepEqual(SLIDERS["step size h"].write(-2, settings), { step_size: 0.01 });
  assert.deepEqual(SLIDERS["step size h"].write(-0.7, settings), { step_size: 0.2 });
  assert.deepEqual(SLIDERS["start ψ"].write(-1, settings), { start: [-0.5, -1] });
  assert.deepEqual(Object.values(SLIDERS).map(({ text }) => text(settings)), ["0.2", "0.3", "1,500", "−0.50", "1.25"]);
});
