import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { begin, pass } from "../support/page.js";

const kept = new Map();
globalThis.localStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => kept.set(key, value),
};
document.createElement = () => ({});

const { showCaptions } = await import("/static/media/captions.js");

beforeEach(() => {
  begin();
  kept.clear();
});

/** Return a page with a menu of languages and a place for rows, and the link that brings the lines. */
function page() {
  const menu = Object.assign(new EventTarget(), { value: "", options: [{ value: "" }, { value: "en" }, { value: "fr" }] });
  const place = { rows: [], replaceChildren: (...rows) => (place.rows = rows.map((row) => row.textContent)) };
  const link = new EventTarget();
  const root = { querySelector: (selector) => (selector === "[data-captions]" ? menu : place) };
  showCaptions(root, link);
  const choose = (language) => {
    menu.value = language;
    menu.dispatchEvent(new Event("change"));
  };
  const say = (language, text, start_ms) => {
    const detail = { language, text, start_ms, end_ms: start_ms + 3_000 };
    link.dispatchEvent(new CustomEvent("caption", { detail }));
  };
  return { menu, place, choose, say };
}

test("lines are shown in the language that was chosen, and in no other", () => {
  const { place, choose, say } = page();
  say("en", "Nobody asked for this.", 0);
  assert.deepEqual([place.hidden, place.rows], [true, []]);
  choose("en");
  say("en", "Thank you.", 1_000);
  say("fr", "Merci.", 1_000);
  assert.deepEqual([place.hidden, place.lang, place.rows], [false, "en", ["Thank you."]]);
  choose("fr");
  assert.deepEqual(place.rows, []);
  say("fr", "Merci bien.", 2_000);
  assert.deepEqual([place.lang, place.rows], ["fr", ["Merci bien."]]);
});

test("the choice is remembered, and old lines go", async () => {
  page().choose("en");
  const { menu, place, say } = page();
  assert.equal(menu.value, "en");
  say("en", "Thank you.", 1_000);
  assert.deepEqual(place.rows, ["Thank you."]);
  await pass(60_000);
  assert.deepEqual(place.rows, []);
});
