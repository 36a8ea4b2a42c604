// Draws the frames of a GAN run. Python decides what is true; this file only puts it on the page.
import { drawChart, drawPixels, extent, grouped, hexToRgb, prepare, toRgba } from "./drawing.mjs";
import { unpackFrame } from "./frame.mjs";

const QUIET_MS = 6000; // no frame and no heartbeat for this long: say so
const ACKNOWLEDGE = 4; // every so many frames, tell the kernel which one was drawn

/** D's verdict in 0…255 as a colour between fake (0), white (½) and real (255), each [r, g, b]. */
export function fieldColor(verdict, fake, middle, real) {
  const t = verdict / 255;
  const [from, to, s] = t < 0.5 ? [fake, middle, 2 * t] : [middle, real, 2 * t - 1];
  return from.map((c, i) => Math.round(c + (to[i] - c) * s));
}

/** What the status line says. `silence` is the time without a sign of life, in milliseconds. */
export function statusText(facts, silence) {
  if (silence > QUIET_MS)
    return `No news for ${Math.round(silence / 1000)} s: the kernel is busy or gone. If it was restarted, run the cell again.`;
  const rate = facts.rate >= 10 ? Math.round(facts.rate) : facts.rate;
  const doing = facts.playing ? `training, ${rate} rounds a second` : "paused";
  return `Step ${grouped(facts.step)} · ${doing} · ${facts.d_steps} D : ${facts.g_steps} G · ${facts.loss}`;
}

// ---- drawing ------------------------------------------------------------------------------------------------------

function colorsOf(element) {
  const style = getComputedStyle(element);
  const names = ["real", "fake", "d", "g", "text", "grid", "field-fake", "field-middle", "field-real", "mark"];
  return Object.fromEntries(names.map((n) => [n, style.getPropertyValue(`--gan-${n}`).trim() || "#888888"]));
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
  root.className = "gan-canvas gan-palette";
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
