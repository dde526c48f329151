import assert from "node:assert/strict";
import { test } from "node:test";

import { formatted, languageTag } from "/static/js/message-format.js";

test("values take their places, and a place without a value stays", () => {
  assert.equal(formatted("{n} of {all}, {who}", { n: 2, all: 5 }, "en"), "2 of 5, {who}");
  assert.equal(formatted("{n}", { n: 0 }, "en"), "0");
});

test("a value is not itself read for places", () => {
  assert.equal(formatted("{name}", { name: "{n}", n: 1 }, "en"), "{n}");
});

test("the plural form is that of the language", () => {
  const forms = { zero: "zero", one: "one", two: "two", few: "few", many: "many", other: "other" };
  const arabic = [0, 1, 2, 3, 11, 100].map((n) => formatted(forms, { n }, languageTag("ar")));
  assert.deepEqual(arabic, ["zero", "one", "two", "few", "many", "other"]);
  assert.deepEqual([1, 2].map((n) => formatted(forms, { n }, languageTag("en"))), ["one", "other"]);
});

test("a missing form is the other one, and none without it", () => {
  assert.equal(formatted({ other: "{n} seats" }, { n: 1 }, "en"), "1 seats");
  assert.equal(formatted({ few: "few" }, { n: 1 }, "en"), undefined);
});

test("English is British, so that the day comes before the month, and digits are Western", () => {
  assert.deepEqual(["", "en", "ar"].map(languageTag), ["en-GB-u-nu-latn", "en-GB-u-nu-latn", "ar-u-nu-latn"]);
  assert.match(new Intl.DateTimeFormat(languageTag("ar"), { day: "numeric" }).format(0), /^1$/);
});
