import assert from "node:assert/strict";
import { test } from "node:test";
import { cardState } from "../../gan_course/widgets/predict.mjs";

test("nothing chosen: the button waits", () => {
  const state = cardState("", "", false, "");
  assert.deepEqual([state.settled, state.ready, state.button], [false, false, "Commit"]);
});

test("chosen: one may commit", () => {
  const state = cardState("worse", "", false, "");
  assert.deepEqual([state.settled, state.ready, state.button], [false, true, "Commit"]);
});

test("committed: the choice stands until one thinks again", () => {
  const state = cardState("worse", "worse", false, "");
  assert.deepEqual([state.settled, state.ready, state.button], [true, true, "Think again"]);
  assert.match(state.said, /^Committed/);
  const again = cardState("worse", "worse", true, "");
  assert.deepEqual([again.settled, again.ready, again.button], [false, true, "Commit"]);
});

test("what Python has to say goes first", () => {
  assert.equal(cardState("worse", "worse", false, "The disk is full").said, "The disk is full");
});
