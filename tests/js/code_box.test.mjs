import assert from "node:assert/strict";
import { test } from "node:test";
import { copyText } from "../../gan_course/widgets/code_box.mjs";

const element = { textContent: "print('<b>')" };

test("the text goes to the clipboard", async () => {
  const written = [];
  const clipboard = { writeText: async (text) => void written.push(text) };
  assert.equal(await copyText(element, clipboard, assert.fail), true);
  assert.deepEqual(written, ["print('<b>')"]);
});

test("where the clipboard is missing or closed, the text is selected", async () => {
  const closed = { writeText: () => Promise.reject(new Error("NotAllowedError")) };
  for (const clipboard of [null, closed]) {
    const selected = [];
    assert.equal(await copyText(element, clipboard, (chosen) => selected.push(chosen)), false);
    assert.deepEqual(selected, [element]);
  }
});
