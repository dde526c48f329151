// Seven lines per second about the limiter must not hide important notices.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Gathered } from "/static/room/gathered.js";

const limiter = (channel, db, at) => ({ code: "limiter", values: { channel, db }, at });

test("what repeats counts up in one line, whatever was measured", () => {
  const gathered = new Gathered();
  const counts = [0, 150, 300].map((at) => gathered.take(limiter("floor", String(at), at)).count);
  assert.deepEqual(counts, [1, 2, 3]);
});

test("another channel, another code and a long silence begin a line", () => {
  const gathered = new Gathered();
  gathered.take(limiter("floor", "3", 0));
  assert.equal(gathered.take(limiter("fr", "3", 0)).count, 1);
  assert.equal(gathered.take({ code: "disk_full", at: 0 }).count, 1);
  assert.equal(gathered.take(limiter("floor", "3", 60_001)).count, 1);
});
