import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenIn } from "../../gan_course/widgets/question_card.mjs";

const ticked = (field, value, checked) => ({ field, value, checked });

test("one of several, all that fit, and what was typed", () => {
  const inputs = [ticked("", "a", false), ticked("", "b", true), ticked("", "c", true)];
  assert.deepEqual(chosenIn([{ name: "", kind: "radio" }], inputs.slice(0, 2)), { "": "b" });
  assert.deepEqual(chosenIn([{ name: "", kind: "radio" }], inputs.slice(0, 1)), { "": "" });
  assert.deepEqual(chosenIn([{ name: "", kind: "check" }], inputs), { "": ["b", "c"] });
  assert.deepEqual(chosenIn([{ name: "", kind: "text" }], [ticked("", " 14**2 ", false)]), { "": "14**2" });
});

test("a choice for each item", () => {
  const fields = [{ name: "1", kind: "select" }, { name: "2", kind: "select" }];
  assert.deepEqual(chosenIn(fields, [ticked("1", "c", undefined), ticked("2", "", undefined)]), { 1: "c", 2: "" });
});
