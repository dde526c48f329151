import assert from "node:assert/strict";
import { test } from "node:test";

import "../support/page.js";

const { asksOf, stateOf } = await import("/static/media/booths.js");

const NAMES = { fr: "French", ru: "Russian" };

test("an interpreter who vanishes is named to those who run the meeting until somebody interprets", () => {
  const gone = { fr: { lost: true, on: false }, ru: { lost: false, on: true } };
  assert.equal(stateOf(gone.fr), "lost");
  assert.deepEqual(asksOf(gone, NAMES), ["French: booth.vanished"]);
  assert.deepEqual(asksOf({ ...gone, fr: { lost: false, on: true } }, NAMES), []);
});

test("what a booth asks for is said for each booth", () => {
  const booths = { fr: { slow: true, trouble: true }, ru: { slow: true } };
  const asks = ["French: booth.slow", "French: booth.trouble", "Russian: booth.slow"];
  assert.deepEqual(asksOf(booths, NAMES), asks);
});
