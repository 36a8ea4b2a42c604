import assert from "node:assert/strict";
import { test } from "node:test";
import { SCALES, keyLogit, liveText } from "../../gan_course/widgets/objective_canvas.mjs";
import { acrossOf, barSpan, barsOf, logitAt } from "../../gan_course/widgets/objective_drawing.mjs";
import {
  digitsText, fixedText, generatorLosses, generatorPulls, logSigmoid, logistic, logitOf, objectiveWords, pullRatio, ratioText,
  softplus, valueTerms,
} from "../../gan_course/widgets/objective_maths.mjs";

const close = (a, b, tolerance = 1e-12) => assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

test("V at one half twice is minus log 4", () => {
  const { real_term, fake_term, value } = valueTerms({ d_real: 0.5, d_fake: 0.5 });
  close(value, -Math.log(4));
  close(real_term, fake_term);
});

test("log-sigmoid holds where the sigmoid is 0 or 1 in floats", () => {
  close(logSigmoid(-800), -800);
  close(logSigmoid(50) / -Math.exp(-50), 1);
  close(softplus(1000), 1000);
  assert.equal(logistic(-1000), 0);
  assert.equal(logistic(1000), 1);
  for (const logit of [-10, -3, 0, 0.5, 10]) close(logitOf(logistic(logit)), logit, 1e-9);
});

test("the losses and pulls of G, and their ratio", () => {
  for (const logit of [-10, -8, 0, 3]) {
    const pulls = generatorPulls(logit);
    close(pulls["non-saturating"] / pulls.minimax / pullRatio(logit), 1);
    close(pulls.minimax + pulls["non-saturating"], 1);
    close(generatorLosses(logit)["non-saturating"], -Math.log(logistic(logit)), 1e-9);
  }
  assert.equal(ratioText(pullRatio(-8)), "2,981");
});

test("numbers as texts", () => {
  assert.deepEqual([0.2, 0.000335, 4, 0.9999].map(digitsText), ["0.200", "0.000335", "4.00", "1.00"]);
  assert.deepEqual([2980.96, 999.4, 22026.5, 0.00034].map(ratioText), ["2,981", "999", "22,027", "0.000340"]);
  assert.equal(fixedText(-0.0001, 3), "0.000");
  assert.equal(fixedText(-1.386, 3), "−1.386");
});

test("words in both forms", () => {
  const settings = { d_real: 0.8, d_fake: 0.2 };
  assert.match(objectiveWords({ ...settings, form: "probability" }), /^V = .* = \(−0\.223\) \+ \(−0\.223\) = −0\.446\./);
  assert.match(objectiveWords({ ...settings, form: "logit" }), /^−V = softplus\(−1\.39\) \+ softplus\(−1\.39\) = 0\.223 \+ 0\.223 = 0\.446:/);
});

test("keys move the mark by a tenth or by one, and to the ends", () => {
  assert.deepEqual(
    ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"].map((key) => keyLogit(key, false, 1)),
    [0.9, 1.1, 1.1, 0.9, 2, 0, -10, 10],
  );
  assert.equal(keyLogit("ArrowLeft", true, 1), 0);
  assert.equal(keyLogit("ArrowLeft", true, -9.5), -10);
  assert.equal(keyLogit("Tab", false, 1), undefined);
});

test("the sliders read and write verdicts in both forms", () => {
  for (const [form, { place, verdict, min, max }] of Object.entries(SCALES)) {
    for (const d of [0.001, 0.2, 0.5, 0.9]) close(verdict(place(d)), d, 1e-12);
    assert.ok(place(0.001) >= min && place(0.999) <= max, form);
  }
  assert.equal(SCALES.probability.text(0.2), "0.200");
  assert.equal(SCALES.logit.text(0.2), "−1.39");
});

test("pixels of the chart, there and back", () => {
  for (const logit of [-10, -8, 0, 3.25, 10]) close(logitAt(acrossOf(logit, 400), 400), logit, 0.01);
  assert.equal(logitAt(-500, 400), -10);
  assert.equal(logitAt(9999, 400), 10);
  assert.equal(acrossOf(-99, 400), acrossOf(-10, 400));
});

test("bars: the terms of V to the left of 0, the cross-entropies to the right", () => {
  const terms = { real_term: -0.25, fake_term: -2, value: -2.25 };
  assert.deepEqual(barsOf({ form: "probability" }, terms).map(([, value]) => value), [-0.25, -2, -2.25]);
  assert.deepEqual(barsOf({ form: "logit" }, terms).map(([, value]) => value), [0.25, 2, 2.25]);
  assert.deepEqual(barSpan(-3.5, 100), { from: 50, length: 50, cut: false });
  assert.deepEqual(barSpan(3.5, 100), { from: 0, length: 50, cut: false });
  assert.deepEqual(barSpan(-9, 100), { from: 0, length: 100, cut: true });
});

test("what is said of the live run", () => {
  assert.equal(liveText({ live_words: "step 3", message: "" }, 100), "step 3");
  assert.equal(liveText({ live_words: "step 3", message: "it broke" }, 100), "it broke");
  assert.match(liveText({ live_words: "step 3", message: "" }, 7000), /^No news for 7 s/);
});
