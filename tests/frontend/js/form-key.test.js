import assert from "node:assert/strict";
import { test } from "node:test";

import { digest, keyOf } from "/static/js/form-key.js";

const PLACE = "/office/hearing/registrations/add/stakeholders/";
const FIRST = [["csrfmiddlewaretoken", "a"], ["form_key", "one"], ["name", "Bo Adeyemi"]];
const AGAIN = [["csrfmiddlewaretoken", "b"], ["form_key", "two"], ["name", "Bo Adeyemi"]];
const OTHER = [["csrfmiddlewaretoken", "b"], ["form_key", "two"], ["name", "Cem Aydin"]];

function storage() {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
}

function sentTwice(second, { returned = true, place = PLACE } = {}) {
  const store = storage();
  assert.equal(keyOf(store, { place: PLACE, returned: false }, FIRST, "one"), "one");
  return keyOf(store, { place, returned }, second, "two");
}

test("the same form has the same key after going back", () => assert.equal(sentTwice(AGAIN), "one"));

test("another form has its own key", () => assert.equal(sentTwice(OTHER), "two"));

test("somebody may do the same again on purpose", () => assert.equal(sentTwice(AGAIN, { returned: false }), "two"));

test("forms of two pages have nothing to do with each other", () => {
  assert.equal(sentTwice(AGAIN, { place: "/office/other/" }), "two");
});

test("a digest is of names and values, in their order, and of files' names and sizes", () => {
  assert.equal(digest(FIRST), digest(AGAIN));
  assert.match(digest([]), /^[0-9a-f]{8}$/);
  assert.notEqual(digest([["a", "b"]]), digest([["a", "c"]]));
  assert.notEqual(digest([["a", "1"], ["b", ""]]), digest([["b", ""], ["a", "1"]]));
  assert.notEqual(digest([["f", { name: "x.pdf", size: 1 }]]), digest([["f", { name: "x.pdf", size: 2 }]]));
});
