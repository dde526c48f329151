// A viewer who stalls returns to live, and one who went back on purpose stays there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Following, NEAR_S } from "/static/webcast/player/following.js";

test("after a stall, who followed live goes on at the newest", () => {
  const following = new Following();
  assert.equal(following.jumps(NEAR_S - 0.1), false, "the small rest is played faster");
  assert.equal(following.jumps(NEAR_S), true);
});

test("who went back on purpose stays there, until they go to the newest", () => {
  const following = new Following();
  following.plays(100);
  following.goes(70, 30);
  assert.equal(following.jumps(38), false);
  following.goes(100, 0);
  assert.equal(following.jumps(8), true);
});

test("a player that steps over a gap by itself still follows", () => {
  const following = new Following();
  following.plays(100);
  following.goes(100.3, 8);
  assert.equal(following.jumps(8), true);
});

test("who paused goes on where they were", () => {
  const following = new Following();
  following.paused();
  assert.equal(following.jumps(60), false);
});
