import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { extent, grouped, niceTicks, toRgba } from "../../gan_course/widgets/drawing.mjs";
import { unpackFrame } from "../../gan_course/widgets/frame.mjs";
import { caption, lines, modesText, rateOf, statusText, wordsText } from "../../gan_course/widgets/gan_canvas.mjs";
import { barbs, fieldColor, veil } from "../../gan_course/widgets/gan_panels.mjs";

test("a frame packed by Python comes out whole", () => {
  const bytes = readFileSync(process.env.FRAME);
  const { facts, arrays } = unpackFrame(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  assert.deepEqual(facts, { kind: "points", step: 12, message: "α ≠ β" });
  assert.deepEqual(arrays.field.shape, [3, 5]);
  assert.deepEqual([...arrays.field.data], [...Array(15).keys()]);
  assert.ok(arrays.fake.data instanceof Float32Array);
  assert.deepEqual([...arrays.fake.data], [-1, -0.5, 0, 0.5, 1, 2]);
});

test("foreign bytes are refused", () => {
  assert.throws(() => unpackFrame(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9])), /not a frame/);
});

test("ticks are round, inside, and survive small and large ranges", () => {
  assert.deepEqual(niceTicks(0, 1), [0, 0.5, 1]);
  assert.deepEqual(niceTicks(0.13, 0.71), [0.2, 0.4, 0.6]);
  assert.deepEqual(niceTicks(1, 2400, 3), [1000, 2000]);
  assert.deepEqual(niceTicks(-1, 1), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(niceTicks(5, 5), [5]);
  for (const tick of niceTicks(1e-7, 9e-7)) assert.ok(tick >= 1e-7 && tick <= 9e-7);
});

test("extent ignores what is not finite", () => {
  assert.deepEqual(extent([[1, NaN, 3], [Infinity, -2]]), [-2, 3]);
  assert.deepEqual(extent([[NaN]]), [0, 1]);
  assert.deepEqual(extent([[2, 2]]), [1.5, 2.5]);
});

test("the field's colours meet in the middle at D = 1/2", () => {
  const [fake, middle, real] = [[250, 0, 0], [100, 100, 100], [0, 0, 250]];
  assert.deepEqual(fieldColor(0, fake, middle, real), fake);
  assert.deepEqual(fieldColor(127.5, fake, middle, real), middle);
  assert.deepEqual(fieldColor(255, fake, middle, real), real);
});

test("numbers are grouped by thousands", () => {
  assert.equal(grouped(0), "0");
  assert.equal(grouped(999), "999");
  assert.equal(grouped(1234567), "1,234,567");
});

test("the status line says what happens, and when the kernel is silent", () => {
  const facts = { step: 1234, playing: true, rate: 812.6, d_steps: 5, g_steps: 1, loss: "hinge" };
  assert.equal(statusText(facts, 0, 18), "Step 1,234 · training, 813 rounds and 18 frames a second · 5 D : 1 G · hinge");
  assert.equal(statusText(facts, 0, 18, true), "Step 1,234 · recorded at 813 rounds a second · 5 D : 1 G · hinge");
  assert.match(statusText({ ...facts, looking: true }, 0), /the past/);
  assert.match(statusText({ ...facts, slow: true }, 0), /slow motion/);
  assert.match(statusText({ ...facts, playing: false }, 0), /paused/);
  assert.match(statusText(facts, 9000), /No news for 9 s.*run the cell again/);
});

test("grey and colour pixels become RGBA", () => {
  assert.deepEqual([...toRgba({ shape: [1, 2], data: new Uint8Array([0, 255]) })], [0, 0, 0, 255, 255, 255, 255, 255]);
  assert.deepEqual([...toRgba({ shape: [1, 1, 3], data: new Uint8Array([1, 2, 3]) })], [1, 2, 3, 255]);
  assert.deepEqual([...toRgba({ shape: [1, 1], data: new Uint8Array([7]) }, (v) => [v, 0, 0])], [7, 0, 0, 255]);
});

test("in slow motion the words say whose turn it is, else what the run suffers from", () => {
  assert.match(wordsText({ phase: "D", diagnosis: "x" }), /^D has just learned/);
  assert.match(wordsText({ phase: "G", diagnosis: "x" }), /^G has just learned/);
  assert.equal(wordsText({ phase: "", diagnosis: "x" }), "x");
});

test("frames are counted over the last second", () => {
  assert.equal(rateOf([0, 900, 1500, 2000], 2000), 2);
  assert.equal(rateOf([], 2000), 0);
});

test("the caption names the layers that a frame brings", () => {
  assert.match(caption("points", { fake: {}, arrows: {} }), /fake points.*where G’s loss pushes/);
  assert.doesNotMatch(caption("points", { fake: {} }), /real points|pushes/);
  assert.match(caption("images", {}), /the same z each time/);
});

test("a run beside gives dashed lines over its own steps", () => {
  const of = (...values) => ({ data: values });
  const arrays = { d_loss: of(1, 2) };
  assert.deepEqual(lines(arrays, [["d_loss", "d"]], { d: "#111111" }), [[[1, 2], "#111111"]]);
  Object.assign(arrays, { other_step: of(1, 2, 3), other_d_loss: of(5, 6, 7) });
  assert.deepEqual(lines(arrays, [["d_loss", "d"]], { d: "#111111" })[1], [[5, 6, 7], "#111111", [4, 3], [1, 2, 3]]);
});

test("barbs point back from the tip, and no arrow has none", () => {
  const [left, right] = barbs([0, 0], [10, 0]);
  assert.ok(left[0] < 10 && right[0] < 10 && Math.abs(left[1] + right[1]) < 1e-9 && left[1] !== 0);
  assert.deepEqual(barbs([3, 3], [3, 3]), []);
});

test("a veil lets through where nothing lies", () => {
  const rgba = veil({ shape: [1, 2], data: Uint8Array.of(0, 200) }, [1, 2, 3]);
  assert.deepEqual([...rgba], [1, 2, 3, 0, 1, 2, 3, 150]);
});

test("the modes in words", () => {
  const text = modesText({ modes: 6, modes_1_percent: 5, modes_of: 8, high_quality: 0.714 }).replace(/<[^>]*>/g, "");
  assert.match(text, /Modes covered: 6 of 8 \(5 with at least 1 % of the samples\)/);
  assert.match(text, /high quality: 71 %/);
});
