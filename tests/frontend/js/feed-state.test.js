import assert from "node:assert/strict";
import { test } from "node:test";

import { pauseAfter, stateAfterBreak } from "/static/js/feed-state.js";

test("pauses double up to a quarter of a minute", () => {
  const pauses = [0, 1, 2, 3, 4, 5, 6, 50].map((tries) => pauseAfter(tries, 0.5));
  assert.deepEqual(pauses, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
});

test("chance makes a pause half as long or half as long again", () => {
  assert.deepEqual([pauseAfter(1, 0), pauseAfter(1, 1)], [500, 1_500]);
  const pauses = new Set(Array.from({ length: 20 }, () => pauseAfter(3)));
  assert.ok(pauses.size > 1);
  for (const pause of pauses) assert.ok(pause >= 2_000 && pause <= 6_000, String(pause));
});

test("a break is told as reconnecting, or as connecting where it never was there", () => {
  assert.equal(stateAfterBreak("live", 0), "reconnecting");
  assert.equal(stateAfterBreak("reconnecting", 12_000), "reconnecting");
  assert.equal(stateAfterBreak("connecting", 12_000), "connecting");
});

test("after twelve seconds it is lost", () => {
  for (const before of ["connecting", "live", "reconnecting", "lost"]) {
    assert.equal(stateAfterBreak(before, 12_001), "lost");
  }
});
