import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { airOf, callOf, hasMoved, isAwaited, isCalled, mayBeReady, mayRaiseHand, pointOf } from "/static/room/seat_state.js";

const SHOWN = ["next", "waiting", "speaking", "delivered", "absent", "skipped", "withdrawn", "not_reached"];
const SEAT = { meeting: "m", segment: "s", role: "speaker" };
const PANELLIST = { ...SEAT, role: "panellist" };
const slot = (show, more = {}) => ({ show, ...more });
const view = (phase = "open", id = "m", segment = { id: "s" }) => ({ meeting: { id, phase }, segment });

/** Return the states of a slot for which a test is true. */
const where = (test) => SHOWN.filter((show) => test(slot(show)));

test("one may be ready who waits or may be called again, from a seat of one's own", () => {
  assert.deepEqual(where((me) => mayBeReady(view(), me, false)), ["next", "waiting", "absent", "skipped"]);
  assert.deepEqual(where((me) => mayBeReady(view(), me, true)), []);
  assert.deepEqual(where((me) => mayBeReady(view("closed"), me, false)), []);
  assert.equal(mayBeReady(view(), null, false), false);
});

test("one raises a hand who has spoken, while their item is open", () => {
  const raises = (seen, taken = false) => where((me) => mayRaiseHand(seen, me, taken, SEAT));
  assert.deepEqual(raises(view()), ["delivered"]);
  for (const other of [view("suspended"), view("closed"), view("open", "m", null), view("open", "m", { id: "t" })]) {
    assert.deepEqual(raises(other), []);
  }
  assert.deepEqual(raises(view(), true), []);
  assert.equal(mayRaiseHand(view(), null, false, SEAT), false);
});

test("a page moves on where another slot is on a list and its own is not", () => {
  assert.deepEqual(where((me) => hasMoved(me, [slot("waiting")])), SHOWN.slice(3));
  assert.deepEqual(where((other) => hasMoved(null, [undefined, other])), SHOWN.slice(0, 3));
  assert.equal(hasMoved(null, [undefined]), false);
});

test("a speaker is called as they become next and as they get the floor, not for what a page opens with", () => {
  assert.deepEqual(SHOWN.filter((show) => callOf(undefined, show)), []);
  assert.deepEqual(SHOWN.filter((show) => callOf(show, show)), []);
  const calls = SHOWN.filter((show) => callOf("", show));
  assert.deepEqual(calls, ["next", "speaking"]);
  assert.equal(callOf("speaking", undefined), "");
});

test("a point of order is open until it is heard, and over with the ruling", () => {
  const seen = (more) => ({ ...view(), points: true, open_points: ["a", "b"], heard_point: "", ...more });
  assert.equal(pointOf(seen(), []), "");
  assert.equal(pointOf(seen(), ["gone"]), "");
  assert.equal(pointOf(seen(), ["a"]), "open");
  assert.equal(pointOf(seen({ points: false }), ["a"]), "");
  assert.equal(pointOf(seen({ heard_point: "b" }), ["a"]), "open");
  assert.equal(pointOf(seen({ heard_point: "b" }), ["a", "b"]), "heard");
});

describe("the line", () => {
  test("of somebody with a point of order is there, with or without a place on the list", () => {
    assert.equal(isCalled(view(), null, SEAT, "open"), true);
    assert.equal(isCalled(view(), slot("waiting"), SEAT, "heard"), true);
    assert.equal(isCalled(view("closed"), null, SEAT, "heard"), false);
  });

  test("of a speaker is there from being next until the end of the intervention", () => {
    assert.deepEqual(where((me) => isCalled(view(), me, SEAT)), ["next", "speaking"]);
    assert.deepEqual(where((me) => isCalled(view("suspended"), me, SEAT)), ["next", "speaking"]);
  });

  test("of a panellist is there while their item is open", () => {
    assert.equal(isCalled(view(), null, PANELLIST), true);
    assert.equal(isCalled(view("open", "m", null), null, PANELLIST), false);
    assert.equal(isCalled(view("open", "m", { id: "other" }), slot("speaking"), PANELLIST), false);
  });

  test("is not there in another meeting, or one that is closed", () => {
    for (const seat of [SEAT, PANELLIST]) {
      assert.equal(isCalled(view("open", "other"), slot("speaking"), seat), false);
      assert.equal(isCalled(view("closed"), slot("speaking"), seat), false);
    }
  });

  test("is awaited until the turn is over, or its meeting", () => {
    const over = ["delivered", "withdrawn", "not_reached"];
    assert.deepEqual(where((me) => !isAwaited(view(), me, SEAT)), over);
    assert.equal(isAwaited(view("closed"), null, SEAT), false);
    assert.equal(isAwaited(view("closed", "other"), null, SEAT), true);
  });

  test("is told as the engine has it, but for one that is not wanted, not opened, or cut", () => {
    const states = ["closed", "connecting", "lost", "refused", "muted", "silenced", "on", "preview", "off"];
    assert.deepEqual(states.map((state) => airOf(true, state, slot("next"))), ["needed", ...states.slice(1)]);
    for (const state of states) assert.equal(airOf(false, state, slot("speaking")), "none");
    const cut = states.filter((state) => airOf(true, state, slot("speaking", { stopped: "cut" })) === "cut");
    assert.deepEqual(cut, ["on", "off"]);
  });
});
