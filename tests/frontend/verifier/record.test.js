// Late registrations in the verifier's page follow the same rule as in `hemicycle verify`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Follower } from "/static/verifier/record.js";

const HEARING = "ab".repeat(16);

/** @param {string} kind @param {object} body @param {string} [role] */
function entry(kind, body, role = "secretariat") {
  return { hearing: HEARING, seq: 1, kind, version: 1, at: 1, actor: "a", role, meeting: "", body: JSON.stringify(body) };
}

const LATE = entry("registration.received", { registration: "r", received: 61_000, closes: 60_000 });

test("a registration in the second of the deadline is in time", () => {
  const timely = entry("registration.received", { registration: "r", received: 60_999, closes: 60_000 });
  assert.equal(new Follower().problemOfLate(timely), "");
});

test("a late registration needs an admission of the secretariat before it", () => {
  const follower = new Follower();
  assert.equal(follower.problemOfLate(LATE), "problem.late");
  const admitted = entry("registration.admitted_late", { registration: "r", reason: "key" });
  assert.equal(follower.problemOfLate(admitted), "");
  assert.equal(follower.problemOfLate(LATE), "");
});

test("an admission needs a reason, and a person of the secretariat", () => {
  const silent = entry("registration.admitted_late", { registration: "r", reason: "" });
  const stranger = entry("registration.admitted_late", { registration: "r", reason: "key" }, "mission");
  for (const admitted of [silent, stranger]) {
    assert.equal(new Follower().problemOfLate(admitted), "problem.late_without_reason");
  }
});
