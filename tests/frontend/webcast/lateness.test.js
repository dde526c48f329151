// A picture is live by its own date, not because it is the newest in the list.

import assert from "node:assert/strict";
import { test } from "node:test";

import { NEAR_S } from "/static/webcast/player/following.js";
import { lateness } from "/static/webcast/player/lateness.js";

const NOW = 1_700_000_000_000;

test("the newest picture of a webcast that is written late is behind", () => {
  assert.equal(lateness(NOW - 143_000, NOW, 0), 143);
  assert.ok(lateness(NOW - 143_000, NOW, 0) >= NEAR_S);
});

test("a picture that is as late as the public is meant to be is live", () => {
  assert.equal(lateness(NOW - 31_500, NOW, 30), 1.5);
  assert.ok(lateness(NOW - 31_500, NOW, 30) < NEAR_S);
  assert.ok(lateness(NOW - 37_500, NOW, 30) >= NEAR_S);
});

test("nothing is late before its date is known, nor before its time", () => {
  assert.equal(lateness(null, NOW, 0), 0);
  assert.equal(lateness(Number.NaN, NOW, 0), 0);
  assert.equal(lateness(NOW, NOW, 30), 0);
  assert.equal(lateness(NOW - 2_000, NOW, Number.NaN), 2);
});
