// The hand at a drawing area: what pointers and keys do becomes strokes.
import { EDGE, apart, rounded, thin } from "./strokes.mjs";

const [NUDGE, JUMP] = [0.05, 0.25]; // of an arrow key, and with Shift
const STILL = 0.003; // a hand that moved less than this has not moved

/** The [x, y] of a place on the pad, from fractions of its width and height; beyond the edge counts as on it. */
export const toPlane = (across, down) => [rounded((2 * across - 1) * EDGE), rounded((1 - 2 * down) * EDGE)];

/** Where a key moves the crosshair from [x, y]; undefined for other keys. */
export function crossMove(key, shift, [x, y]) {
  const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
  const step = shift ? JUMP : NUDGE;
  return by && [rounded(x + step * by[0]), rounded(y + step * by[1])];
}

/** The drawing as a hand changes it; calls `changed` when there is something new to see. */
export class Hand {
  past = []; // what "Undo" goes back to
  current = null; // the stroke that is being drawn
  cross = [0, 0]; // where the keys are
  keys = false; // whether they are in use

  constructor(model, changed) {
    Object.assign(this, { model, changed });
  }

  get strokes() {
    return this.model.get("strokes");
  }

  /** All strokes, with the one that is being drawn. */
  get shown() {
    return this.current ? [...this.strokes, this.current] : this.strokes;
  }

  #store(strokes) {
    this.storing = true;
    this.model.set("strokes", strokes);
    this.storing = false;
    this.model.save_changes();
    this.changed();
  }

  /** The model's strokes changed: if somebody else did that, there is no way back. */
  heard() {
    if (!this.storing) this.past = [];
    this.changed();
  }

  put(strokes) {
    this.past.push(this.strokes);
    this.#store(strokes);
  }

  begin(place) {
    this.finish();
    this.current = [place];
    this.changed();
  }

  go(place) {
    if (!this.current || apart(this.current.at(-1), place) < STILL) return;
    this.current.push(place);
    this.changed();
  }

  finish() {
    if (!this.current) return;
    const stroke = thin(this.current);
    this.current = null;
    this.put([...this.strokes, stroke]);
  }

  /** Take back the stroke that is being drawn, or the last change. */
  undo() {
    if (this.current) this.current = null;
    else if (this.past.length || this.strokes.length) this.#store(this.past.pop() ?? this.strokes.slice(0, -1));
    this.changed();
  }

  useKeys(keys) {
    this.keys = keys;
    this.changed();
  }

  walk(place) {
    this.cross = place;
    this.go(place);
    this.changed();
  }

  turnPen() {
    if (this.current) this.finish();
    else this.begin(this.cross);
  }

  dot() {
    if (!this.current) this.begin(this.cross);
    this.finish();
  }
}

/** What a pointer does becomes a stroke. */
export function listenPointer(canvas, hand) {
  const place = (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return toPlane((event.clientX - left) / width, (event.clientY - top) / height);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    canvas.setPointerCapture(event.pointerId);
    hand.useKeys(false);
    hand.begin(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const between = event.getCoalescedEvents(); // those since the last move, so that a quick hand draws smoothly
    for (const each of between.length ? between : [event]) hand.go(place(each));
  });
  canvas.addEventListener("lostpointercapture", () => hand.finish());
}

/** What keys do becomes a crosshair, dots and strokes. */
export function listenKeys(canvas, hand) {
  canvas.addEventListener("keydown", (event) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const to = crossMove(key, shiftKey, hand.cross);
    const act = { " ": "dot", Enter: "dot", p: "turnPen", P: "turnPen", Backspace: "undo" }[key];
    if (ctrlKey || metaKey || altKey || !(to || act)) return;
    event.preventDefault();
    hand.useKeys(true);
    if (to) hand.walk(to);
    else if (!event.repeat) hand[act]();
  });
  canvas.addEventListener("focus", () => hand.useKeys(canvas.matches(":focus-visible")));
  canvas.addEventListener("blur", () => {
    hand.finish();
    hand.useKeys(false);
  });
}
