import assert from "node:assert/strict";
import { test } from "node:test";

import { mSs } from "/static/js/duration.js";

test("seconds are two figures and minutes are not capped", () => {
  const shown = [0, 5, 59, 60, 134, 600, 3599, 3600, 4500].map(mSs);
  assert.deepEqual(shown, ["0:00", "0:05", "0:59", "1:00", "2:14", "10:00", "59:59", "60:00", "75:00"]);
});
