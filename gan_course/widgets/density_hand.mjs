// The hand in a density lab: what pointers and keys do becomes densities, which the kernel is told of.
import { NAMES, handleAt, handlesOf } from "./density_drawing.mjs";
import { HIGH, LOW, evaluate, peakOf } from "./density_maths.mjs";
import { addBump, asBump, asDrawn, bumpOf, changeBump, isDrawn, raise, removeBump, sweep } from "./density_shapes.mjs";

const PAUSE_MS = 100; // between two messages while a hand holds something: JupyterLab redraws its own parts for each
const STEPS = { mean: [0.1, 0.5], std: [0.05, 0.2], weight: [0.02, 0.1] }; // of a key, and with Shift
const PEN_STEPS = [0.1, 0.5];
const RAISES = [0.02, 0.08]; // times the height of the picture

/** What a key does to the chosen bump: [what of it, how much]; undefined for other keys. */
export function bumpKey(key, shift) {
  const far = (name, sign) => [name, sign * STEPS[name][+shift]];
  const does = {
    ArrowLeft: ["mean", -1], ArrowRight: ["mean", 1], ArrowDown: ["weight", -1], ArrowUp: ["weight", 1],
    "-": ["std", -1], _: ["std", -1], "+": ["std", 1], "=": ["std", 1],
  }[key];
  return does && far(...does);
}

/** What a key does with the pen: [how far sideways, how much it raises in heights of the picture]. */
export function penKey(key, shift) {
  const [go, lift] = [PEN_STEPS[+shift], RAISES[+shift]];
  return { ArrowLeft: [-go, 0], ArrowRight: [go, 0], ArrowDown: [0, -lift], ArrowUp: [0, lift] }[key];
}

/** The two densities as a hand changes them; calls `changed` when there is something new to see. */
export class DensityHand {
  view = { name: "p_g", bump: 0, pen: 0, keys: false }; // what is chosen, where the keys' pen is, whether it is used
  line = undefined; // the hand's own line while it is drawn
  #held = undefined; // what a pointer holds
  #ahead = {}; // what the kernel has not been told yet
  #toldAt = -Infinity;
  #later = 0;

  constructor(model, changed) {
    Object.assign(this, { model, changed });
  }

  get now() {
    return { p_data: this.model.get("p_data"), p_g: this.model.get("p_g"), ...this.#ahead };
  }

  get density() {
    return this.now[this.view.name];
  }

  /** The number of the chosen bump; Python may have taken some away. */
  get bump() {
    return isDrawn(this.density) ? 0 : Math.min(this.view.bump, this.density.means.length - 1);
  }

  get holds() {
    return this.#held !== undefined;
  }

  /** Show these densities, and tell the kernel: now, or soon while a pointer holds something. */
  put(densities) {
    Object.assign(this.#ahead, densities);
    this.#tell();
    this.changed();
  }

  #putOne(density) {
    if (density) this.put({ [this.view.name]: density });
    else this.changed();
  }

  #tell() {
    clearTimeout(this.#later);
    const rest = this.holds ? PAUSE_MS - (performance.now() - this.#toldAt) : 0;
    if (rest > 0) return void (this.#later = setTimeout(() => this.#tell(), rest));
    this.#toldAt = performance.now();
    const told = this.#ahead;
    this.#ahead = {};
    this.model.set(told);
    this.model.save_changes();
  }

  close() {
    clearTimeout(this.#later);
  }

  choose(view) {
    Object.assign(this.view, view);
    this.changed();
  }

  // ---- bumps --------------------------------------------------------------------------------------------------------

  set(name, value) {
    this.#putOne(changeBump(this.density, this.bump, name, value));
  }

  add() {
    const more = addBump(this.density);
    this.view.bump = more.means.length - 1;
    this.#putOne(more);
  }

  remove() {
    const fewer = removeBump(this.density, this.bump);
    this.view.bump = Math.max(0, this.bump - 1);
    this.#putOne(fewer);
  }

  /** On to the next bump, of either density. */
  next() {
    const more = !isDrawn(this.density) && this.bump + 1 < this.density.means.length;
    const other = NAMES.find((name) => name !== this.view.name);
    this.choose(more ? { bump: this.bump + 1 } : { name: other, bump: 0 });
  }

  // ---- drawn by hand ------------------------------------------------------------------------------------------------

  /** Turn bumps into a line to draw on, or a line into one bump. */
  turn(drawn) {
    if (drawn === isDrawn(this.density)) return;
    this.#putOne(drawn ? asDrawn(evaluate(this.density).values) : asBump(this.density));
  }

  walk(by) {
    this.choose({ pen: Math.min(Math.max(Math.round((this.view.pen + by) * 100) / 100, LOW), HIGH), keys: true });
  }

  lift(by) {
    this.view.keys = true;
    this.#putOne(asDrawn(raise(evaluate(this.density).values, this.view.pen, by)));
  }

  // ---- a pointer ----------------------------------------------------------------------------------------------------

  /** The handles in `plane`, the chosen density's first. */
  handles(plane) {
    const order = [...NAMES].sort((name) => (name === this.view.name ? -1 : 1));
    return order.flatMap((name) => handlesOf(name, this.now[name], evaluate(this.now[name]).scale, plane));
  }

  /** What a pointer would take hold of at [x, y]: a handle, or "pen". */
  under(plane, place) {
    return isDrawn(this.density) ? "pen" : handleAt(this.handles(plane), place);
  }

  /** Take hold; the plane as it is now holds until the hand lets go. Whether there was something to hold. */
  take(plane, [x, y]) {
    const found = this.under(plane, [x, y]);
    if (!found) return false;
    this.view.keys = false;
    if (found === "pen") {
      this.#held = { plane, pen: [plane.fromX(x), plane.fromY(y)] };
      this.line = evaluate(this.density).values;
      this.drag([x, y]);
      return true;
    }
    const { name, bump, kind, at } = found;
    this.#held = { plane, kind, off: [at[0] - x, at[1] - y], scale: evaluate(this.now[name]).scale };
    this.choose({ name, bump });
    return true;
  }

  drag([x, y]) {
    const { plane, kind, off, scale, pen } = this.#held;
    if (pen) {
      const to = [plane.fromX(x), plane.fromY(y)];
      this.line = sweep(this.line, pen, to);
      this.#held.pen = to;
      return this.#putOne(asDrawn(this.line));
    }
    if (isDrawn(this.density)) return; // Python has turned it into another one
    const [toX, toY] = [plane.fromX(x + off[0]), plane.fromY(y + off[1])];
    const { mean, std } = bumpOf(this.density, this.bump);
    if (kind === "side") return this.set("std", Math.abs(toX - mean));
    const moved = changeBump(this.density, this.bump, "mean", toX);
    this.#putOne(changeBump(moved, this.bump, "weight", toY / (peakOf(std) * scale)));
  }

  release() {
    [this.#held, this.line] = [undefined, undefined];
    this.#tell();
    this.changed();
  }
}

/** What a pointer does on the picture. `plane` gives the newest plane. */
export function listenToPointer(canvas, hand, plane) {
  const place = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary || !plane()) return;
    if (hand.take(plane(), place(event))) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (hand.holds && canvas.hasPointerCapture(event.pointerId)) {
      const between = event.getCoalescedEvents(); // those since the last move, so that a quick hand draws smoothly
      for (const each of between.length && hand.line ? between : [event]) hand.drag(place(each));
    } else if (plane()) {
      const under = hand.under(plane(), place(event));
      canvas.style.cursor = under === "pen" ? "crosshair" : under ? "grab" : "default";
    }
  });
  canvas.addEventListener("lostpointercapture", () => hand.holds && hand.release());
}

/** What keys do on the picture. `high` gives its height. */
export function listenToKeys(canvas, hand, high) {
  canvas.addEventListener("keydown", (event) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const drawn = isDrawn(hand.density);
    const does = drawn ? penKey(key, shiftKey) : bumpKey(key, shiftKey);
    if (ctrlKey || metaKey || altKey || !(does || key === " ")) return;
    event.preventDefault();
    if (key === " ") hand.next();
    else if (!drawn) hand.set(does[0], bumpOf(hand.density, hand.bump)[does[0]] + does[1]);
    else if (does[0]) hand.walk(does[0]);
    else hand.lift(does[1] * high());
  });
  canvas.addEventListener("focus", () => hand.choose({ keys: canvas.matches(":focus-visible") }));
  canvas.addEventListener("blur", () => hand.choose({ keys: false }));
}
