import assert from "node:assert/strict";
import { test } from "node:test";

import { CALM_MS, FRAMES, LATE_MS, Lateness, Patience, isLeftOut, isPoor } from "/static/media/picture-state.js";

/** @param {Partial<import("../../../src/hemicycle/ui/static/media/news.js").You>} told */
function you(told) {
  return { kind: "listen", state: "up", heard: false, preview: false, level: -90, loss: 0, rtt_ms: 20,
    listening: "floor", seen: /** @type {"whole"} */ ("whole"), ...told };
}

test("the picture is left out only when it was asked for and the connection is up", () => {
  assert.equal(isLeftOut(you({ seen: "none" }), true), true);
  assert.equal(isLeftOut(you({ seen: "none" }), false), false);
  assert.equal(isLeftOut(you({ seen: "none", state: "connecting" }), true), false);
  assert.equal(isLeftOut(you({ seen: "small" }), true), false);
  assert.equal(isLeftOut(undefined, true), false);
});

test("a connection is poor where packets are lost, or less than the whole picture comes", () => {
  assert.equal(isPoor(you({}), true), false);
  assert.equal(isPoor(you({ loss: 1 }), true), true);
  assert.equal(isPoor(you({ seen: "small" }), true), true);
  assert.equal(isPoor(you({ seen: "none" }), false), false);
  assert.equal(isPoor(undefined, true), false);
});

test("a connection that is being made is not a poor one", () => {
  assert.equal(isPoor(you({ state: "connecting", seen: "none" }), true), false);
});

test("what comes waits while the connection is poor, and not for ever", () => {
  const patience = new Patience();
  assert.equal(patience.waits(false, 1000), false);
  assert.equal(patience.waits(true, 2000), true);
  assert.equal(patience.waits(false, 2000 + CALM_MS - 1), true);
  assert.equal(patience.waits(false, 2000 + CALM_MS), false);
});

test("a picture is late after some frames in a row that are, and in time again after as many", () => {
  const lateness = new Lateness();
  for (const ms of [LATE_MS, LATE_MS, LATE_MS - 1, LATE_MS, LATE_MS]) lateness.take(ms);
  assert.equal(lateness.late, false);
  lateness.take(LATE_MS);
  assert.equal(lateness.late, true);
  for (let frame = 1; frame < FRAMES; frame++) lateness.take(50);
  assert.equal(lateness.late, true);
  lateness.take(50);
  assert.equal(lateness.late, false);
});
