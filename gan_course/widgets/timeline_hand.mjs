// The hand on the timeline: where it has put the handle, and what it asks for.
import { NOW, answered } from "./timeline_geometry.mjs";

const GAP_MS = 70; // between two looks: at most 15 a second
const PATIENCE_MS = 1500; // a hand's place is shown this long while its answer does not come

/** Hands messages on, the first at once and then one in `gap` milliseconds: of those that wait, the newest. */
export function spaced(send, gap = GAP_MS) {
  let [waiting, timer] = [undefined, 0];
  const flush = () => {
    clearTimeout(timer);
    timer = 0;
    if (waiting === undefined) return;
    timer = setTimeout(flush, gap);
    const message = waiting;
    waiting = undefined;
    send(message);
  };
  const post = (message) => {
    waiting = message;
    if (!timer) flush();
  };
  return { post, flush, stop: () => clearTimeout(timer) };
}

/** Where the handle is: where a hand put it, until the state has caught up. `redraw` is called when it moves. */
export function makeHand(model, redraw) {
  let [place, held, patience, asked] = [undefined, false, 0, undefined];
  const looks = spaced((message) => model.send(message));
  const looking = () => model.get("state").looking;
  const at = () => place ?? looking() ?? NOW;
  /** Where a key begins: at the step asked for, if the lab shows the nearest that it kept; keys would stick there. */
  const from = () => place ?? (asked && looking() === asked.shown ? asked.step : at());
  /** Believe the state again, if it has caught up or if that takes too long. */
  const settle = (late) => {
    if (held || place === undefined || !(late || answered(place, model.get("state")))) return;
    asked = looking() === null ? undefined : { step: place, shown: looking() };
    place = undefined;
    redraw();
  };
  const wait = () => {
    clearTimeout(patience);
    patience = setTimeout(settle, PATIENCE_MS, true);
  };
  const move = (to) => {
    if (to === from()) return;
    place = to;
    looks.post(to === NOW ? { do: "now" } : { do: "look", step: to });
    wait();
    redraw();
  };
  const hold = (now) => {
    held = now;
    settle(false);
    wait();
  };
  /** Forget the hand's place: another run trains, or this one goes on from here. */
  const drop = () => {
    [held, place, asked] = [false, undefined, undefined];
    redraw();
  };
  /** Ask for something else than to look; the look that waits goes first. */
  const wish = (message) => {
    looks.flush();
    model.send(message);
  };
  const stop = () => {
    clearTimeout(patience);
    looks.stop();
  };
  return { at, from, move, hold, drop, wish, stop, held: () => held, heard: () => settle(false) };
}
