import assert from "node:assert/strict";
import { test } from "node:test";

import { EventParser } from "/static/js/event-parser.js";

const bytes = (text) => new TextEncoder().encode(text);
const STREAM = 'event: floor\nid: 7\ndata: {"name":"Ægir Þórsson"}\n\n: still here\n\ndata: a\ndata:  b\n\nid: 9\ndata:c\n\n';
const EVENTS = [
  { type: "floor", data: '{"name":"Ægir Þórsson"}', id: "7" },
  { type: "message", data: "a\n b", id: "7" },
  { type: "message", data: "c", id: "9" },
];

test("events of one piece", () => {
  assert.deepEqual(new EventParser().take(bytes(STREAM)), EVENTS);
});

test("any two pieces say the same, within a character too", () => {
  const all = bytes(STREAM);
  for (let cut = 0; cut <= all.length; cut += 1) {
    const parser = new EventParser();
    assert.deepEqual([...parser.take(all.slice(0, cut)), ...parser.take(all.slice(cut))], EVENTS, `cut at ${cut}`);
  }
});

test("an event that is not complete waits", () => {
  const parser = new EventParser();
  assert.deepEqual(parser.take(bytes("data: a\n")), []);
  assert.deepEqual(parser.take(bytes("\n")), [{ type: "message", data: "a", id: "" }]);
});

test("an id without data counts for what comes after it", () => {
  const parser = new EventParser();
  assert.deepEqual(parser.take(bytes("id: 4\n\ndata: a\n\n")), [{ type: "message", data: "a", id: "4" }]);
});

test("a colon in a value is the value's", () => {
  assert.equal(new EventParser().take(bytes("data: 10:05\n\n"))[0].data, "10:05");
});
