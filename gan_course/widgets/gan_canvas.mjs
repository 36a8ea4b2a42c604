// Draws the frames of a GAN run. Python decides what is true; this file only puts it on the page.

const QUIET_MS = 6000; // no frame and no heartbeat for this long: say so
const ACKNOWLEDGE = 4; // every so many frames, tell the kernel which one was drawn

/** Split a frame (see gan_course/frames.py) into its facts and its arrays. */
export function unpackFrame(view) {
  const bytes = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== "GANF") throw new Error("not a frame");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const arrays = {};
  for (const [name, [type, shape, place]] of Object.entries(header.arrays)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const start = 8 + length + place;
    const part = bytes.slice(start, start + size * (type === "uint8" ? 1 : 4));
    arrays[name] = { shape, data: type === "uint8" ? part : new Float32Array(part.buffer) };
  }
  return { facts: header.facts, arrays };
}

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

/** D's verdict in 0…255 as a colour between fake (0), white (½) and real (255), each [r, g, b]. */
export function fieldColor(verdict, fake, middle, real) {
  const t = verdict / 255;
  const [from, to, s] = t < 0.5 ? [fake, middle, 2 * t] : [middle, real, 2 * t - 1];
  return from.map((c, i) => Math.round(c + (to[i] - c) * s));
}

/** 12345 as "12,345". */
export const grouped = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");

/** What the status line says. `silence` is the time without a sign of life, in milliseconds. */
export function statusText(facts, silence) {
  if (silence > QUIET_MS)
    return `No news for ${Math.round(silence / 1000)} s: the kernel is busy or gone. If it was restarted, run the cell again.`;
  const rate = facts.rate >= 10 ? Math.round(facts.rate) : facts.rate;
  const doing = facts.playing ? `training, ${rate} rounds a second` : "paused";
  return `Step ${grouped(facts.step)} · ${doing} · ${facts.d_steps} D : ${facts.g_steps} G · ${facts.loss}`;
}

/** Pixels (h, w, c) or (h, w) in 0…255 as RGBA. `paint` maps one grey value to [r, g, b]. */
export function toRgba({ shape, data }, paint = (v) => [v, v, v]) {
  const channels = shape[2] ?? 1;
  const rgba = new Uint8ClampedArray(shape[0] * shape[1] * 4);
  for (let i = 0; i < shape[0] * shape[1]; i++) {
    const color = channels === 1 ? paint(data[i]) : data.subarray(channels * i, channels * i + 3);
    rgba.set(color, 4 * i);
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}

// ---- drawing ------------------------------------------------------------------------------------------------------

const hexToRgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function colorsOf(element) {
  const style = getComputedStyle(element);
  const names = ["real", "fake", "d", "g", "text", "grid", "field-fake", "field-middle", "field-real", "mark"];
  return Object.fromEntries(names.map((n) => [n, style.getPropertyValue(`--gc-${n}`).trim() || "#888888"]));
}

/** Fit a canvas to its place on the page, sharp on any screen; returns its context and size in CSS pixels. */
function prepare(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function drawPixels(context, image, rgba, x, y, width, height, smooth = false) {
  const small = new OffscreenCanvas(image.shape[1], image.shape[0]);
  small.getContext("2d").putImageData(new ImageData(rgba, image.shape[1], image.shape[0]), 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(small, x, y, width, height);
}

function drawImages(canvas, image) {
  const { context, width, height } = prepare(canvas);
  const scale = Math.min(width / image.shape[1], height / image.shape[0]);
  const [w, h] = [image.shape[1] * scale, image.shape[0] * scale];
  drawPixels(context, image, toRgba(image), (width - w) / 2, (height - h) / 2, w, h);
}

function drawPoints(canvas, { real, fake, field, picture }, bounds, colors) {
  const { context, width, height } = prepare(canvas);
  const [x0, x1, y0, y1] = bounds;
  const place = (x, y) => [((x - x0) / (x1 - x0)) * width, ((y1 - y) / (y1 - y0)) * height];
  const ends = ["field-fake", "field-middle", "field-real"].map((n) => hexToRgb(colors[n]));
  context.save();
  context.scale(1, -1); // the field's first row lies at the lowest y
  drawPixels(context, field, toRgba(field, (v) => fieldColor(v, ...ends)), 0, -height, width, height, true);
  context.restore();
  const dots = ({ data }, color, radius) => {
    context.fillStyle = color;
    for (let i = 0; i < data.length; i += 2) {
      const [x, y] = place(data[i], data[i + 1]);
      context.beginPath();
      context.arc(x, y, radius, 0, 7);
      context.fill();
    }
  };
  context.globalAlpha = 0.65;
  dots(real, colors.real, 2);
  dots(fake, colors.fake, 2);
  context.globalAlpha = 1;
  const [x, y] = place(...picture.data);
  context.strokeStyle = colors.mark;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 7, 0, 7);
  context.stroke();
}

/** Lines over steps, with ticks. `lines` is a list of [values, colour, dash]. */
function drawChart(canvas, steps, lines, [low, high], colors, mark) {
  const { context, width, height } = prepare(canvas);
  const [left, bottom, top, right] = [38, 20, 6, 8];
  const [first, last] = extent([steps]);
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
    if (x(tick) > left + 20 && x(tick) < width - right - 24) context.fillText(grouped(tick), x(tick), height - bottom / 2);
  context.textAlign = "right";
  context.fillText("step", width - right, height - bottom / 2);
  if (mark !== undefined) {
    context.strokeStyle = colors.text;
    context.setLineDash([3, 3]);
    line(context, [left, width - right], [y(mark), y(mark)]);
    context.setLineDash([]);
  }
  context.lineWidth = 1.5;
  for (const [values, color] of lines) {
    context.strokeStyle = color;
    line(context, Array.from(steps, x), Array.from(values, (v) => y(Math.min(Math.max(v, low), high))));
  }
}

function line(context, xs, ys) {
  context.beginPath();
  let drawing = false;
  xs.forEach((x, i) => {
    if (Number.isFinite(ys[i])) drawing ? context.lineTo(x, ys[i]) : context.moveTo(x, ys[i]);
    drawing = Number.isFinite(ys[i]);
  });
  context.stroke();
}

// ---- the page -----------------------------------------------------------------------------------------------------

const MARKUP = `
  <div class="gc-status"><span class="gc-light"></span><span class="gc-text" role="status"></span></div>
  <div class="gc-error" role="alert" hidden></div>
  <div class="gc-panels">
    <figure class="gc-main"><figcaption></figcaption><canvas role="img"></canvas></figure>
    <div class="gc-side">
    <figure class="gc-latent"><figcaption>G(z) at the z of the sliders</figcaption><canvas role="img"></canvas></figure>
    <figure class="gc-verdicts"><figcaption>What D says:
      <b class="gc-real">D(x)</b>, real · <b class="gc-fake">D(G(z))</b>, fake</figcaption><canvas role="img"></canvas></figure>
    <figure class="gc-losses"><figcaption>Losses: <b class="gc-d">d_loss</b> · <b class="gc-g">g_loss</b></figcaption>
      <canvas role="img"></canvas></figure>
    </div>
  </div>`;

const MAIN_CAPTION = {
  images: "What G makes, from the same z each time",
  points: '<b class="gc-real">Real</b> and <b class="gc-fake">fake</b> points over D: blue where it says real. ○ is G(z)',
};

/** Put one frame on the page. */
export function drawFrame(root, { facts, arrays }) {
  const colors = colorsOf(root);
  const canvas = (name) => root.querySelector(`.gc-${name} canvas`);
  root.dataset.kind = facts.kind;
  root.dataset.step = facts.step;
  const caption = root.querySelector(".gc-main figcaption");
  if (caption.innerHTML !== MAIN_CAPTION[facts.kind]) caption.innerHTML = MAIN_CAPTION[facts.kind];
  if (facts.kind === "images") {
    drawImages(canvas("main"), arrays.grid);
    drawImages(canvas("latent"), arrays.picture);
  } else drawPoints(canvas("main"), arrays, facts.bounds, colors);
  const { step, d_real, d_fake, d_loss, g_loss } = Object.fromEntries(Object.entries(arrays).map(([n, a]) => [n, a.data]));
  drawChart(canvas("verdicts"), step, [[d_real, colors.real], [d_fake, colors.fake]], [0, 1], colors, 0.5);
  drawChart(canvas("losses"), step, [[d_loss, colors.d], [g_loss, colors.g]], extent([d_loss, g_loss]), colors);
  describe(canvas, facts, { d_real, d_fake, d_loss, g_loss });
}

/** Words for those who do not see the pictures. */
function describe(canvas, facts, series) {
  const last = Object.fromEntries(Object.entries(series).map(([n, v]) => [n, v.length ? v[v.length - 1].toFixed(2) : "none"]));
  canvas("main").ariaLabel =
    facts.kind === "images" ? `A grid of generated images at step ${facts.step}` : `Real and fake points at step ${facts.step}`;
  canvas("latent").ariaLabel = "The image made from the z of the sliders";
  canvas("verdicts").ariaLabel = `Mean D of real ${last.d_real}, of fake ${last.d_fake}`;
  canvas("losses").ariaLabel = `d_loss ${last.d_loss}, g_loss ${last.g_loss}`;
}

function showStatus(root, facts, silence) {
  const text = statusText(facts, silence);
  const place = root.querySelector(".gc-text");
  if (place.textContent !== text) place.textContent = text;
  const error = root.querySelector(".gc-error");
  error.hidden = !facts.message;
  if (error.textContent !== facts.message) error.textContent = facts.message;
  root.querySelector(".gc-light").dataset.state = silence > QUIET_MS ? "silent" : facts.playing ? "playing" : "paused";
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "gan-canvas";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Live GAN training");
  root.innerHTML = MARKUP;
  el.append(root);
  let frame;
  let heard = Date.now();
  let waiting = 0;

  const draw = () => {
    waiting = 0;
    if (!frame || !root.isConnected) return;
    drawFrame(root, frame);
    showStatus(root, frame.facts, 0);
    if (frame.facts.number % ACKNOWLEDGE === 0) {
      model.set("drawn", frame.facts.number);
      model.save_changes();
    }
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const onFrame = () => {
    heard = Date.now();
    const bytes = model.get("frame");
    if (bytes.byteLength) frame = unpackFrame(bytes);
    redraw();
  };
  const onBeat = () => (heard = Date.now());
  const clock = setInterval(() => frame && showStatus(root, frame.facts, Date.now() - heard), 1000);
  const resized = new ResizeObserver(redraw);
  resized.observe(root);
  const themed = new MutationObserver(redraw);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  model.on("change:frame", onFrame);
  model.on("change:beat", onBeat);
  onFrame();

  return () => {
    clearInterval(clock);
    cancelAnimationFrame(waiting);
    resized.disconnect();
    themed.disconnect();
    model.off("change:frame", onFrame);
    model.off("change:beat", onBeat);
    root.remove();
  };
}

export default { render };
