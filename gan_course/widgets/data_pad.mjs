// A square to draw data in. What is learned from the drawing is drawn in Python; the dots here are a preview.
import { colorsOf, keepKeys, onNewLooks, setText } from "./dom.mjs";
import { line, niceTicks, prepare } from "./drawing.mjs";
import { Hand, listenKeys, listenPointer } from "./data_pad_hand.mjs";
import { EDGE, SHAPES, preview, strokeLength } from "./strokes.mjs";

const ROOM_MS = 250; // look again for room to draw in, while there is none

/** 0.5 as "0.50", with a true minus sign. */
const coordinate = (v, digits = 2) => (v < 0 ? "−" : "") + Math.abs(v).toFixed(digits);

const counted = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

/** What the status line says; `cross` is where the keys are, undefined while they are not in use. */
export function padStatus(strokes, cross, penDown) {
  const lines = strokes.filter((stroke) => stroke.length > 1);
  const dots = strokes.length - lines.length;
  const length = lines.reduce((sum, stroke) => sum + strokeLength(stroke), 0).toFixed(1);
  const parts = [lines.length && `${counted(lines.length, "line")} (${length} units)`, dots && counted(dots, "dot")];
  const drawn = parts.filter(Boolean).join(" and ") || "Nothing drawn yet";
  if (!cross) return drawn;
  return `${drawn} · pen ${penDown ? "down" : "up"} at (${cross.map((v) => coordinate(v)).join(", ")})`;
}

// ---- drawing ------------------------------------------------------------------------------------------------------

function drawAxes(context, side, place, colors) {
  Object.assign(context, { strokeStyle: colors.grid, fillStyle: colors.text, lineWidth: 1 });
  for (const tick of niceTicks(-EDGE, EDGE, 3)) {
    const [x, y] = place([tick, tick]).map((v) => Math.round(v) + 0.5);
    line(context, [x, x], [0, side]);
    line(context, [0, side], [y, y]);
    context.fillText(coordinate(tick, 0), x + 4, side - 5);
    context.fillText(coordinate(tick, 0), 4, y - 4);
  }
}

function drawHand(context, strokes, place, colors) {
  Object.assign(context, { strokeStyle: colors.mark, lineWidth: 1.5, lineJoin: "round", lineCap: "round" });
  for (const stroke of strokes) {
    const places = [...stroke, stroke.at(-1)].map(place); // the last one twice: a dot is a line too
    line(context, places.map((p) => p[0]), places.map((p) => p[1]));
  }
}

function drawCross(context, [x, y], penDown, colors) {
  Object.assign(context, { strokeStyle: colors.mark, fillStyle: colors.mark, lineWidth: 2 });
  line(context, [x - 12, x + 12], [y, y]);
  line(context, [x, x], [y - 12, y + 12]);
  context.beginPath();
  context.arc(x, y, 5, 0, 7);
  if (penDown) context.fill();
  else context.stroke();
}

function drawPad(canvas, strokes, thickness, cross, penDown) {
  const { context, width: side } = prepare(canvas);
  const colors = colorsOf(canvas, "gan", ["real", "text", "grid", "mark"]);
  const place = ([x, y]) => [((x / EDGE + 1) / 2) * side, ((1 - y / EDGE) / 2) * side];
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  drawAxes(context, side, place, colors);
  context.globalAlpha = 0.6;
  drawHand(context, strokes, place, colors);
  context.fillStyle = colors.real;
  for (const [x, y] of preview(strokes, thickness).map(place)) context.fillRect(x - 1, y - 1, 2, 2);
  context.globalAlpha = 1;
  if (cross) drawCross(context, place(cross), penDown, colors);
}

// ---- the page -----------------------------------------------------------------------------------------------------

const PAD_MARKUP = `
  <div class="dp-body"><div class="dp-plane">
    <canvas tabindex="0" role="application" aria-roledescription="drawing area"></canvas>
    <span class="dp-invitation" aria-hidden="true">Draw here with mouse, finger or pen</span>
    <div class="dp-status" role="status"></div>
  </div>
  <div class="dp-side">
    <div class="dp-row dp-shapes" role="group" aria-label="Start from a shape"><span>Start from</span></div>
    <label class="dp-row">Thickness
      <input type="range" min="0.01" max="0.2" step="0.01" aria-label="Thickness"><span class="dp-value"></span></label>
    <div class="dp-row"><button type="button" class="dp-learn">Learn this</button>
      <button type="button" class="dp-undo">Undo</button><button type="button" class="dp-clear">Clear</button></div>
    <p class="dp-why">There is nothing to learn from yet: draw a line or a dot first.</p>
    <p><b>Blue dots</b> show about where the data will lie.</p>
    <p>Keys: arrows move a crosshair (<kbd>Shift</kbd>: further), <kbd>Space</kbd> sets a dot, <kbd>P</kbd> lowers the
      pen and lifts it, <kbd>Backspace</kbd> takes back.</p>
  </div></div>`;

const CANVAS_LABEL =
  "Drawing area, x and y from −1.5 to 1.5. Arrow keys move a crosshair, with Shift further. Space sets a dot. " +
  "P lowers the pen, so that the arrows draw, and lifts it. Backspace takes back.";

function makePad() {
  const root = document.createElement("div");
  root.className = "data-pad gan-palette";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Draw your own data");
  root.innerHTML = PAD_MARKUP;
  root.querySelector("canvas").ariaLabel = CANVAS_LABEL;
  const shapes = root.querySelector(".dp-shapes");
  for (const name of Object.keys(SHAPES))
    shapes.append(Object.assign(document.createElement("button"), { type: "button", textContent: name }));
  keepKeys(root);
  return root;
}

function listenButtons(root, model, hand) {
  const onClick = (name, act) => root.querySelector(`.dp-${name}`).addEventListener("click", act);
  onClick("undo", () => hand.undo());
  onClick("clear", () => hand.strokes.length && hand.put([]));
  onClick("learn", () => model.send({ do: "learn", strokes: hand.strokes, thickness: model.get("thickness") }));
  onClick("shapes", ({ target }) => SHAPES[target.textContent] && hand.put(SHAPES[target.textContent]));
  root.querySelector("input").addEventListener("input", ({ target }) => {
    model.set("thickness", target.valueAsNumber);
    model.save_changes();
  });
}

function showPad(root, hand, thickness) {
  const find = (name) => root.querySelector(`.dp-${name}`);
  const { shown, strokes, keys, cross, current } = hand;
  setText(find("status"), padStatus(strokes, keys ? cross : undefined, current));
  find("learn").disabled = !strokes.length;
  find("why").hidden = strokes.length > 0;
  find("invitation").hidden = keys || shown.length > 0;
  // Not really disabled, which would throw the focus off a button that was just used.
  find("undo").ariaDisabled = !(shown.length || hand.past.length);
  find("clear").ariaDisabled = !strokes.length;
  root.querySelector("input").value = thickness;
  find("value").textContent = thickness.toFixed(2);
  drawPad(root.querySelector("canvas"), shown, thickness, keys ? cross : undefined, current);
}

function render({ model, el }) {
  const root = makePad();
  el.append(root);
  let [waiting, retry] = [0, 0];
  const draw = () => {
    waiting = 0;
    if (!root.isConnected) return;
    if (!root.clientWidth) return void (retry = setTimeout(redraw, ROOM_MS)); // hidden, as while a theme is changed
    showPad(root, hand, model.get("thickness"));
  };
  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const hand = new Hand(model, redraw);
  const onStrokes = () => hand.heard();
  const canvas = root.querySelector("canvas");
  listenPointer(canvas, hand);
  listenKeys(canvas, hand);
  listenButtons(root, model, hand);
  const stopWatching = onNewLooks(root, redraw);
  model.on("change:strokes", onStrokes);
  model.on("change:thickness", redraw);
  redraw();

  return () => {
    clearTimeout(retry);
    cancelAnimationFrame(waiting);
    stopWatching();
    model.off("change:strokes", onStrokes);
    model.off("change:thickness", redraw);
    root.remove();
  };
}

export default { render };
