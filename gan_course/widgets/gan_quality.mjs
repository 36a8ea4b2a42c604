// How good the images of a run are: the classes that they spread over, and the FIDs that were measured.
import { setHtml } from "./dom.mjs";
import { drawChart, grouped } from "./drawing.mjs";
import { drawModes } from "./gan_panels.mjs";

/** The classes in words with marks. */
export const classesText = (facts) =>
  `<b class="gc-covered">Classes covered</b>: ${facts.classes} of ${facts.classes_of} (${facts.classes_1_percent} with at least
  1 %), in ${grouped(facts.classes_seen)} samples at step ${grouped(facts.classes_step)}`;

/** The newest FID in words with marks: its features and both numbers of images belong to it. */
export function fidText(facts) {
  const busy = facts.measuring == null ? "" : ` · measuring: ${Math.round(100 * facts.measuring)} %`;
  if (facts.fid === undefined) return busy ? `<b class="gc-g">FID</b>${busy}` : "";
  const [fakes, reals] = facts.fid_n.map(grouped);
  return `<b class="gc-g">FID ${facts.fid.toFixed(1)}</b> at step ${grouped(facts.fid_step)}: ${fakes} fakes, ${reals} real images, the
    course’s features${busy}`;
}

/** Show what was measured; hidden for data that the course's network does not know. */
export function showQuality(root, facts, arrays, colors) {
  const [classes, fids] = [root.querySelector(".gc-classes"), root.querySelector(".gc-fids")];
  classes.hidden = facts.classes === undefined;
  root.dataset.fid = facts.fid ?? "";
  if (!classes.hidden) {
    setHtml(classes.querySelector("figcaption"), classesText(facts));
    drawModes(classes.querySelector("canvas"), arrays.class_shares, colors, facts.class_names);
    const shares = Array.from(arrays.class_shares.data, (share, i) => `${facts.class_names[i]} ${Math.round(100 * share)} %`);
    classes.querySelector("canvas").ariaLabel = `Share of the samples in each class: ${shares.join(", ")}`;
  }
  const said = fidText(facts);
  fids.hidden = !said;
  if (fids.hidden) return;
  setHtml(fids.querySelector("figcaption"), said);
  const canvas = fids.querySelector("canvas");
  canvas.hidden = !arrays.fids;
  if (canvas.hidden) return;
  const [steps, values] = [Array.from(arrays.fid_steps.data), Array.from(arrays.fids.data)];
  drawChart(canvas, [0, Math.max(...steps, 1)], [[values, colors.g, [], steps]], [0, Math.max(...values) * 1.05], colors, undefined, true);
  canvas.ariaLabel = `FID over the steps: ${steps.map((step, i) => `${values[i].toFixed(1)} at ${grouped(step)}`).join(", ")}`;
}
