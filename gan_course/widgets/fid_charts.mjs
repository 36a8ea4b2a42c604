// The charts of a FID lab: bias over the number of images, one draw's line to endlessly many, measures over a damage.
import { drawPixels, extent, grouped, line, niceTicks, prepare, toRgba } from "./drawing.mjs";

const [LEFT, BOTTOM, TOP, RIGHT] = [44, 34, 10, 12]; // room around a chart
export const minus = (text) => String(text).replace("-", "−");

/** Few digits, a true minus sign: 0.0012, 0.012, 1.23, 12.3, 123. Python's `few_digits` tells the same. */
export function numberText(v) {
  if (v === undefined || v === null) return "…";
  const size = Math.abs(v);
  const digits = [100, 10, 0.1, 0.01].filter((least) => size < least).length;
  return minus(+v.toFixed(digits) === 0 ? "0.00" : v.toFixed(digits));
}

function frameOf(canvas, [x0, x1], [y0, y1], colors, { xTicks, yTicks = niceTicks(y0, y1), across, format = minus }) {
  const { context, width, height } = prepare(canvas);
  const x = (v) => LEFT + ((v - x0) / (x1 - x0)) * (width - LEFT - RIGHT);
  const y = (v) => height - BOTTOM - ((v - y0) / (y1 - y0)) * (height - BOTTOM - TOP);
  Object.assign(context, { strokeStyle: colors.grid, fillStyle: colors.text, lineWidth: 1, textBaseline: "middle" });
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  context.textAlign = "right";
  for (const tick of yTicks) {
    line(context, [LEFT, width - RIGHT], [y(tick), y(tick)]);
    context.fillText(minus(tick), LEFT - 6, y(tick));
  }
  Object.assign(context, { textAlign: "center", textBaseline: "top" });
  for (const tick of xTicks) context.fillText(format(tick), x(tick), height - BOTTOM + 5);
  context.fillText(across, (LEFT + width - RIGHT) / 2, height - 14);
  Object.assign(context, { strokeStyle: colors.text });
  context.setLineDash([3, 3]);
  if (y0 <= 0) line(context, [LEFT, width - RIGHT], [y(0), y(0)]); // the truth
  context.setLineDash([]);
  return { context, x, y };
}

function dot(context, x, y, color, radius = 5) {
  context.fillStyle = color;
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fill();
}

/** Real against real: mean and band of many draws over n, and one draw at the chosen n. */
export function drawBias(canvas, own, sizes, arrays, colors) {
  const place = (n) => Math.log10(n);
  const most = Math.max(2 * own.one, ...(arrays.high?.data ?? [])) || 1; // features that are all the same have no distance
  const range = [place(sizes[0]) - 0.05, place(sizes.at(-1)) + 0.05];
  const shown = [100, 200, 500, 1000, 2000, 5000];
  const { context, x, y } = frameOf(canvas, range, [0, most * 1.05], colors, {
    xTicks: shown.map(place), across: "real images on either side (n)", format: (tick) => grouped(10 ** tick),
  });
  const [xs, of] = [Array.from(arrays.size.data, (n) => x(place(n))), (name) => Array.from(arrays[name].data, y)];
  if (xs.length) {
    const [low, high] = [of("low"), of("high")];
    Object.assign(context, { fillStyle: colors.real, globalAlpha: 0.25 });
    context.beginPath();
    xs.forEach((at, i) => context.lineTo(at, high[i]));
    [...xs.keys()].reverse().forEach((i) => context.lineTo(xs[i], low[i]));
    context.fill();
    Object.assign(context, { globalAlpha: 1, strokeStyle: colors.real, lineWidth: 2 });
    line(context, xs, of("mean"));
  }
  Object.assign(context, { strokeStyle: colors.fake, lineWidth: 1 });
  line(context, [x(place(own.n)), x(place(own.n))], [y(0), y(own.one)]);
  dot(context, x(place(own.n)), y(own.one), colors.fake);
}

/** One draw's subsets over 1/n, and the line through them to 1/n = 0 with its interval. */
export function drawLine(canvas, { own }, colors) {
  const inverse = own.line_sizes.map((n) => 1 / n);
  const range = [-0.06 * Math.max(...inverse), Math.max(...inverse) * 1.05];
  const [low, high] = extent([own.line_fids, [own.low, own.high, 0]]);
  const room = 0.05 * (high - low);
  const ends = [own.line_sizes[0], own.line_sizes.at(-1)].filter((n) => 1 / n > 0.15 * Math.max(...inverse)); // 0 has its own tick
  const { context, x, y } = frameOf(canvas, range, [Math.min(low, 0) - room, high + room], colors, {
    xTicks: [0, ...ends.map((n) => 1 / n)], across: "1/n", format: (tick) => (tick ? `1/${grouped(1 / tick)}` : "n = ∞"),
  });
  Object.assign(context, { strokeStyle: colors.fake, lineWidth: 1.5 });
  const last = own.line_end;
  line(context, [x(0), x(last[0])], [y(own.infinity), y(last[1])]);
  inverse.forEach((at, i) => dot(context, x(at), y(own.line_fids[i]), colors.fake, 4));
  Object.assign(context, { strokeStyle: colors.other, lineWidth: 2.5 });
  line(context, [x(0), x(0)], [y(own.low), y(own.high)]);
  for (const end of [own.low, own.high]) line(context, [x(0) - 6, x(0) + 6], [y(end), y(end)]);
  dot(context, x(0), y(own.infinity), colors.other);
}

/** One measure over the levels of a damage: dashed the floor, large the level that is chosen. */
export function drawMeasure(canvas, arrays, name, level, last, floor, colors) {
  const { context, width, height } = prepare(canvas);
  const order = [...arrays.level.data.keys()].sort((a, b) => arrays.level.data[a] - arrays.level.data[b]);
  const values = order.map((i) => arrays[name].data[i]);
  const [low, high] = extent([values, name === "fid" || name === "kid" ? [0] : [0, 1]]);
  const x = (at) => 8 + (at / last) * (width - 16);
  const y = (v) => height - 8 - ((v - low) / (high - low)) * (height - 16);
  Object.assign(context, { strokeStyle: colors.text, lineWidth: 1 });
  context.setLineDash([3, 3]);
  if (floor !== undefined) line(context, [0, width], [y(floor), y(floor)]);
  context.setLineDash([]);
  const xs = order.map((i) => x(arrays.level.data[i]));
  Object.assign(context, { strokeStyle: colors.real, lineWidth: 1.5 });
  line(context, xs, values.map(y));
  xs.forEach((at, i) => dot(context, at, y(values[i]), colors.real, 2));
  const chosen = order.findIndex((i) => arrays.level.data[i] === level);
  if (chosen >= 0) dot(context, xs[chosen], y(values[chosen]), colors.fake, 5.5);
}

/** The images, with a frame around those that are copies. */
export function drawDamaged(canvas, { picture, copied }, colors) {
  const { context, width, height } = prepare(canvas);
  drawPixels(context, picture, toRgba(picture), 0, 0, width, height);
  const [rows, columns] = copied.shape;
  Object.assign(context, { strokeStyle: colors.fake, lineWidth: 2 });
  const [w, h] = [width / columns, height / rows];
  copied.data.forEach((is, i) => is && context.strokeRect((i % columns) * w + 1.5, Math.floor(i / columns) * h + 1.5, w - 3, h - 3));
}
