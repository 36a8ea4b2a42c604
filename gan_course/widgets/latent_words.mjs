// How coordinates of z and the axes they belong to are written.

/** 0.5 as "+0.50", with a true minus sign. */
export const signed = (v) => (v < 0 ? "−" : "+") + Math.abs(v).toFixed(2);

export const axisName = (basis, i) => (basis === "raw" ? `z[${i}]` : `direction ${i + 1}`);
