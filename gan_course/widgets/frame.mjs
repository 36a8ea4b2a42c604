// Frames: the bytes that Python packs (see gan_course/frames.py).

/** Split a frame (see gan_course/frames.py) into its facts and its arrays. */
export function unpackFrame(view) {
  const bytes = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== "GANF") throw new Error("not a frame");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const arrays = {};
  for (const [name, [type, shape, place]] of Object.entries(header.arrays)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const start = 8 + length + place;
    const part = bytes.slice(start, start + size * (type === "uint8" ? 1 : 4));
    arrays[name] = { shape, data: type === "uint8" ? part : new Float32Array(part.buffer) };
  }
  return { facts: header.facts, arrays };
}
