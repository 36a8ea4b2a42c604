import assert from "node:assert/strict";
import { mock, test } from "node:test";
import {
  NOW, answered, ariaText, axisEnd, keyMove, laneText, lastChange, markAt, markText, mergeMarks, onLane,
  placeLabels, readoutText, toStep, toX,
} from "../../gan_course/widgets/timeline_geometry.mjs";
import { makeHand, spaced } from "../../gan_course/widgets/timeline_hand.mjs";
import timeline from "../../gan_course/widgets/timeline.mjs";

const RUN = { name: "ring", parent: null, start: 0, steps: 1200, changes: [[300, "D:G 5:1"], [700, "lr_d 2e-4"]] };
const BRANCH = { name: "twin", parent: 0, start: 500, steps: 900, changes: [[600, "loss hinge"], [600, "lr_g 1e-3"]] };
const STATE = { runs: [RUN, BRANCH], active: 0, compare: null, looking: null, playing: false };
const MARKS = [100, 200, 300].map((step) => ({ x: step, first: step - 5, last: step, changes: [[step, "a change"]] }));

test("the axis ends at a round number, at most a third of the run later", () => {
  const ends = [[0, 100], [1, 100], [100, 100], [101, 120], [1200, 1200], [1201, 1500], [99999, 100000]];
  for (const [longest, end] of ends) assert.equal(axisEnd(longest), end);
  for (let longest = 100; longest < 1e6; longest = Math.ceil(longest * 1.01)) {
    assert.ok(axisEnd(longest) >= longest);
    assert.ok(axisEnd(longest) <= 1.34 * longest, `${longest}: ${axisEnd(longest)}`);
  }
});

test("steps and places, there and back", () => {
  assert.equal(toX(0, 1000, 828), 14);
  assert.equal(toX(1000, 1000, 828), 814);
  assert.equal(toX(250, 1000, 828), 214);
  const run = { start: 0, steps: 1000 };
  for (const step of [0, 1, 499, 990]) assert.equal(toStep(toX(step, 1000, 828), run, 1000, 828), step);
});

test("a hand stays on its lane, and its end is the present", () => {
  const place = (step) => toX(step, 1500, 828);
  assert.equal(toStep(-50, BRANCH, 1500, 828), 500);
  assert.equal(toStep(place(300), BRANCH, 1500, 828), 500);
  assert.equal(toStep(place(1400), BRANCH, 1500, 828), NOW);
  assert.equal(toStep(place(900) - 2, BRANCH, 1500, 828), NOW);
  assert.equal(toStep(place(900) - 8, BRANCH, 1500, 828), 885);
  assert.equal(toStep(400, { start: 0, steps: 0 }, 100, 828), NOW);
});

test("what is shown from before a branch stands at its beginning", () => {
  assert.deepEqual([400, 500, 700, 900, NOW].map((at) => onLane(at, BRANCH)), [500, 500, 700, 900, 900]);
});

test("marks nearer than the gap become one, none is lost, and the rest stay apart", () => {
  const changes = [[10, "a"], [10, "b"], [12, "c"], [14, "d"], [30, "e"]];
  const marks = mergeMarks({ start: 0, changes }, (step) => step, 4);
  assert.deepEqual(marks, [
    { x: 12, first: 10, last: 12, changes: [[10, "a"], [10, "b"], [12, "c"]] },
    { x: 14, first: 14, last: 14, changes: [[14, "d"]] },
    { x: 30, first: 30, last: 30, changes: [[30, "e"]] },
  ]);
  const thousand = Array.from({ length: 1000 }, (_, i) => [12 * i, `change ${i}`]);
  const x = (step) => toX(step, 12000, 600);
  const merged = mergeMarks({ start: 0, changes: thousand }, x);
  assert.ok(merged.length < 600 / 4);
  assert.deepEqual(merged.flatMap((mark) => mark.changes), thousand);
  for (const { first, last } of merged) assert.ok(x(last) - x(first) < 4);
  for (let i = 1; i < merged.length; i++) assert.ok(x(merged[i].first) - x(merged[i - 1].first) >= 4);
});

test("what a branch has from its parent is no mark of its own", () => {
  const changes = [[300, "of the parent"], [500, "at once"], [600, "later"]];
  assert.deepEqual(mergeMarks({ start: 500, changes }, (step) => step).map((mark) => mark.first), [500, 600]);
});

test("the mark under a place is the nearest, the later of two, and none is too far", () => {
  assert.equal(markAt(MARKS, 197).last, 200);
  assert.equal(markAt(MARKS, 150), undefined);
  assert.equal(markAt([], 150), undefined);
  assert.equal(markAt([{ x: 10, last: 1 }, { x: 16, last: 2 }], 13).last, 2);
});

test("labels: the latest first, within the lane, none over another", () => {
  const measure = (text) => 6 * text.length;
  const marks = [20, 100, 200, 330, 340, 395].map((x, i) => ({ x, changes: [[0, "first"], [i, `change ${i}`]] }));
  const placed = (some) => placeLabels(some, measure, 400).map(({ left, text }) => [left, text]);
  assert.deepEqual(placed(marks), [[352, "change 5"], [176, "change 2"]]);
  assert.deepEqual(placed(marks.slice(0, 2)), [[76, "change 1"]]); // no room at the left
  assert.deepEqual(placeLabels([], measure, 400), []);
});

test("arrow keys move by a hundredth of the lane, with Shift by a tenth, by one at least", () => {
  assert.equal(keyMove("ArrowLeft", false, 600, RUN, []), 588);
  assert.equal(keyMove("ArrowUp", true, 600, RUN, []), 720);
  assert.equal(keyMove("ArrowDown", true, 600, BRANCH, []), 560);
  assert.equal(keyMove("ArrowRight", false, 6, { start: 0, steps: 20 }, []), 7);
  assert.equal(keyMove("ArrowLeft", false, 6, { start: 6, steps: 6 }, []), NOW);
  assert.equal(keyMove("ArrowRight", true, 1190, RUN, []), NOW);
  assert.equal(keyMove("ArrowLeft", true, 510, BRANCH, []), 500);
});

test("other keys: the ends of the lane, the marks beside, and nothing for the rest", () => {
  const key = (name, here) => keyMove(name, false, here, RUN, MARKS);
  assert.equal(key("Home", 600), 0);
  assert.equal(keyMove("Home", false, 600, BRANCH, []), 500);
  for (const name of ["End", "Escape"]) assert.equal(key(name, 600), NOW);
  assert.deepEqual([1200, 300, 201, 100].map((here) => key("PageUp", here)), [300, 200, 200, 0]);
  assert.deepEqual([0, 100, 250, 300].map((here) => key("PageDown", here)), [100, 200, 300, NOW]);
  assert.equal(key("Tab", 600), undefined);
});

test("the last change in force, also from before the branch", () => {
  const { runs } = STATE;
  assert.equal(lastChange(runs, 0, 299), undefined);
  assert.deepEqual(lastChange(runs, 0, 300), [300, ["D:G 5:1"]]);
  assert.deepEqual(lastChange(runs, 1, 599), [300, ["D:G 5:1"]]);
  assert.deepEqual(lastChange(runs, 1, 900), [600, ["loss hinge", "lr_g 1e-3"]]);
  const parent = { ...RUN, changes: [[0, "from the start"], [40, "after the branch left"]] };
  const inherited = (start) => lastChange([parent, { ...BRANCH, start, changes: [] }], 1, 100);
  assert.deepEqual(inherited(40), [0, ["from the start"]]);
  assert.equal(inherited(0), undefined);
});

test("the readout and the words of the slider", () => {
  assert.equal(readoutText(STATE, 400), "Step 400 of 1,200 · the past · since step 300: D:G 5:1");
  assert.equal(readoutText(STATE, 100), "Step 100 of 1,200 · the past");
  assert.equal(readoutText(STATE, NOW), "Step 1,200 · the present, paused · since step 700: lr_d 2e-4");
  assert.match(readoutText({ ...STATE, playing: true }, 1200), /^Step 1,200 · the present, training/);
  assert.equal(ariaText(STATE, 400), "step 400 of 1,200, D:G 5:1 since step 300");
  assert.equal(ariaText({ ...STATE, active: 1 }, NOW), "step 900 of 900, loss hinge, lr_g 1e-3 since step 600");
  assert.equal(ariaText(STATE, 0), "step 0 of 1,200");
});

test("a mark and a lane in words", () => {
  assert.equal(markText({ changes: [[1300, "D:G 5:1"]] }), "step 1,300: D:G 5:1");
  const changes = Array.from({ length: 1200 }, (_, i) => [i, `c${i}`]);
  assert.equal(
    markText({ changes }),
    "1,200 changes, the last of them:\nstep 1,196: c1196\nstep 1,197: c1197\nstep 1,198: c1198\nstep 1,199: c1199",
  );
  assert.equal(laneText(STATE.runs, 0), "ring: steps 0 to 1,200, 2 changes");
  const runs = [RUN, { ...BRANCH, changes: [[300, "of the parent"], [600, "own"]] }];
  assert.equal(laneText(runs, 1), "twin, branched from ring: steps 500 to 900, 1 change");
});

test("a state answers a hand when it looks at the same step", () => {
  assert.ok(answered(400, { ...STATE, looking: 400 }));
  assert.ok(!answered(400, { ...STATE, looking: 390 }));
  assert.ok(!answered(400, STATE));
  assert.ok(answered(NOW, STATE));
  assert.ok(!answered(NOW, { ...STATE, looking: 400 }));
});

test("looks are spaced: the first at once, the newest of the rest, the last always", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const looks = spaced((message) => sent.push(message), 70);
  for (let i = 0; i < 100; i++) {
    looks.post(i);
    mock.timers.tick(10);
  }
  for (let i = 0; i < 20; i++) mock.timers.tick(10);
  assert.equal(sent[0], 0);
  assert.equal(sent.at(-1), 99);
  assert.ok(sent.length >= 13 && sent.length <= 16, `${sent.length} in a second`);
  assert.deepEqual(sent, sent.toSorted((a, b) => a - b));
  looks.post("a");
  looks.post("b");
  looks.flush();
  assert.deepEqual(sent.slice(-2), ["a", "b"]);
  looks.post("never");
  looks.stop();
  mock.timers.tick(1000);
  assert.equal(sent.at(-1), "b");
  mock.timers.reset();
});

/** A hand on a model that answers when told to. */
function handled(state) {
  const sent = [];
  const model = { state, get: () => model.state, send: (message) => sent.push(message) };
  const hand = makeHand(model, () => {});
  const hear = (changes) => {
    model.state = { ...model.state, ...changes };
    hand.heard();
  };
  return { hand, sent, hear };
}

test("the handle stays under the hand until the state has caught up", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { hand, sent, hear } = handled(STATE);
  hand.hold(true);
  hand.move(400);
  hear({ looking: null });
  assert.equal(hand.at(), 400);
  mock.timers.tick(5000); // a hand that rests is still a hand
  assert.equal(hand.at(), 400);
  hand.move(380);
  hand.hold(false);
  hear({ looking: 400 }); // the answer to an older look
  assert.equal(hand.at(), 380);
  hear({ looking: 380 });
  hear({ looking: null }); // Python goes elsewhere
  assert.equal(hand.at(), NOW);
  assert.deepEqual(sent, [{ do: "look", step: 400 }, { do: "look", step: 380 }]);
  mock.timers.reset();
});

test("a hand that gets no answer is given up after a while", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { hand } = handled(STATE);
  hand.move(400);
  mock.timers.tick(1400);
  assert.equal(hand.at(), 400);
  mock.timers.tick(200);
  assert.equal(hand.at(), NOW);
  mock.timers.reset();
});

test("keys go on from the step asked for, where the lab shows the nearest it kept", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { hand, sent, hear } = handled(STATE);
  hand.move(412);
  hear({ looking: 400 });
  mock.timers.tick(1600);
  assert.deepEqual([hand.at(), hand.from()], [400, 412]);
  hand.move(424);
  assert.deepEqual([hand.at(), hand.from()], [424, 424]);
  mock.timers.tick(1600);
  assert.deepEqual([hand.at(), hand.from()], [400, 424]);
  hear({ looking: 300 });
  assert.equal(hand.from(), 300);
  hand.move(310);
  mock.timers.tick(1600);
  hand.drop();
  assert.equal(hand.from(), 300);
  assert.deepEqual(sent.map(({ step }) => step), [412, 424, 310]);
  mock.timers.reset();
});

test("a hand at the end says now, once, and follows the run", () => {
  const { hand, sent, hear } = handled({ ...STATE, looking: 400 });
  hand.move(NOW);
  hand.move(NOW);
  hear({ runs: [{ ...RUN, steps: 1300 }] });
  assert.equal(hand.at(), NOW);
  hand.wish({ do: "branch", step: 1300 });
  assert.deepEqual(sent, [{ do: "now" }, { do: "branch", step: 1300 }]);
  hand.stop();
});

test("a wish goes after the look that waits", () => {
  const { hand, sent } = handled(STATE);
  hand.move(400);
  hand.move(300);
  hand.wish({ do: "rewind", step: 300 });
  hand.drop();
  assert.deepEqual(sent, [{ do: "look", step: 400 }, { do: "look", step: 300 }, { do: "rewind", step: 300 }]);
  assert.equal(hand.at(), NOW);
  hand.stop();
});

test("the page's module gives anywidget its render", () => assert.equal(typeof timeline.render, "function"));
