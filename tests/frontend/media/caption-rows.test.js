import assert from "node:assert/strict";
import { test } from "node:test";

import { CaptionRows, LINGER_MS, MOST_ROWS } from "/static/media/caption-rows.js";

/** @param {number} start_ms @param {string} text */
function line(start_ms, text) {
  return { language: "en", start_ms, end_ms: start_ms + 2_500, text };
}

test("rows roll up: the newest is the last, and the oldest go", () => {
  const rows = new CaptionRows();
  assert.deepEqual(rows.shown(0), []);
  rows.take(line(100, "one"), 0);
  rows.take(line(200, "two\nthree"), 10);
  assert.deepEqual(rows.shown(20), ["one", "two", "three"]);
  rows.take(line(300, "four"), 30);
  assert.deepEqual(rows.shown(40), ["two", "three", "four"]);
  rows.take(line(400, "a\nb\nc\nd\ne"), 50);
  assert.deepEqual(rows.shown(60), ["c", "d", "e"]);
  assert.equal(rows.shown(60).length, MOST_ROWS);
});

test("a correction takes the place of the line that it corrects", () => {
  const rows = new CaptionRows();
  rows.take(line(100, "the feri"), 0);
  rows.take(line(200, "leaves at nine"), 10);
  rows.take(line(100, "the ferry"), 20);
  assert.deepEqual(rows.shown(30), ["the ferry", "leaves at nine"]);
});

test("after a silence nothing is shown, nor comes back with the next line", () => {
  const rows = new CaptionRows();
  rows.take(line(100, "one"), 0);
  assert.equal(rows.goneAt, 2_500 + LINGER_MS);
  assert.deepEqual(rows.shown(rows.goneAt - 1), ["one"]);
  assert.deepEqual(rows.shown(rows.goneAt), []);
  rows.take(line(200, "two"), 60_000);
  assert.deepEqual(rows.shown(60_001), ["two"]);
});

test("a line whose end is before its start is shown for a while all the same", () => {
  const rows = new CaptionRows();
  rows.take({ ...line(100, "one"), end_ms: 0 }, 0);
  assert.deepEqual(rows.shown(LINGER_MS - 1), ["one"]);
});
