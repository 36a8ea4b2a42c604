import assert from "node:assert/strict";
import { test } from "node:test";
import { directionsText, gauge, pages, percent } from "../../gan_course/widgets/latent_sliders.mjs";
import { axisName, signed } from "../../gan_course/widgets/latent_words.mjs";

test("pages cover all axes once", () => {
  assert.deepEqual(pages("raw", 10), [[0, "z[0] to z[7]"], [8, "z[8] to z[9]"]]);
  assert.deepEqual(pages("directions", 8), [[0, "1 to 8"]]);
  assert.equal(pages("directions", 64).length, 8);
});

test("shares are whole percents, and a little is not nothing", () => {
  assert.equal(percent(0.386), "39%");
  assert.equal(percent(1), "100%");
  assert.equal(percent(0.004), "<1%");
  assert.equal(percent(0), "0%");
});

test("the note tells whose directions these are", () => {
  const known = { basis: "directions", search: "", known: true, found: 40, step: 40 };
  assert.match(directionsText(known), /share of the change/);
  assert.match(directionsText({ ...known, step: 90 }), /those of step 40/);
  assert.match(directionsText({ ...known, search: "running" }), /Looking/);
  assert.match(directionsText({ ...known, known: false }), /not known/);
  assert.match(directionsText({ ...known, found: null, step: null }), /share of the change/);
  assert.equal(directionsText({ ...known, basis: "raw" }), "");
});

test("the gauge holds the length and its typical range", () => {
  assert.deepEqual(gauge(6, [6, 1.5]), [0.5, 0.25, 0.75]);
  assert.deepEqual(gauge(0, [1, 1]), [0, 0, 0.6]);
  assert.equal(gauge(1e6, [6, 1.5])[0], 1);
});

test("numbers and names", () => {
  assert.equal(signed(-0.05), "−0.05");
  assert.equal(axisName("directions", 7), "direction 8");
  assert.equal(axisName("raw", 63), "z[63]");
});
