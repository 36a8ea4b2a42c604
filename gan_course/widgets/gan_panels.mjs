// What the panels of a run show: points over D's field with all its layers, grids of images, histograms.
import { drawPixels, hexToRgb, line, prepare, toRgba } from "./drawing.mjs";

/** D's verdict in 0…255 as a colour between fake (0), white (½) and real (255), each [r, g, b]. */
export function fieldColor(verdict, fake, middle, real) {
  const t = verdict / 255;
  const [from, to, s] = t < 0.5 ? [fake, middle, 2 * t] : [middle, real, 2 * t - 1];
  return from.map((c, i) => Math.round(c + (to[i] - c) * s));
}

/** Shares (0…255 at most `strength` of 255) of one colour, as RGBA that lets through what lies beneath. */
export function veil({ shape, data }, [r, g, b], strength = 0.75) {
  const rgba = new Uint8ClampedArray(4 * shape[0] * shape[1]);
  data.forEach((share, i) => rgba.set([r, g, b, share * strength], 4 * i));
  return rgba;
}

/** The tip of an arrow as the two ends of its barbs; none for an arrow of no length. */
export function barbs([x0, y0], [x1, y1], size = 5) {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  if (Math.hypot(x1 - x0, y1 - y0) < 1) return [];
  return [0.5, -0.5].map((turn) => [x1 - size * Math.cos(angle + turn), y1 - size * Math.sin(angle + turn)]);
}

/** A lattice of cells whose first row lies at the lowest y. */
function drawLattice(context, lattice, rgba, width, height) {
  context.save();
  context.scale(1, -1);
  drawPixels(context, lattice, rgba, 0, -height, width, height, true);
  context.restore();
}

function drawDots(context, { data }, place, color, radius) {
  context.fillStyle = color;
  context.beginPath();
  for (let i = 0; i < data.length; i += 2) {
    const [x, y] = place(data[i], data[i + 1]);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 7);
  }
  context.fill();
}

function drawCrosses(context, { data }, place, color) {
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.beginPath();
  for (let i = 0; i < data.length; i += 2) {
    const [x, y] = place(data[i], data[i + 1]);
    context.moveTo(x - 2.5, y - 2.5);
    context.lineTo(x + 2.5, y + 2.5);
    context.moveTo(x - 2.5, y + 2.5);
    context.lineTo(x + 2.5, y - 2.5);
  }
  context.stroke();
}

/** From each point (n, 2) an arrow (n, 2). */
function drawArrows(context, { data: at }, { data: by }, place, color) {
  context.strokeStyle = color;
  context.lineWidth = 1.2;
  context.beginPath();
  for (let i = 0; i < at.length; i += 2) {
    const [from, to] = [place(at[i], at[i + 1]), place(at[i] + by[i], at[i + 1] + by[i + 1])];
    context.moveTo(...from);
    context.lineTo(...to);
    for (const barb of barbs(from, to)) {
      context.moveTo(...to);
      context.lineTo(...barb);
    }
  }
  context.stroke();
}

/** The ways that points went, (n, 2) to (n, 2). */
function drawTrails(context, before, after, place, color) {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let i = 0; i < after.data.length; i += 2) {
    context.moveTo(...place(before.data[i], before.data[i + 1]));
    context.lineTo(...place(after.data[i], after.data[i + 1]));
  }
  context.stroke();
}

/** (2, lines, places, 2): the lines of the latent grid, as G bends them. */
function drawGrid(context, { shape: [families, lines, places], data }, place, color) {
  context.strokeStyle = color;
  context.lineWidth = 1;
  for (let i = 0; i < families * lines; i++) {
    const way = Array.from({ length: places }, (_, j) => place(...data.subarray(2 * (i * places + j), 2 * (i * places + j) + 2)));
    line(context, way.map(([x]) => x), way.map(([, y]) => y)); // prettier-ignore
  }
}

/** Points in the plane with whatever else the frame brings: D's field, densities, the latent grid, arrows, trails. */
export function drawPlane(canvas, arrays, [x0, x1, y0, y1], colors) {
  const { context, width, height } = prepare(canvas);
  const place = (x, y) => [((x - x0) / (x1 - x0)) * width, ((y1 - y) / (y1 - y0)) * height];
  const ends = ["field-fake", "field-middle", "field-real"].map((n) => hexToRgb(colors[n]));
  const { field, real, fake, arrows, warp } = arrays;
  if (field) drawLattice(context, field, toRgba(field, (v) => fieldColor(v, ...ends)), width, height);
  for (const [name, color] of [["real_density", colors.real], ["fake_density", colors.fake]])
    if (arrays[name]) drawLattice(context, arrays[name], veil(arrays[name], hexToRgb(color)), width, height);
  context.globalAlpha = 0.7;
  if (warp) drawGrid(context, warp, place, colors.g);
  if (real) drawDots(context, real, place, colors.real, 2);
  if (arrays.other_fake) drawCrosses(context, arrays.other_fake, place, colors.other);
  if (arrays.fake_before) drawTrails(context, arrays.fake_before, fake, place, colors.mark);
  if (fake) drawDots(context, fake, place, colors.fake, arrays.fake_before ? 3 : 2);
  context.globalAlpha = 1;
  if (arrows) drawArrows(context, arrays.arrows_at, arrows, place, colors.mark);
  const [x, y] = place(...arrays.picture.data);
  context.strokeStyle = colors.mark;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 7, 0, 7);
  context.stroke();
}

/** Shares of real (up) and of fake samples (down) in equal steps of D's verdict, from 0 to 1. */
export function drawHistograms(canvas, real, fake, colors) {
  const { context, width, height } = prepare(canvas);
  const [left, bottom, right] = [38, 16, 8];
  const [room, middle] = [width - left - right, (height - bottom) / 2];
  const most = Math.max(...real.data, ...fake.data, 1e-9);
  const bin = room / real.data.length;
  for (const [shares, color, up] of [[real.data, colors.real, 1], [fake.data, colors.fake, -1]]) {
    context.fillStyle = color;
    shares.forEach((share, i) => {
      const bar = (share / most) * (middle - 2);
      context.fillRect(left + i * bin + 0.5, up > 0 ? middle - bar : middle, bin - 1, bar);
    });
  }
  context.strokeStyle = colors.text;
  context.lineWidth = 1;
  line(context, [left, width - right], [middle, middle]);
  context.setLineDash([3, 3]);
  line(context, [left + room / 2, left + room / 2], [0, height - bottom]);
  context.setLineDash([]);
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  context.fillStyle = colors.text;
  context.textBaseline = "bottom";
  [["0", 0, "left"], ["½", 0.5, "center"], ["1", 1, "right"]].forEach(([text, t, align]) => {
    context.textAlign = align;
    context.fillText(text, left + t * room, height);
  });
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.fillText("real", left - 4, middle / 2);
  context.fillText("fake", left - 4, middle * 1.5);
}

const ENOUGH = 0.01 - 1e-6; // of the samples, for a mode that counts: 1 %, which float32 puts a little lower

/** Each mode's share of the samples as a bar, under it its name if it has one; the line is where all bars would end if all modes had as many. */
export function drawModes(canvas, { data: shares }, colors, names = []) {
  const { context, width, height } = prepare(canvas);
  const [bottom, top] = [16, 4];
  const even = 1 / shares.length;
  const up = (share) => height - bottom - (share / Math.max(2 * even, ...shares)) * (height - bottom - top);
  const bar = width / shares.length;
  shares.forEach((share, i) => {
    context.fillStyle = share >= ENOUGH ? colors.fake : colors.danger;
    context.fillRect(i * bar + 1, up(share), Math.max(bar - 2, 1), height - bottom - up(share));
    if (share < ENOUGH) context.fillRect(i * bar + 1, height - bottom - 2, Math.max(bar - 2, 1), 2); // a mode that is missing
  });
  Object.assign(context, { strokeStyle: colors.text, lineWidth: 1 });
  context.setLineDash([3, 3]);
  line(context, [0, width], [up(even), up(even)]);
  context.setLineDash([]);
  Object.assign(context, { fillStyle: colors.text, textAlign: "center", textBaseline: "bottom" });
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  if (!names.length) context.fillText(`dashed: 1/${shares.length} each`, width / 2, height);
  names.forEach((name, i) => context.fillText(name.split(/[ /]/)[0], (i + 0.5) * bar, height, bar - 3));
}
