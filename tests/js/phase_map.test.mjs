import assert from "node:assert/strict";
import { test } from "node:test";
import {
  buttonText, gradient, inks, keyPlace, memberAt, progressText, timeText,
} from "../../gan_course/widgets/phase_map.mjs";

const NOW = { runs: 80, round: 120, target: 1000, over: false, playing: true, left: 42.4, more: 1000 };

test("progress in words: training, stopped, done, and a kernel that is gone", () => {
  assert.equal(progressText(NOW), "80 GANs, round 120 of 1,000: about 42 s left");
  assert.equal(progressText({ ...NOW, left: null }), "80 GANs, round 120 of 1,000");
  assert.equal(progressText({ ...NOW, playing: false }), "80 GANs, round 120 of 1,000: stopped, all is kept");
  assert.equal(progressText({ ...NOW, round: 1000, over: true, playing: false }), "80 GANs, round 1,000 of 1,000: done");
  assert.match(progressText(NOW, 9000), /No sign of life for 9 s/);
  assert.doesNotMatch(progressText(NOW, 5000), /No sign of life/);
});

test("time left in seconds, minutes and hours", () => {
  assert.deepEqual([3.2, 89, 95, 3600, 9000].map(timeText), ["3 s", "89 s", "2 min", "60 min", "2.5 h"]);
});

test("the button says what it would do", () => {
  assert.equal(buttonText(NOW), "Stop");
  assert.equal(buttonText({ ...NOW, playing: false }), "Go on");
  assert.equal(buttonText({ ...NOW, playing: false, round: 0 }), "Start");
  assert.equal(buttonText({ ...NOW, playing: false, over: true }), "1,000 more rounds");
});

test("keys lead from cell to cell and stay on the map", () => {
  const size = [4, 5];
  assert.deepEqual(keyPlace("ArrowRight", [1, 1], size), [1, 2]);
  assert.deepEqual(keyPlace("ArrowUp", [1, 1], size), [0, 1]);
  assert.deepEqual(keyPlace("ArrowUp", [0, 1], size), [0, 1]);
  assert.deepEqual(keyPlace("ArrowDown", [3, 4], size), [3, 4]);
  assert.deepEqual(keyPlace("ArrowLeft", [2, 0], size), [2, 0]);
  assert.deepEqual(keyPlace("End", [2, 0], size), [2, 4]);
  assert.deepEqual(keyPlace("Home", [2, 3], size), [2, 0]);
  assert.equal(keyPlace("Enter", [2, 3], size), undefined);
});

test("black ink on light cells, white on dark ones, none where nothing is known", () => {
  const colors = { shape: [1, 3, 3], data: new Uint8Array([0, 34, 78, 254, 232, 56, 0, 0, 0]) };
  const shades = { shape: [1, 3], data: new Float32Array([0, 1, NaN]) };
  assert.deepEqual(inks(colors, shades, 0), ["rgb(0 34 78)", "#fff"]);
  assert.deepEqual(inks(colors, shades, 1), ["rgb(254 232 56)", "#000"]);
  assert.equal(inks(colors, shades, 2), undefined);
  assert.equal(gradient(colors), "linear-gradient(to right, rgb(0 34 78),rgb(254 232 56),rgb(0 0 0))");
});

test("the run chosen last is opened in every cell that has so many", () => {
  const cell = { members: [[4, "seed 0", "8"], [5, "seed 1", "7"]] };
  assert.deepEqual([0, 1, 3].map((chosen) => memberAt(cell, chosen)), [4, 5, 5]);
});
