// The page's texts in each of its languages; hemicycle.ui.verifier writes them into the page.

/** @typedef {import("./proofs.js").Sentence} Sentence */

/** @type {Record<string, {name: string, tag: string, dir: string, words: Record<string, string>}>} */
const LANGUAGES = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
let spoken = "en";

/** The languages by their codes. */
export function languages() {
  return Object.entries(LANGUAGES).map(([code, { name }]) => ({ code, name }));
}

/**
 * Switch to the first of these languages that the page has.
 * @param {readonly string[]} wanted
 */
export function speak(wanted) {
  const codes = wanted.map((tag) => tag.toLowerCase().split("-")[0]);
  spoken = codes.find((code) => code in LANGUAGES) ?? "en";
  const root = document.documentElement;
  root.lang = LANGUAGES[spoken].tag;
  root.dir = LANGUAGES[spoken].dir;
  for (const place of document.querySelectorAll("[data-t]")) {
    place.textContent = t(String(place.getAttribute("data-t")));
  }
}

/** The code of the active language. */
export function language() {
  return spoken;
}

/**
 * A text with its values filled in; a value that is the code of a kind is put into words.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const { words, dir } = LANGUAGES[spoken];
  const text = words[key] ?? LANGUAGES.en.words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => {
    const value = String(values[name] ?? place);
    if (value.startsWith("kind.")) return t(value);
    return dir === "rtl" ? `\u2068${value}\u2069` : value; // a date keeps its own direction
  });
}

/**
 * One sentence that says where something is wrong, and why; the same as in `hemicycle verify`.
 * @param {Sentence | undefined} where
 * @param {Sentence} problem
 */
export function reason(where, problem) {
  const said = t(problem.key, problem.values);
  if (!where) return said;
  const end = said.replace(/\.$/, "");
  return `${t(where.key, where.values)}: ${end.slice(0, 1).toLowerCase()}${end.slice(1)}`;
}

/**
 * A time in UTC, as `hemicycle verify` writes it.
 * @param {number} at milliseconds since the Unix epoch
 */
export function utc(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
