import assert from "node:assert/strict";
import { test } from "node:test";
import { readSlider, SLIDERS, writeSlider } from "../../gan_course/widgets/fid_canvas.mjs";
import { numberText } from "../../gan_course/widgets/fid_charts.mjs";
import { dragged, handleAt, handlesOf, keyed, planeOf, upright, widened } from "../../gan_course/widgets/fid_gaussians.mjs";

const bounds = { mean: [-4, 4], std: [0.4, 2.5] };
const state = { mean: [1, -1], stds: [2, 0.5], angle: 30 };

test("a plane takes pixels back to values", () => {
  for (const dimension of [1, 2]) {
    const plane = planeOf(560, 400, dimension);
    assert.ok(Math.abs(plane.fromX(plane.x(1.25)) - 1.25) < 1e-9);
    assert.ok(Math.abs(plane.fromY(plane.y(0.75)) - 0.75) < 1e-9);
  }
});

test("a handle dragged to where it is changes nothing", () => {
  for (const dimension of [1, 2]) {
    const plane = planeOf(560, 400, dimension);
    for (const handle of handlesOf("fake", state, plane)) {
      const to = [plane.fromX(handle.at[0]), plane.fromY(handle.at[1])];
      assert.deepEqual(dragged(state, handle, to, dimension, bounds), state);
    }
  }
});

test("dragging moves, widens and turns within bounds", () => {
  assert.deepEqual(dragged(state, { kind: "mean" }, [9, 0.5], 2, bounds).mean, [4, 0.5]);
  assert.deepEqual(dragged(state, { kind: "mean" }, [2, 0.5], 1, bounds).mean, [2, -1]);
  const turned = dragged(state, { kind: 0 }, [1, 0.5], 2, bounds);
  assert.deepEqual([turned.stds, turned.angle], [[1.5, 0.5], -90]);
  assert.deepEqual(dragged(state, { kind: 0, side: -1 }, [0.2, 0], 1, bounds).stds, [0.8, 0.5]);
  assert.deepEqual(dragged(state, { kind: 0, side: -1 }, [3, 0], 1, bounds).stds, [0.4, 0.5]);
});

test("the nearest handle within reach is taken", () => {
  const handles = [{ at: [0, 0] }, { at: [10, 0] }];
  assert.equal(handleAt(handles, [8, 0]), handles[1]);
  assert.equal(handleAt(handles, [80, 0]), undefined);
});

test("keys move, widen and turn", () => {
  assert.deepEqual(keyed("ArrowLeft", false, state, 2, bounds).mean, [0.9, -1]);
  assert.deepEqual(keyed("ArrowUp", true, state, 2, bounds).mean, [1, -0.5]);
  assert.equal(keyed("ArrowUp", true, state, 1, bounds), undefined);
  assert.deepEqual(keyed("+", false, state, 2, bounds).stds, [2.2, 0.55]);
  assert.equal(keyed("[", false, state, 2, bounds).angle, 35);
  assert.equal(keyed("x", false, state, 2, bounds), undefined);
  assert.deepEqual(widened(state, 10, bounds).stds, [2.5, 2.5]);
  assert.deepEqual([upright(95), upright(-91), upright(270)], [-85, 89, -90]);
});

test("sliders read what they write", () => {
  for (const slider of Object.values(SLIDERS)) assert.equal(readSlider(writeSlider(state, slider, 1.5), slider), 1.5);
  assert.deepEqual(state, { mean: [1, -1], stds: [2, 0.5], angle: 30 });
});

test("numbers have few digits and a true minus", () => {
  const texts = [undefined, 0, -0.00004, -0.00123, 0.0149, 0.134, -11.84, 143.94].map(numberText);
  assert.deepEqual(texts, ["…", "0.00", "0.00", "−0.0012", "0.015", "0.13", "−11.8", "144"]);
});
