// The pictures of the objective: bars for its terms, curves of G's two losses. Nothing here knows a page or a kernel.
import { colorsOf } from "./dom.mjs";
import { line, niceTicks, prepare } from "./drawing.mjs";
import { fixedText } from "./objective_maths.mjs";

export const FARTHEST_LOGIT = 10; // the charts go from -FARTHEST_LOGIT to FARTHEST_LOGIT
export const LONGEST_BAR = 7; // log 0.001 is -6.91
const BAR_NAMES = 168; // pixels for what the bars are called
const LOG_4 = Math.log(4);
const MARGINS = { left: 34, right: 10, top: 8, bottom: 36 };
const LOSS_COLORS = { minimax: "mark", "non-saturating": "other" };
const LOSS_DASHES = { minimax: [7, 4], "non-saturating": [] };

/** The colours of a widget's root, by name. */
export const objectiveColors = (element) =>
  colorsOf(element, "gan", ["real", "fake", "d", "text", "grid", "mark", "other"]);

/** Where a logit stands across a chart of this width; those outside of the chart stand at its ends. */
export function acrossOf(logit, width) {
  const t = (Math.min(Math.max(logit, -FARTHEST_LOGIT), FARTHEST_LOGIT) / FARTHEST_LOGIT + 1) / 2;
  return MARGINS.left + t * (width - MARGINS.left - MARGINS.right);
}

/** The reverse, in hundredths. */
export function logitAt(x, width) {
  const t = (x - MARGINS.left) / (width - MARGINS.left - MARGINS.right);
  return +((2 * Math.min(Math.max(t, 0), 1) - 1) * FARTHEST_LOGIT).toFixed(2) + 0;
}

/** The bars: [name, value, colour]. Where D is written as probabilities they are the terms of V, else of -V. */
export function barsOf({ form }, { real_term, fake_term, value }) {
  if (form === "probability")
    return [["log D(x)", real_term, "real"], ["log(1 − D(G(z)))", fake_term, "fake"], ["V, their sum", value, "d"]];
  return [["cross-entropy, label 1", -real_term, "real"], ["cross-entropy, label 0", -fake_term, "fake"], ["−V, their sum", -value, "d"]];
}

/** From where to where a bar goes on an axis of this width, and whether it would go farther. */
export function barSpan(value, width) {
  const length = (Math.min(Math.abs(value), LONGEST_BAR) / LONGEST_BAR) * width;
  return { from: value < 0 ? width - length : 0, length, cut: Math.abs(value) > LONGEST_BAR };
}

/** Bars for both terms and their sum; the dashed line is where the sum is when D says ½ to both. */
export function drawBars(canvas, settings, terms, colors) {
  const { context, width, height } = prepare(canvas);
  const family = getComputedStyle(canvas).fontFamily;
  const [inner, bottom] = [width - BAR_NAMES - 8, height - 20];
  const sign = settings.form === "probability" ? -1 : 1;
  const place = (value) => BAR_NAMES + (sign < 0 ? 1 + value / LONGEST_BAR : value / LONGEST_BAR) * inner;
  Object.assign(context, { font: `11px ${family}`, fillStyle: colors.text, strokeStyle: colors.grid, lineWidth: 1, textAlign: "center" });
  for (let tick = 0; tick <= LONGEST_BAR; tick++) {
    line(context, [place(sign * tick), place(sign * tick)], [0, bottom]);
    context.fillText(fixedText(sign * tick, 0), place(sign * tick), height - 5);
  }
  barsOf(settings, terms).forEach(([name, value, color], i) => {
    const [middle, tall] = [((i + 0.5) * bottom) / 3, bottom / 3 - 18];
    const { from, length, cut } = barSpan(value, inner);
    context.fillStyle = colors[color];
    context.fillRect(BAR_NAMES + from, middle - tall / 2, Math.max(length, 1), tall);
    Object.assign(context, { fillStyle: colors.text, textBaseline: "middle", textAlign: "left", font: `12px ${family}` });
    context.fillText(`${name}${cut ? ", too long to draw" : ""}`, 0, middle - 9);
    context.font = `bold 14px ${family}`;
    context.fillText(fixedText(value, 3), 0, middle + 9);
  });
  Object.assign(context, { strokeStyle: colors.mark, lineWidth: 1.5 });
  context.setLineDash([4, 3]);
  line(context, [place(sign * LOG_4), place(sign * LOG_4)], [(2 * bottom) / 3 + 3, bottom]);
  context.setLineDash([]);
}

function axes(context, width, height, [low, high], colors, family) {
  const up = (v) => height - MARGINS.bottom - ((v - low) / (high - low)) * (height - MARGINS.top - MARGINS.bottom);
  Object.assign(context, { font: `11px ${family}`, fillStyle: colors.text, strokeStyle: colors.grid, lineWidth: 1 });
  Object.assign(context, { textAlign: "right", textBaseline: "middle" });
  for (const tick of niceTicks(low, high, 4)) {
    line(context, [MARGINS.left, width - MARGINS.right], [up(tick), up(tick)]);
    context.fillText(String(tick).replace("-", "−"), MARGINS.left - 5, up(tick));
  }
  Object.assign(context, { textAlign: "center", textBaseline: "alphabetic" });
  for (const tick of [-8, -4, 0, 4, 8]) context.fillText(fixedText(tick, 0), acrossOf(tick, width), height - MARGINS.bottom + 14);
  context.fillText("D’s logit of a fake", (MARGINS.left + width - MARGINS.right) / 2, height - 6);
  return up;
}

/** The live run: a tick for each of its fakes, and a flag at its mean D(G(z)). */
function drawLive(context, live, fakes, width, height, colors) {
  const floor = height - MARGINS.bottom;
  Object.assign(context, { strokeStyle: colors.fake, lineWidth: 1, globalAlpha: 0.55 });
  for (const logit of fakes) line(context, [acrossOf(logit, width), acrossOf(logit, width)], [floor - 9, floor]);
  context.globalAlpha = 1;
  if (live === null) return;
  const x = acrossOf(live, width);
  Object.assign(context, { strokeStyle: colors.fake, fillStyle: colors.fake, lineWidth: 3 });
  context.setLineDash([2, 3]);
  line(context, [x, x], [MARGINS.top, floor]);
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(x, floor - 10);
  context.lineTo(x - 7, floor + 2);
  context.lineTo(x + 7, floor + 2);
  context.fill();
}

/** One chart over D's logit: `curves(logit)` gives both values by the loss's name. */
export function drawByLogit(canvas, curves, range, logit, { facts, arrays }, colors) {
  const { context, width, height } = prepare(canvas);
  const up = axes(context, width, height, range, colors, getComputedStyle(canvas).fontFamily);
  const logits = Array.from({ length: 201 }, (_, i) => ((i - 100) / 100) * FARTHEST_LOGIT);
  drawLive(context, facts.live, arrays.fake_logits.data, width, height, colors);
  const x = acrossOf(logit, width);
  Object.assign(context, { strokeStyle: colors.mark, lineWidth: 1.5 });
  line(context, [x, x], [MARGINS.top, height - MARGINS.bottom]);
  for (const name of Object.keys(LOSS_COLORS)) {
    Object.assign(context, { strokeStyle: colors[LOSS_COLORS[name]], lineWidth: 2.5 });
    context.setLineDash(LOSS_DASHES[name]);
    line(context, logits.map((l) => acrossOf(l, width)), logits.map((l) => up(curves(l)[name])));
    context.setLineDash([]);
    Object.assign(context, { fillStyle: colors[LOSS_COLORS[name]], strokeStyle: colors.mark, lineWidth: 1.5 });
    context.beginPath();
    context.arc(x, up(Math.min(Math.max(curves(logit)[name], range[0]), range[1])), 5, 0, 7);
    context.fill();
    context.stroke();
  }
}
