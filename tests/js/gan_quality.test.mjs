import assert from "node:assert/strict";
import { test } from "node:test";
import { classesText, fidText } from "../../gan_course/widgets/gan_quality.mjs";

const plain = (text) => text.replace(/<[^>]*>/g, "").replace(/\s+/g, " ");

test("an FID is told with its step, features and numbers of images", () => {
  const facts = { measuring: null, fid: 23.44, fid_step: 1200, fid_n: [2000, 10000] };
  assert.equal(plain(fidText(facts)), "FID 23.4 at step 1,200: 2,000 fakes, 10,000 real images, the course’s features");
  assert.match(plain(fidText({ ...facts, measuring: 0.4 })), /features · measuring: 40 %$/);
  assert.equal(plain(fidText({ measuring: 0.4 })), "FID · measuring: 40 %");
  assert.equal(fidText({ measuring: null }), "");
  assert.equal(fidText({}), "", "points, for which there is no FID");
});

test("classes are counted", () => {
  const facts = { classes: 9, classes_of: 10, classes_1_percent: 8, classes_seen: 2000, classes_step: 300 };
  assert.equal(plain(classesText(facts)), "Classes covered: 9 of 10 (8 with at least 1 %), in 2,000 samples at step 300");
});
