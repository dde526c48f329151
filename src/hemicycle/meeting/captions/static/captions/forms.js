// A captioner's short forms: "tip = trafficking in persons", one a line, kept in this browser.

/** @typedef {{ forms: Map<string, string>, bad: number[] }} Read `bad`: numbers of lines not read, from 1 */

/** @param {string} text @returns {Read} */
export function read(text) {
  /** @type {Read} */
  const found = { forms: new Map(), bad: [] };
  text.split("\n").forEach((line, index) => {
    const [short = "", ...rest] = line.split("=");
    const key = short.trim().toLowerCase();
    const words = rest.join("=").trim();
    if (key && words && !/\s/.test(key)) found.forms.set(key, words);
    else if (line.trim()) found.bad.push(index + 1);
  });
  return found;
}

const LAST = /(^|[\s"'“‘(«])([^\s"'“‘(«]+?)([.,;:!?)”’»…،؛؟。，；：！？]*)$/u;

/**
 * The text with its last word, if that is a short form, written out; a capital stays a capital.
 * @param {string} text what stands before the place where one writes
 * @param {Map<string, string>} forms
 */
export function expand(text, forms) {
  const found = LAST.exec(text);
  if (!found) return text;
  const [, , short = "", marks = ""] = found;
  const words = forms.get(short.toLowerCase());
  if (words === undefined) return text;
  return text.slice(0, text.length - short.length - marks.length) + cased(short, words) + marks;
}

/** @param {string} short @param {string} words */
function cased(short, words) {
  const [first = ""] = short;
  const isCapital = first !== first.toLowerCase();
  return isCapital ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}
