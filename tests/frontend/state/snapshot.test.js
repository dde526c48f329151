import assert from "node:assert/strict";
import { test } from "node:test";

import { at, freeSince, isHeld, said } from "/static/state/snapshot.js";

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

test("the hearing's words are said in the reader's language, or with their own", () => {
  const texts = { Rivers: { fr: "Fleuves", "zh-Hans": "河流" }, Lakes: {} };
  const words = { language: "en", languages: {}, texts };
  assert.deepEqual(said("Rivers", words, "fr-CA"), { text: "Fleuves", lang: "", dir: "" });
  assert.deepEqual(said("Rivers", words, "zh-hans"), { text: "河流", lang: "", dir: "" });
  assert.deepEqual(said("Rivers", words, "en"), { text: "Rivers", lang: "", dir: "" });
  assert.deepEqual(said("Lakes", words, "ar"), { text: "Lakes", lang: "en", dir: "ltr" });
  const arabic = { language: "ar", languages: {}, texts: { "أنهار": {} } };
  assert.deepEqual(said("أنهار", arabic, "en"), { text: "أنهار", lang: "ar", dir: "rtl" });
});

test("a name in another language than the hearing's is said in its own", () => {
  const texts = { Rivers: { fr: "Fleuves" }, "河流社": { ar: "جمعية" }, "دار": {} };
  const words = { language: "en", languages: { "河流社": "zh", "دار": "ar" }, texts };
  assert.deepEqual(said("河流社", words, "zh-hans"), { text: "河流社", lang: "", dir: "" });
  assert.deepEqual(said("河流社", words, "ar"), { text: "جمعية", lang: "", dir: "" });
  assert.deepEqual(said("河流社", words, "en"), { text: "河流社", lang: "zh", dir: "ltr" });
  assert.deepEqual(said("دار", words, "en"), { text: "دار", lang: "ar", dir: "rtl" });
});

test("other texts stay as they are", () => {
  assert.deepEqual(said("Ada", { language: "en", languages: {}, texts: {} }, "ar"), { text: "Ada", lang: "", dir: "" });
  assert.deepEqual(said("Ada", undefined, "ar"), { text: "Ada", lang: "", dir: "" });
});
