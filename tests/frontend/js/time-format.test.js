import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { ownTime, roughly, staleAfter, timeOfDay, written } from "/static/js/time-format.js";
import { languageTag } from "/static/js/message-format.js";

const EN = languageTag("en");
const NEW_YORK = "America/New_York";
const AT = Date.parse("2021-07-13T14:05:00Z");
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test("a time of day has two figures each, in 24 hours, with Western digits", () => {
  const midnight = Date.parse("2021-07-13T00:05:00Z");
  assert.equal(timeOfDay(AT, EN, NEW_YORK), "10:05");
  assert.equal(timeOfDay(midnight, EN, "UTC"), "00:05");
  assert.equal(timeOfDay(AT, languageTag("ar"), NEW_YORK), "10:05");
});

test("with seconds, for what follows each other quickly", () => {
  assert.equal(written(AT + 7 * SECOND, "second", languageTag("ar"), NEW_YORK), "10:05:07");
});

test("a date in full begins with the day of the week", () => {
  assert.match(written(AT, "full", EN, NEW_YORK), /^Tuesday,? 13 July at 10:05$/);
});

test("the first of a month is an ordinal in French, and only there", () => {
  const first = Date.parse("2021-07-01T14:05:00Z");
  assert.match(written(first, "full", languageTag("fr"), "UTC"), /^jeudi 1er juillet à 14:05$/);
  assert.match(written(first, "short", languageTag("fr"), "UTC"), /^1er juil\.,? 14:05$/);
  assert.match(written(first + 10 * DAY, "short", languageTag("fr"), "UTC"), /^11 juil\.,? 14:05$/);
  assert.equal(written(first, "day", languageTag("fr"), "UTC"), "01/07/2021");
  assert.match(written(first, "full", languageTag("es"), "UTC"), /^jueves, 1 de julio/);
});

describe("the reader's own time", () => {
  const own = (moment, zone) => ownTime({ at: AT, ...moment }, EN, NEW_YORK, zone);

  test("is not told where it is the hearing's", () => {
    assert.equal(own({}, NEW_YORK), "");
    assert.equal(own({}, "America/Toronto"), "");
  });

  test("is the time alone on the same day, where the page tells a time", () => {
    assert.equal(own({ isTime: true }, "Europe/Paris"), "16:05");
    assert.equal(own({}, "Europe/Paris"), "13 Jul, 16:05");
  });

  test("says the day where it is another one", () => {
    assert.equal(own({ isTime: true }, "Pacific/Auckland"), "14 Jul, 02:05");
  });

  test("goes to the end of a stretch", () => {
    assert.equal(own({ isTime: true, until: AT + 2 * HOUR }, "Europe/Paris"), "16:05–18:05");
  });
});

test("what is left is said in the largest unit of which there are two", () => {
  const said = [3.9 * DAY, 47 * HOUR, 119 * MINUTE, 119 * SECOND, -3.9 * HOUR].map((ms) => roughly(ms, EN));
  assert.deepEqual(said, ["in 3 days", "in 47 hours", "in 119 minutes", "in 119 seconds", "3 hours ago"]);
});

test("the less time is left, the sooner it is updated", () => {
  const waits = [MINUTE, -MINUTE, 2 * MINUTE, HOUR, 2 * HOUR, -3 * DAY].map(staleAfter);
  assert.deepEqual(waits, [SECOND, SECOND, 10 * SECOND, 10 * SECOND, MINUTE, MINUTE]);
});
