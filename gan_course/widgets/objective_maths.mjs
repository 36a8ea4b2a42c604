// The formulas of the objective, so that a slider's answer is on the page at once, without the kernel.
//
// This file is the one agreed exception to "no machine-learning maths in JavaScript". The truth is Python's:
// tests/test_objective_lab.py holds every function here to gan_course.theory, PyTorch and the lab's own words.

/** log(1 + e^t), without overflow and without loss at either end. */
export const softplus = (t) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));

/** log σ(t). */
export const logSigmoid = (t) => -softplus(-t);

/** σ(t) = 1 / (1 + e^-t), with full relative precision at both ends. */
export function logistic(t) {
  const small = Math.exp(-Math.abs(t));
  return (t >= 0 ? 1 : small) / (1 + small);
}

/** The reverse: log(p / (1 - p)). */
export const logitOf = (p) => Math.log(p) - Math.log1p(-p);

/** The terms of V(D, G) and their sum, from two probabilities. Goodfellow et al. 2014, Equation 1. */
export function valueTerms({ d_real, d_fake }) {
  const [real_term, fake_term] = [logSigmoid(logitOf(d_real)), logSigmoid(-logitOf(d_fake))];
  return { real_term, fake_term, value: real_term + fake_term };
}

/** G's two losses for a fake with this logit: log(1 - D) and -log D. */
export const generatorLosses = (logit) => ({ minimax: logSigmoid(-logit), "non-saturating": -logSigmoid(logit) });

/** How hard each of them pulls: the size of its slope over the logit, D and 1 - D. */
export const generatorPulls = (logit) => ({ minimax: logistic(logit), "non-saturating": logistic(-logit) });

/** How many times as hard the non-saturating loss pulls. */
export const pullRatio = (logit) => Math.exp(-logit);

// ---- numbers as texts: as in objective_scene.py ---------------------------------------------------------------------

/** A number with so many decimals and a true minus sign; never a negative zero. */
export const fixedText = (value, decimals) => {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
};

/** A number of at least 1e-6 with three significant digits: 0.000335. */
export const digitsText = (value) => value.toPrecision(3);

/** A ratio: whole and grouped from 1,000 on, else with three significant digits. */
export const ratioText = (ratio) =>
  ratio >= 999.5 ? String(Math.round(ratio)).replace(/\B(?=(\d{3})+$)/g, ",") : digitsText(ratio);

function asTerms({ real_term, fake_term, value }) {
  const [real, fake, sum] = [real_term, fake_term, value].map((v) => fixedText(v, 3));
  return `V = log D(x) + log(1 − D(G(z))) = (${real}) + (${fake}) = ${sum}. D pushes V up, G pushes it down; ` +
    "where D says ½ to both, V is −log 4 = −1.386.";
}

function asCrossEntropies({ real_term, fake_term, value }, realLogit, fakeLogit) {
  const [real, fake, sum] = [real_term, fake_term, value].map((v) => fixedText(-v, 3));
  return `−V = softplus(${fixedText(-realLogit, 2)}) + softplus(${fixedText(fakeLogit, 2)}) = ${real} + ${fake} = ${sum}: binary ` +
    "cross-entropy with label 1 for the real point and 0 for the fake. What D makes small is −V; at ½ and ½ it is log 4 = 1.386.";
}

/** What two verdicts are worth, in words. */
export function objectiveWords(settings) {
  const [realLogit, fakeLogit] = [logitOf(settings.d_real), logitOf(settings.d_fake)];
  const terms = valueTerms(settings);
  const value = settings.form === "probability" ? asTerms(terms) : asCrossEntropies(terms, realLogit, fakeLogit);
  const pulls = generatorPulls(fakeLogit);
  return `${value} At this fake's logit ${fixedText(fakeLogit, 2)} the saturating loss pulls at G with ` +
    `${digitsText(pulls.minimax)}, the non-saturating one with ${digitsText(pulls["non-saturating"])}: ` +
    `${ratioText(pullRatio(fakeLogit))} times as hard.`;
}
