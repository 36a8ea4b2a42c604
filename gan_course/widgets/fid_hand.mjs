// What a pointer, a wheel and keys do to two Gaussians.
import { GAUSSIANS, dragged, handleAt, handlesOf, keyed, widened } from "./fid_gaussians.mjs";

/** `hand` has facts(), set(changes), plane(), bounds, chosen() and choose(name). */
export function listenToGaussians(canvas, hand) {
  let held; // the handle, and how far from its middle it was taken
  const place = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const under = (event) => hand.plane() && handleAt(GAUSSIANS.flatMap((name) => handlesOf(name, hand.facts()[name], hand.plane())), place(event));
  canvas.addEventListener("pointerdown", (event) => {
    const found = event.button === 0 && event.isPrimary && under(event);
    if (!found) return;
    const [x, y] = place(event);
    held = { ...found, off: [found.at[0] - x, found.at[1] - y] };
    canvas.setPointerCapture(event.pointerId);
    hand.choose(found.name);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return void (canvas.style.cursor = under(event) ? "grab" : "default");
    const [[x, y], { name, off }] = [place(event), held];
    const [plane, now] = [hand.plane(), hand.facts()];
    const to = [plane.fromX(x + off[0]), plane.fromY(y + off[1])];
    hand.set({ [name]: dragged(now[name], held, to, now.dimension, hand.bounds) });
  });
  canvas.addEventListener("lostpointercapture", () => (held = undefined));
  canvas.addEventListener("wheel", (event) => {
    const name = under(event)?.name;
    if (!name) return; // the page scrolls
    event.preventDefault();
    hand.choose(name);
    hand.set({ [name]: widened(hand.facts()[name], event.deltaY < 0 ? 1.05 : 1 / 1.05, hand.bounds) });
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [name, now] = [hand.chosen(), hand.facts()];
    const state = keyed(event.key, event.shiftKey, now[name], now.dimension, hand.bounds);
    if (!state && event.key !== " ") return;
    event.preventDefault();
    if (state) hand.set({ [name]: state });
    else hand.choose(GAUSSIANS.find((other) => other !== name));
  });
}
