import assert from "node:assert/strict";
import { test } from "node:test";
import { toRgba } from "../../gan_course/widgets/drawing.mjs";
import { unpackFrame } from "../../gan_course/widgets/frame.mjs";
import { lengthsText, onCurve, onStrip, placeText } from "../../gan_course/widgets/latent_walk.mjs";

test("both ends of a walk lie in the middle of the strip's first and last picture", () => {
  assert.equal(onStrip(0, 5), 0.1);
  assert.equal(onStrip(0.5, 5), 0.5);
  assert.equal(onStrip(1, 5), 0.9);
});

test("a curve is read between its samples, ends included", () => {
  const curve = { data: [0, 10, 40] };
  assert.deepEqual([0, 0.25, 0.5, 0.75, 1].map((t) => onCurve(curve, t)[0]), [0, 5, 10, 25, 40]);
  assert.deepEqual(onCurve({ data: [0, 1, 2, 5] }, 0.5, 2), [1, 3]);
});

test("the place and the lengths in words", () => {
  assert.equal(placeText({ t: null, path: "straight" }), "z is not on the walk");
  assert.equal(placeText({ t: 0.25, path: "straight" }), "z is on the straight walk, t = 0.25");
  const facts = { typical: [7.97, 0.7] };
  const [straight, spherical] = [{ data: [8, 5, 8] }, { data: [8, 8, 8] }];
  const both = { facts, arrays: { straight_length: straight, spherical_length: spherical } };
  assert.equal(lengthsText(both), "Length of z half way: straight 5.00, spherical 8.00; typical 7.97");
  const one = { facts, arrays: { straight_length: straight } };
  assert.equal(lengthsText(one), "Length of z half way: straight 5.00; typical 7.97");
});

test("frames and pixels", () => {
  assert.throws(() => unpackFrame(new Uint8Array(9)), /not a frame/);
  assert.deepEqual([...toRgba({ shape: [1, 1, 1], data: new Uint8Array([5]) })], [5, 5, 5, 255]);
});
