import assert from "node:assert/strict";
import { test } from "node:test";

import { Ahead } from "../../gan_course/widgets/ahead.mjs";

test("the newest wish is sent, and shown until it is heard", async () => {
  const sent = [];
  let time = 1000;
  const ahead = new Ahead((message) => sent.push(message), () => time);
  ahead.push({ a: 1 });
  ahead.push({ b: 2 });
  ahead.push({ b: 3 });
  assert.deepEqual([sent.length, ahead.set], [1, { a: 1, b: 3 }]);
  time += 40;
  ahead.heard(sent[0].number);
  assert.deepEqual(sent[1].set, { b: 3 });
  ahead.heard(sent[0].number);
  assert.deepEqual(ahead.set, { b: 3 }, "an older answer changes nothing");
  ahead.heard(sent[1].number);
  assert.deepEqual(ahead.set, {});
  ahead.close();
});

test("what is not heard is said again, a few times, with all that is unanswered", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  let time = 1000;
  const wait = (milliseconds) => ((time += milliseconds), context.mock.timers.tick(milliseconds));
  const ahead = new Ahead((message) => sent.push(message), () => time);
  ahead.push({ a: 1 }); // lost
  wait(200);
  ahead.push({ b: 2 });
  assert.deepEqual(sent, [{ set: { a: 1 }, number: 1000 }, { set: { a: 1, b: 2 }, number: 1200 }]);
  wait(999);
  assert.equal(sent.length, 2);
  wait(1);
  assert.deepEqual(sent[2], sent[1]);
  for (let i = 0; i < 9; i++) wait(1000);
  assert.equal(sent.length, 5, "then it is given up");
  ahead.push({ c: 3 });
  ahead.heard(sent.at(-1).number);
  wait(5000);
  assert.equal(sent.length, 6, "what was heard is not said again");
  ahead.close();
});
