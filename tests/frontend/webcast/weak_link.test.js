// A link too weak for the picture gets sound alone, and the picture is tried again later.

import assert from "node:assert/strict";
import { test } from "node:test";

import { WeakLink } from "/static/webcast/player/weak_link.js";

/** @param {WeakLink} link @param {number} seconds @param {boolean} waits */
function pass(link, seconds, waits) {
  for (let second = 0; second < seconds; second += 1) link.passes(waits);
}

/** @param {WeakLink} link */
function rested(link) {
  let seconds = 1;
  while (!link.rests()) seconds += 1;
  return seconds;
}

test("a short wait changes nothing, and playing makes up for it", () => {
  const link = new WeakLink();
  for (let round = 0; round < 5; round += 1) {
    pass(link, 5, true);
    assert.equal(link.gives, false);
    pass(link, 20, false);
  }
});

test("a link on which the picture mostly waits gives it up", () => {
  const link = new WeakLink();
  pass(link, 4, true);
  pass(link, 4, false);
  pass(link, 5, true);
  assert.equal(link.gives, true);
});

test("the picture is tried again after a minute, and then each time later", () => {
  const link = new WeakLink();
  const waits = [1, 2, 3, 4, 5].map(() => {
    link.begin();
    assert.equal(link.gives, false);
    return rested(link);
  });
  assert.deepEqual(waits, [60, 120, 240, 480, 480]);
});
