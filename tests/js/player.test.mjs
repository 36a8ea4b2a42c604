import assert from "node:assert/strict";
import { test } from "node:test";
import * as player from "../../gan_course/widgets/player.mjs";

const { advance, changeText, changesIn, clockText, controlsOf, indexAt, readEntries, readout, RecordedModel } = player;
const FACTS = {
  step: 7, d_steps: 1, g_steps: 1, lr_d: 0.001, lr_g: 0.00025, loss: "non-saturating", label_smoothing: 0,
  instance_noise: 0.1, gp_weight: 0,
};

/** The unpacked bytes of a recording, as gan_course/recording.py describes them. */
function recording(frames) {
  const parts = [Buffer.from("GANREC1\n")];
  for (const [at, content] of frames) {
    const head = Buffer.alloc(12);
    head.writeDoubleLE(at, 0);
    head.writeUInt32LE(content.length, 8);
    parts.push(head, Buffer.from(content));
  }
  return new Uint8Array(Buffer.concat(parts)).buffer;
}

test("entries are read with their times, wherever they begin", () => {
  const entries = readEntries(recording([[0, "GANF1"], [0.125, ""], [2.5, "GANF345"]]));
  assert.deepEqual(entries.map(({ at }) => at), [0, 0.125, 2.5]);
  const text = ({ frame }) => new TextDecoder().decode(frame);
  assert.deepEqual(entries.map(text), ["GANF1", "", "GANF345"]);
});

test("foreign bytes are refused", () => {
  assert.throws(() => readEntries(new Uint8Array(40).buffer), /no recording/);
  assert.throws(() => readEntries(new Uint8Array(3).buffer), /no recording/);
});

test("the frame on show is the last that had come", () => {
  const times = [0, 0.1, 0.1, 0.5, 2];
  const asked = [-1, 0, 0.05, 0.1, 0.49, 0.5, 1.99, 2, 99];
  assert.deepEqual(asked.map((t) => indexAt(times, t)), [0, 0, 0, 2, 2, 3, 3, 4, 4]);
  assert.equal(indexAt([5], 0), 0);
  const many = Array.from({ length: 1000 }, (_, i) => i / 10);
  for (let i = 0; i < 1000; i += 37) assert.equal(indexAt(many, i / 10 + 0.03), i);
});

test("time passes at the chosen speed, and stops at the end", () => {
  const state = { time: 1, speed: 2, loop: false };
  assert.deepEqual(advance(state, 0.5, 10), { time: 2, playing: true });
  assert.deepEqual(advance({ ...state, speed: 0.5 }, 0.5, 10), { time: 1.25, playing: true });
  assert.deepEqual(advance(state, 4.5, 10), { time: 10, playing: false });
  assert.deepEqual(advance(state, 99, 10), { time: 10, playing: false });
});

test("a loop rests for a second on the last picture, whatever the speed, and begins again", () => {
  for (const speed of [0.5, 1, 4]) {
    let [state, seconds] = [{ time: 10, speed, loop: true }, 0];
    for (; state.time >= 10 && seconds < 5; seconds += 0.01) state = { ...state, ...advance(state, 0.01, 10) };
    assert.ok(Math.abs(seconds - 1) < 0.02, `${seconds} s at speed ${speed}`);
    assert.deepEqual([state.time, state.playing], [0, true]);
  }
});

test("time in minutes, seconds and tenths", () => {
  const texts = ["0:00.0", "0:00.3", "0:09.9", "0:59.9", "1:15.2", "60:00.0"];
  assert.deepEqual([0, 0.3, 9.96, 59.99, 75.25, 3600].map(clockText), texts);
});

test("the controls in force, without those that are 0", () => {
  const all = "D:G 1:1 · lr_d 1e-3 · lr_g 2.5e-4 · loss non-saturating · instance_noise 0.1";
  assert.equal(readout(controlsOf(FACTS)), all);
  const others = { ...FACTS, d_steps: 0, g_steps: 5, lr_d: 0, lr_g: 2, instance_noise: 0, r1_gamma: 12.5 };
  assert.equal(readout(controlsOf(others)), "D:G 0:5 · lr_g 2e0 · loss non-saturating · r1_gamma 12.5");
});

test("facts that a frame doesn't have are not shown", () => {
  assert.equal(readout(controlsOf({ d_steps: 2, g_steps: 1, loss: "hinge" })), "D:G 2:1 · loss hinge");
});

test("changes are found where they are first seen, from 0 and to 0 too, and nothing else is one", () => {
  const smoothed = { d_steps: 5, label_smoothing: 0.1, lr_g: 0.01 };
  const frames = [{}, { step: 8, rate: 5 }, { d_steps: 5 }, smoothed, { ...smoothed, label_smoothing: 0 }];
  const changes = changesIn(frames.map((change) => controlsOf({ ...FACTS, ...change })));
  assert.deepEqual(changes, [
    { index: 2, text: "D:G 1:1 → 5:1" },
    { index: 3, text: "lr_g 2.5e-4 → 1e-2, label_smoothing 0 → 0.1" },
    { index: 4, text: "label_smoothing 0.1 → 0" },
  ]);
  const steps = [0, 10, 20, 3000, 40];
  assert.equal(changeText(changes, 1, steps), "");
  assert.equal(changeText(changes, 2, steps), "Last change, by step 20: D:G 1:1 → 5:1");
  assert.equal(changeText(changes, 3, steps), `Last change, by step 3,000: ${changes[1].text}`);
});

test("the model hands on what it is given, and only to who listens", () => {
  const [model, heard] = [new RecordedModel(), []];
  const listener = () => heard.push(model.get("frame"));
  model.set("frame", 1);
  model.on("change:frame", listener);
  model.set("frame", 2);
  model.set("beat", 3);
  model.off("change:frame", listener);
  model.set("frame", 4);
  model.off("change:other", listener);
  assert.deepEqual(heard, [2]);
  assert.equal(model.get("frame"), 4);
  assert.equal(model.get("nothing"), undefined);
});
