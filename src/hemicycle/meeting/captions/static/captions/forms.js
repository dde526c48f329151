// A captioner's short forms, such as "tip = trafficking in persons", one on each line. They are
// stored in this browser.

/** @typedef {{ forms: Map<string, string>, bad: number[] }} Read `bad`: the numbers of unreadable lines, from 1 */

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
 * Replace a short form at the end of a text with its words. They begin with a capital if it does.
 * @param {string} text the text before the cursor
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
