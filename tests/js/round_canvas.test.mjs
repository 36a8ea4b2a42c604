import assert from "node:assert/strict";
import { test } from "node:test";
import { STEP_NAMES, goesOn, movedText, standing, turnText } from "../../gan_course/widgets/round_canvas.mjs";
import { onLine, onPlane, pairsOf, strengths } from "../../gan_course/widgets/round_drawing.mjs";

test("what each button is now", () => {
  const all = (facts) => STEP_NAMES.map(([step]) => standing(step, facts));
  assert.deepEqual(all({ turn: "D", next: "real", done: [] }), ["next", "later", "later", "later", "later"]);
  assert.deepEqual(all({ turn: "D", next: "judge", done: ["real", "noise", "fake"] }), ["done", "done", "done", "next", "later"]);
  assert.deepEqual(all({ turn: "G", next: "fake", done: ["noise"] }), ["needless", "done", "next", "later", "later"]);
});

test("the turn in words", () => {
  assert.match(turnText({ turn: "D", round: 1 }), /^Round 1 · D’s turn/);
  assert.match(turnText({ turn: "G", round: 12 }), /^Round 12 · G’s turn/);
});

test("what the weights did in words", () => {
  assert.equal(movedText("G", { learned: "", moved: { G: 0, D: 0 } }), "no update yet, 42 weights as they began");
  assert.equal(movedText("D", { learned: "D", moved: { G: 0, D: 33 } }), "33 of 33 weights moved");
  assert.equal(movedText("G", { learned: "D", moved: { G: 0, D: 33 } }), "0 of 42 weights moved");
});

test("a whole round plays on until its round is over", () => {
  assert.ok(goesOn(3, { round: 3 }));
  assert.ok(!goesOn(3, { round: 4 }));
  assert.ok(!goesOn(0, { round: 1 }));
});

test("points on the plane, those outside on its rim", () => {
  const box = [10, 20, 100];
  assert.deepEqual(onPlane(box, 2, [0, 0]), [60, 70]);
  assert.deepEqual(onPlane(box, 2, [-2, 2]), [10, 20]);
  assert.deepEqual(onPlane(box, 2, [1, -1]), [85, 95]);
  assert.deepEqual(onPlane(box, 2, [99, -99]), [110, 120]);
});

test("verdicts on their line", () => assert.deepEqual([0, 0.5, 1].map((v) => onLine(v, 10, 30)), [10, 20, 30]));

test("a cell that moved has colour, one that did not has none, and the largest change the full one", () => {
  const [still, small, large, none] = strengths({ data: new Float32Array([0, 1e-9, -4, NaN]) });
  assert.equal(still, 0);
  assert.ok(small > 0.2 && small < 0.3, small);
  assert.equal(large, 1);
  assert.ok(Number.isNaN(none));
  assert.deepEqual(strengths({ data: new Float32Array([0, 0]) }), [0, 0]);
});

test("points of an array", () => assert.deepEqual(pairsOf({ data: new Float32Array([1, 2, 3, 4]) }), [[1, 2], [3, 4]]));
