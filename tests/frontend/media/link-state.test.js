import assert from "node:assert/strict";
import { test } from "node:test";

import { isSilent, mayHurry, pauseAfter } from "/static/media/link-state.js";

const TRIES = [0, 1, 5, 6, 11, 12, 23, 24, 99];

test("a lost connection is back within a second after the engine is", () => {
  const pauses = TRIES.map((tries) => pauseAfter("lost", tries, 0.5));
  assert.deepEqual(pauses, [150, 225, 525, 600, 975, 1_000, 1_000, 5_000, 5_000]);
});

test("a first connection waits longer", () => {
  const pauses = TRIES.slice(0, 4).map((tries) => pauseAfter("connecting", tries, 0.5));
  assert.deepEqual(pauses, [500, 1_100, 3_500, 5_000]);
});

test("chance makes a pause a fifth shorter or longer", () => {
  assert.deepEqual([pauseAfter("lost", 12, 0), pauseAfter("lost", 12, 1)].map(Math.round), [800, 1_200]);
});

test("a listener is silent after a second, a sender after three", () => {
  assert.deepEqual([isSilent("listen", 1_000), isSilent("listen", 1_001)], [false, true]);
  for (const use of ["publish", "screen", "practice"]) {
    assert.deepEqual([isSilent(use, 3_000), isSilent(use, 3_001)], [false, true], use);
  }
});

test("only a link that has failed a few times hurries", () => {
  assert.deepEqual([mayHurry("lost", 2), mayHurry("lost", 3), mayHurry("connecting", 3)], [false, true, true]);
  for (const state of ["idle", "up", "closed"]) assert.equal(mayHurry(state, 9), false, state);
});
