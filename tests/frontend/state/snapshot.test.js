import assert from "node:assert/strict";
import { test } from "node:test";

import { at, freeSince, isHeld } from "/static/state/snapshot.js";

const HOLDER = { slot: "a", name: "Ada" };
const VIEW = { meeting: { id: "m", phase: "open" }, holder: HOLDER, next: null, items: { s: "now" }, listed: 0 };

test("a path leads to its field, and to nothing where there is none", () => {
  assert.equal(at(VIEW, "holder.name"), "Ada");
  assert.equal(at(VIEW, "items.s"), "now");
  assert.equal(at(VIEW, "listed"), 0);
  assert.equal(at(VIEW, "next"), null);
  for (const path of ["next.name", "holder.surname", "items.t", "a.b.c"]) assert.equal(at(VIEW, path), undefined, path);
  assert.equal(at(null, "holder"), undefined);
});

test("the speaker keeps the floor while the meeting is suspended", () => {
  const suspended = { ...VIEW, meeting: { id: "m", phase: "suspended" } };
  assert.deepEqual([isHeld(suspended), isHeld(VIEW), isHeld({ ...suspended, holder: null })], [true, false, false]);
});

test("the floor is free since somebody left it, and never before a meeting", () => {
  assert.equal(freeSince({ ...VIEW, standing: "free", free_since: 12 }), 12);
  assert.equal(freeSince({ ...VIEW, standing: "free", free_since: null }), 0);
  assert.equal(freeSince({ ...VIEW, standing: "suspended", free_since: 12 }), 0);
  assert.equal(freeSince(null), 0);
});
