import assert from "node:assert/strict";
import { test } from "node:test";

import { ClockEstimate, DRIFT, KEPT } from "/static/js/clock-estimate.js";

const OFFSET = 1_625_000_000_000;

/** Ask a server whose clock is OFFSET ahead and is read `out` ms after the request. */
function ask(estimate, began, { out, back }) {
  estimate.add(Math.floor(began + out + OFFSET), began, began + out + back);
}

test("nothing is known before the first answer", () => {
  const estimate = new ClockEstimate();
  assert.deepEqual([estimate.known, estimate.offset(0), estimate.uncertainty(0)], [false, undefined, Infinity]);
});

test("the truth lies within the uncertainty, whichever way was the longer", () => {
  for (const out of [0, 0.4, 7, 80, 399.6, 400]) {
    const estimate = new ClockEstimate();
    ask(estimate, 1_000, { out, back: 400 - out });
    const wrong = Math.abs(estimate.offset(1_400) - OFFSET);
    assert.ok(wrong <= estimate.uncertainty(1_400), `out ${out}: ${wrong}`);
  }
});

test("the shortest round trip is believed", () => {
  const estimate = new ClockEstimate();
  ask(estimate, 0, { out: 300, back: 10 });
  ask(estimate, 1_000, { out: 2, back: 2 });
  ask(estimate, 2_000, { out: 10, back: 300 });
  assert.ok(Math.abs(estimate.offset(2_400) - OFFSET) < 1);
  assert.ok(estimate.uncertainty(2_400) < 3);
});

test("a sample ages, until a fresher one with a longer way is better", () => {
  const estimate = new ClockEstimate();
  ask(estimate, 0, { out: 2, back: 2 });
  const first = estimate.uncertainty(4);
  assert.equal(estimate.uncertainty(1_000_004), first + 1_000_000 * DRIFT);
  ask(estimate, 2_000_000, { out: 10, back: 10 });
  assert.equal(estimate.uncertainty(2_000_020), 10.5);
});

test("only the newest samples are kept, and none after a sleep", () => {
  const estimate = new ClockEstimate();
  ask(estimate, 0, { out: 1, back: 1 });
  for (let i = 1; i <= KEPT; i += 1) ask(estimate, i, { out: 50, back: 50 });
  assert.ok(estimate.uncertainty(200) > 50);
  estimate.forget();
  assert.equal(estimate.known, false);
});
