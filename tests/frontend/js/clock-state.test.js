import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  cutAt,
  EMPTY,
  figures,
  isWarning,
  leftAt,
  phaseAt,
  shownSeconds,
  untilChange,
  usedAt,
  wordOf,
} from "/static/js/clock-state.js";

const T = 1_625_000_000_000;

/** Return a clock of three minutes that has run since T, with a warning at 30 s. */
function running(changes = {}) {
  return {
    running: true,
    limit_ms: 180_000,
    used_before_ms: 0,
    running_since_ms: T,
    warning_ms: 30_000,
    at_limit: "signal",
    grace_ms: 0,
    ...changes,
  };
}

describe("the phase", () => {
  test("changes at its edges, to the millisecond", () => {
    const moments = [0, 149_999, 150_000, 179_999, 180_000, 900_000];
    const phases = moments.map((ms) => phaseAt(running(), T + ms));
    assert.deepEqual(phases, ["speaking", "speaking", "warning", "warning", "time", "time"]);
  });

  test("is free without a limit", () => {
    assert.equal(phaseAt(EMPTY, T), "free");
  });

  test("of a clock that stands still is ready before the first second and stopped after it", () => {
    const standing = { running: false, running_since_ms: null };
    assert.equal(phaseAt(running(standing), T), "ready");
    assert.equal(phaseAt(running({ ...standing, used_before_ms: 1 }), T), "stopped");
    assert.equal(phaseAt(running({ ...standing, used_before_ms: 180_000 }), T), "time");
  });

  test("is over time where it runs without any time left", () => {
    const late = { ...EMPTY, limit_ms: -60_000, running: true, running_since_ms: 1_000 };
    assert.equal(phaseAt(late, 1_000), "time");
    assert.equal(figures(leftAt(late, 13_000)), "+1:12");
  });

  test("never warns where the warning is as long as the limit, or none", () => {
    for (const warning_ms of [0, 180_000, 200_000]) {
      assert.equal(phaseAt(running({ warning_ms }), T + 179_000), "speaking");
    }
  });

  test("says whether it warns, and the code of its words", () => {
    assert.deepEqual([isWarning(running(), T), isWarning(running(), T + 150_000)], [false, true]);
    assert.equal(wordOf("warning"), "clock.warning");
  });
});

describe("time used and left", () => {
  test("begins with what was used before the last start", () => {
    const state = running({ used_before_ms: 60_000 });
    assert.deepEqual([usedAt(state, T + 5_000), leftAt(state, T + 5_000)], [65_000, 115_000]);
  });

  test("counts nothing before the start, when this screen's clock is behind", () => {
    assert.equal(usedAt(running(), T - 3_000), 0);
  });

  test("runs on over the limit where it is a signal, and stops after the grace where it is a cut", () => {
    const cut = running({ at_limit: "cut", grace_ms: 5_000 });
    assert.equal(leftAt(running(), T + 200_000), -20_000);
    assert.equal(leftAt(cut, T + 200_000), -5_000);
  });

  test("tells when the microphone is cut", () => {
    const cut = { at_limit: "cut", grace_ms: 5_000 };
    assert.equal(cutAt(running(cut)), T + 185_000);
    assert.equal(cutAt(running({ ...cut, used_before_ms: 60_000 })), T + 125_000);
    assert.equal(cutAt(running()), null);
    assert.equal(cutAt(running({ ...cut, running: false })), null);
  });
});

describe("the figures", () => {
  test("round up what is left and down what is over", () => {
    const shown = [180_000, 179_001, 179_000, 1, 0, -1, -999, -1_000, -72_999].map(figures);
    assert.deepEqual(shown, ["3:00", "3:00", "2:59", "0:01", "0:00", "0:00", "0:00", "+0:01", "+1:12"]);
    assert.deepEqual([shownSeconds(1), shownSeconds(-1_999)], [1, -1]);
  });

  test("show no more than 999 minutes", () => {
    assert.deepEqual([figures(9e9), figures(-9e9)], ["999:59", "+999:59"]);
  });

  test("are drawn again when they change, and not before", () => {
    for (const left of [180_000, 179_001, 1_500, 1, 0, -1, -999, -1_000, -1_500]) {
      const wait = untilChange(left);
      assert.ok(wait >= 1 && wait <= 1_000, `${left}: ${wait}`);
      assert.notEqual(figures(left - wait), figures(left), `after ${wait} of ${left}`);
      assert.equal(figures(left - wait + 1), figures(left), `before ${wait} of ${left}`);
    }
  });
});
