import assert from "node:assert/strict";
import { test } from "node:test";

import { secondsLeft } from "/static/js/transfer-pace.js";

test("the time left is unknown for the first second", () => {
  assert.equal(secondsLeft([], 100), undefined);
  assert.equal(secondsLeft([{ at: 0, sent: 0 }], 100), undefined);
  assert.equal(secondsLeft([{ at: 0, sent: 0 }, { at: 900, sent: 10 }], 100), undefined);
});

test("the time left follows the pace of the last ten seconds", () => {
  const samples = [{ at: 0, sent: 0 }, { at: 2000, sent: 20 }];
  assert.equal(secondsLeft(samples, 100), 8);
  samples.push({ at: 20_000, sent: 30 }, { at: 31_000, sent: 52 });
  assert.equal(secondsLeft(samples, 100), 24);
  assert.equal(samples[0].at, 20_000);
});

test("a transfer that stands still has no time left to tell", () => {
  assert.equal(secondsLeft([{ at: 0, sent: 5 }, { at: 9000, sent: 5 }], 100), undefined);
});
