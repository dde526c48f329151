// The moderator's own microphone, as the bar of the console shows it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ownState } from "/static/room/own_state.js";

const meets = (state) => ownState(state, true);

test("an open microphone counts as heard, also while the engine does not pass it on", () => {
  assert.deepEqual(["on", "off", "preview"].map(meets), ["on", "on", "on"]);
});

test("nobody is on air while no meeting is open", () => {
  assert.equal(ownState("off", false), "open");
  assert.equal(ownState("muted", false), "muted");
  assert.equal(ownState("lost", false), "lost");
});

test("a microphone that is muted, closed or cut off is not heard", () => {
  assert.deepEqual(["muted", "silenced", "closed"].map(meets), ["muted", "muted", "closed"]);
  assert.deepEqual(["connecting", "lost", "refused"].map(meets), ["lost", "lost", "lost"]);
});
