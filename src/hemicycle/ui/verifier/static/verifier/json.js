// Canonical JSON as the record writes it, and a parser that refuses ambiguous text: a key that is twice in
// an object, or a number that is not whole. `JSON.parse` accepts both silently.

/** @typedef {null | boolean | number | string | Json[] | {[name: string]: Json}} Json */

/** Thrown for text that is not JSON of the kind that is signed. */
export class Malformed extends Error {}

const NUMBER = /-?(?:0|[1-9]\d*)(?![\d.eE])/y;
const SPACE = /[ \t\n\r]*/y;
const PLAIN = /"([^"\\\u0000-\u001f]*)"/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const DEEPEST = 200;

/**
 * Read JSON strictly; throws `Malformed`.
 * @param {string} text
 * @returns {Json}
 */
export function parseStrictly(text) {
  let at = 0;

  /** @param {RegExp} form */
  function take(form) {
    form.lastIndex = at;
    const found = form.exec(text);
    if (!found) throw new Malformed(`at ${at}`);
    at = form.lastIndex;
    return found;
  }

  /** @param {string} mark */
  function skips(mark) {
    take(SPACE);
    if (text[at] !== mark) return false;
    at += 1;
    return true;
  }

  function string() {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text);
    if (plain) {
      at = PLAIN.lastIndex;
      return plain[1];
    }
    try {
      return /** @type {string} */ (JSON.parse(take(STRING)[0]));
    } catch {
      throw new Malformed(`at ${at}`);
    }
  }

  function number() {
    const value = Number(take(NUMBER)[0]);
    if (!Number.isSafeInteger(value)) throw new Malformed(`at ${at}`);
    return value + 0; // -0 is 0
  }

  /**
   * @param {number} depth
   * @returns {Json}
   */
  function object(depth) {
    /** @type {{[name: string]: Json}} */
    const found = Object.create(null); // so that no name has a special meaning, not even __proto__
    if (skips("}")) return found;
    do {
      take(SPACE);
      const name = string();
      if (name in found || !skips(":")) throw new Malformed(`at ${at}`);
      found[name] = value(depth);
    } while (skips(","));
    if (!skips("}")) throw new Malformed(`at ${at}`);
    return found;
  }

  /**
   * @param {number} depth
   * @returns {Json}
   */
  function list(depth) {
    /** @type {Json[]} */
    const found = [];
    if (skips("]")) return found;
    do found.push(value(depth));
    while (skips(","));
    if (!skips("]")) throw new Malformed(`at ${at}`);
    return found;
  }

  /**
   * @param {number} depth
   * @returns {Json}
   */
  function value(depth) {
    if (depth > DEEPEST) throw new Malformed(`at ${at}`);
    if (skips("{")) return object(depth + 1);
    if (skips("[")) return list(depth + 1);
    if (text[at] === '"') return string();
    for (const [word, meaning] of WORDS_OF_JSON) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    return number();
  }

  const found = value(0);
  take(SPACE);
  if (at !== text.length) throw new Malformed(`at ${at}`);
  return found;
}

/** @type {[string, null | boolean][]} */
const WORDS_OF_JSON = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/**
 * Compare texts by code points, as the record does; by UTF-16, rare characters would be sorted too early.
 * @param {string} one
 * @param {string} two
 */
export function byCodePoint(one, two) {
  const [left, right] = [Array.from(one), Array.from(two)];
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    const order = Number(left[i].codePointAt(0)) - Number(right[i].codePointAt(0));
    if (order) return order;
  }
  return left.length - right.length;
}

/** @param {string} text */
export function hasHalfSigns(text) {
  return /\p{Surrogate}/u.test(text);
}

/**
 * The canonical JSON of a value; throws `Malformed` if it has none.
 * @param {unknown} value
 * @returns {string}
 */
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && !hasHalfSigns(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object") throw new Malformed(String(value));
  const fields = Object.entries(/** @type {object} */ (value));
  fields.sort(([one], [two]) => byCodePoint(one, two));
  return `{${fields.map(([name, item]) => `${canonical(name)}:${canonical(item)}`).join(",")}}`;
}

/**
 * Whether a value is an object with fields.
 * @param {unknown} value
 * @returns {value is {[name: string]: Json}}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
