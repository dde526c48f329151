// Joint requests in the verifier's page follow the same rule as in `hemicycle verify`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Joinings } from "/static/verifier/joint.js";

const HEARING = "ab".repeat(16);
/** @typedef {[kind: string, body: Record<string, unknown>, role: string]} Entry */

/** @type {Entry[]} */
const WHOLE = [
  ["speaker.inscribed", { inscription: "a", segment: "s" }, "stakeholder"],
  ["speaker.inscribed", { inscription: "b", segment: "s" }, "stakeholder"],
  ["speaker.inscribed", { inscription: "c", segment: "s" }, "stakeholder"],
  ["joint.proposed", { proposal: "p", segment: "s", first: "a", second: "c" }, "secretariat"],
  ["joint.answered", { proposal: "p", inscription: "a", answer: "agreed" }, "stakeholder"],
  ["joint.answered", { proposal: "p", inscription: "c", answer: "agreed" }, "stakeholder"],
  ["speaker.withdrawn", { inscription: "c", cause: "withdrawn" }, "stakeholder"],
  ["joint.joined", { proposal: "p", segment: "s", kept: "a", left: "c", before: ["a", "b", "c"], after: ["a", "b"] }, "stakeholder"],
];

/** @param {Entry[]} entries */
function problems(entries) {
  const joinings = new Joinings();
  return entries
    .map(([kind, body, role], n) => joinings.problem({ hearing: HEARING, seq: n + 1, kind, role }, body))
    .filter(Boolean);
}

/** @param {number} index @param {Record<string, unknown>} change @param {string} [role] */
function changed(index, change, role) {
  return WHOLE.map((entry, n) =>
    n === index ? /** @type {Entry} */ ([entry[0], { ...entry[1], ...change }, role ?? entry[2]]) : entry,
  );
}

test("two requests that both sides agreed to join hold", () => {
  assert.deepEqual(problems(WHOLE), []);
});

test("one side's agreement, a refusal and the secretariat's own answer are no consent", () => {
  for (const entries of [
    WHOLE.filter((_entry, n) => n !== 5),
    changed(5, { answer: "declined" }),
    changed(5, {}, "secretariat"),
    changed(3, {}, "stakeholder"),
    changed(7, { kept: "b" }),
  ]) {
    assert.deepEqual(problems(entries), ["problem.joint_without_consent"]);
  }
});

test("another list before or after, and a later place that stays, are found", () => {
  for (const entries of [
    changed(7, { before: ["b", "a", "c"] }),
    changed(7, { after: ["a"] }),
    changed(7, { kept: "c", left: "a" }),
    WHOLE.filter((_entry, n) => n !== 6),
  ]) {
    assert.deepEqual(problems(entries), ["problem.joint_list"]);
  }
});
