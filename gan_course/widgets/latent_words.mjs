// What the parts of a latent lab share: how coordinates and axes are written, and how wishes are sent.

/** 0.5 as "+0.50", with a true minus sign. */
export const signed = (v) => (v < 0 ? "−" : "+") + Math.abs(v).toFixed(2);

export const axisName = (basis, i) => (basis === "raw" ? `z[${i}]` : `direction ${i + 1}`);

/** Sends a wish to the kernel with a number that grows from one to the next, and returns that number. */
export const sendWith = (model) => (message) => {
  const number = performance.timeOrigin + performance.now();
  model.send({ ...message, number });
  return number;
};
