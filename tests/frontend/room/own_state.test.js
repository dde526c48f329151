// The moderator's own microphone, as the bar of the console shows it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ownState } from "/static/room/own_state.js";

test("an open microphone counts as heard, also while the engine does not pass it on", () => {
  assert.deepEqual(["on", "off", "preview"].map(ownState), ["on", "on", "on"]);
});

test("a microphone that is muted, closed or cut off is not heard", () => {
  assert.deepEqual(["muted", "silenced", "closed"].map(ownState), ["muted", "muted", "closed"]);
  assert.deepEqual(["connecting", "lost", "refused"].map(ownState), ["lost", "lost", "lost"]);
});
