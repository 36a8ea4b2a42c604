// Drawing on a canvas: sizes, pixels, charts. What the pictures mean is said elsewhere.

/** About `count` round numbers from low to high. */
export function niceTicks(low, high, count = 4) {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(+(i * step).toPrecision(12));
  return ticks;
}

/** Lowest and highest finite value of several series; [0, 1] if there is none. */
export function extent(series) {
  let low = Infinity;
  let high = -Infinity;
  for (const values of series)
    for (const v of values)
      if (Number.isFinite(v)) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** 12345 as "12,345". */
export const grouped = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");

/** Pixels (h, w, c) or (h, w) in 0…255 as RGBA. `paint` maps one grey value to [r, g, b]. */
export function toRgba({ shape, data }, paint) {
  const channels = shape[2] ?? 1;
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  const rgba = new Uint8ClampedArray(shape[0] * shape[1] * 4).fill(255);
  for (let i = 0, at = 0; at < rgba.length; i += channels, at += 4) {
    if (paint) [rgba[at], rgba[at + 1], rgba[at + 2]] = paint(data[i]);
    else [rgba[at], rgba[at + 1], rgba[at + 2]] = [data[i], data[i + green], data[i + blue]];
  }
  return rgba;
}

export const hexToRgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Fit a canvas to its place on the page, sharp on any screen; returns its context and size in CSS pixels. */
export function prepare(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

export function drawPixels(context, image, rgba, x, y, width, height, smooth = false) {
  const small = new OffscreenCanvas(image.shape[1], image.shape[0]);
  small.getContext("2d").putImageData(new ImageData(rgba, image.shape[1], image.shape[0]), 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(small, x, y, width, height);
}

/** A picture (h, w, c) in 0…255, as large as fits in the middle of a canvas. */
export function drawPicture(canvas, image) {
  const { context, width, height } = prepare(canvas);
  const scale = Math.min(width / image.shape[1], height / image.shape[0]);
  const [w, h] = [image.shape[1] * scale, image.shape[0] * scale];
  drawPixels(context, image, toRgba(image), (width - w) / 2, (height - h) / 2, w, h);
  return { context, width, height };
}

/** Lines over steps, with ticks. `lines` is a list of [values, colour, dash, their own steps]. */
export function drawChart(canvas, steps, lines, [low, high], colors, mark, dots = false) {
  const { context, width, height } = prepare(canvas);
  const [left, bottom, top, right] = [38, 20, 6, 8];
  const [first, last] = extent([steps, ...lines.map(([, , , own]) => own ?? [])]);
  const x = (s) => left + ((s - first) / (last - first)) * (width - left - right);
  const y = (v) => height - bottom - ((v - low) / (high - low)) * (height - bottom - top);
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  context.fillStyle = colors.text;
  context.strokeStyle = colors.grid;
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of niceTicks(low, high)) {
    line(context, [left, width - right], [y(tick), y(tick)]);
    context.fillText(String(tick), left - 5, y(tick));
  }
  context.textAlign = "center";
  for (const tick of niceTicks(first, last, 3))
    if (x(tick) > left + 20 && x(tick) < width - right - 46) context.fillText(grouped(tick), x(tick), height - bottom / 2);
  context.textAlign = "right";
  context.fillText("step", width - right, height - bottom / 2);
  if (mark !== undefined) {
    context.strokeStyle = colors.text;
    context.setLineDash([3, 3]);
    line(context, [left, width - right], [y(mark), y(mark)]);
    context.setLineDash([]);
  }
  context.lineWidth = 1.5;
  for (const [values, color, dash = [], own = steps] of lines) {
    context.strokeStyle = color;
    context.setLineDash(dash);
    const [xs, ys] = [Array.from(own, x), Array.from(values, (v) => y(Math.min(Math.max(v, low), high)))];
    line(context, xs, ys);
    if (!dots) continue;
    context.fillStyle = color;
    xs.forEach((at, i) => context.fillRect(at - 2, ys[i] - 2, 4, 4)); // so that a single value is seen
  }
  context.setLineDash([]);
}

export function line(context, xs, ys) {
  context.beginPath();
  let drawing = false;
  xs.forEach((x, i) => {
    if (Number.isFinite(ys[i])) drawing ? context.lineTo(x, ys[i]) : context.moveTo(x, ys[i]);
    drawing = Number.isFinite(ys[i]);
  });
  context.stroke();
}
