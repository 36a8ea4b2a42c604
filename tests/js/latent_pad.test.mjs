import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { toRgba } from "../../gan_course/widgets/drawing.mjs";
import { unpackFrame } from "../../gan_course/widgets/frame.mjs";
import { clamp, fromPlace, keyMove, statusText, toPlace } from "../../gan_course/widgets/latent_pad.mjs";
import { axisName, signed } from "../../gan_course/widgets/latent_words.mjs";

test("a frame packed by Python comes out whole", () => {
  const { facts, arrays } = unpackFrame(new Uint8Array(readFileSync(process.env.FRAME)));
  assert.equal(facts.message, "α ≠ β");
  assert.deepEqual([...arrays.field.data], [...Array(15).keys()]);
  assert.deepEqual([...arrays.fake.data], [-1, -0.5, 0, 0.5, 1, 2]);
});

test("foreign bytes are refused", () => {
  assert.throws(() => unpackFrame(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9])), /not a frame/);
});

test("grey and coloured pixels become RGBA", () => {
  assert.deepEqual([...toRgba({ shape: [1, 2, 1], data: new Uint8Array([7, 9]) })], [7, 7, 7, 255, 9, 9, 9, 255]);
  assert.deepEqual([...toRgba({ shape: [1, 1, 3], data: new Uint8Array([1, 2, 3]) })], [1, 2, 3, 255]);
});

test("the corners and the middle of the pad, there and back", () => {
  const places = [[0, 0, -3, 3], [1, 0, 3, 3], [0.5, 0.5, 0, 0], [1, 1, 3, -3], [0.25, 0.75, -1.5, -1.5]];
  for (const [x, y, across, up] of places) {
    assert.deepEqual(fromPlace(x, y), [across, up]);
    assert.deepEqual(toPlace(across, up), [x, y]);
  }
});

test("a hand that leaves the pad stays at its edge", () => {
  assert.deepEqual(fromPlace(1.4, -0.2), [3, 3]);
  assert.deepEqual(toPlace(-8, 8), [0, 0]);
  assert.equal(clamp(-3.2), -3);
});

test("keys move by a tenth, with Shift by one, never beyond the edge", () => {
  assert.deepEqual(keyMove("ArrowRight", false, [0.25, 1]), [0.35, 1]);
  assert.deepEqual(keyMove("ArrowDown", true, [0.25, 1]), [0.25, 0]);
  assert.deepEqual(keyMove("ArrowLeft", true, [-2.5, 0]), [-3, 0]);
  assert.deepEqual(keyMove("ArrowUp", false, [0, 3]), [0, 3]);
  assert.deepEqual(keyMove("Home", false, [1.5, -2]).map(Math.abs), [0, 0]);
  assert.equal(keyMove("Tab", false, [0, 0]), undefined);
});

test("numbers and names", () => {
  assert.equal(signed(0.5), "+0.50");
  assert.equal(signed(-1.234), "−1.23");
  assert.equal(axisName("raw", 3), "z[3]");
  assert.equal(axisName("directions", 0), "direction 1");
});

test("the status says what the run does, and when nobody answers", () => {
  assert.match(statusText({ state: "training" }, 0), /trains/);
  assert.match(statusText({ state: "paused" }, 0), /paused/);
  assert.match(statusText({ state: "ended" }, 0), /stopped/);
  assert.match(statusText({ state: "still" }, 0), /stays as it is/);
  assert.match(statusText({ state: "training" }, 7200), /No news for 7 s/);
});
