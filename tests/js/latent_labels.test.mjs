import assert from "node:assert/strict";
import { test } from "node:test";
import { labelText, nearText, pictureAt, shareText } from "../../gan_course/widgets/latent_labels.mjs";

test("one picture of a strip, grey and in colour", () => {
  const grey = { shape: [2, 6, 1], data: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) };
  assert.deepEqual(pictureAt(grey, 3, 1), { shape: [2, 2, 1], data: new Uint8Array([3, 4, 9, 10]) });
  const colour = { shape: [1, 2, 3], data: new Uint8Array([1, 2, 3, 4, 5, 6]) };
  assert.deepEqual(pictureAt(colour, 2, 1), { shape: [1, 1, 3], data: new Uint8Array([4, 5, 6]) });
});

test("shares in words", () => {
  assert.deepEqual([0, 0.001, 0.25, 1].map(shareText), ["", "<1%", "25%", "100%"]);
});

test("a label is a class, or a mixture with the largest share first", () => {
  const names = ["Shirt", "Bag", "Sandal"];
  assert.equal(labelText({ names, shares: [0, 1, 0] }), "Bag");
  assert.equal(labelText({ names, shares: [0.25, 0, 0.75] }), "75% Sandal + 25% Shirt");
});

test("how near the data come, against how near they come to each other", () => {
  const facts = { of: 10000, usual: 0.24, distances: [0.2, 0.3, 0.3] };
  assert.match(nearText(facts), /^The nearest of 10,000 training images differs by 0\.20 a pixel; .* 0\.24: a copy of none of these\.$/);
  assert.match(nearText({ ...facts, distances: [0.05] }), /may be copied from memory/);
});
