// The words scripts say, from the page's data blocks (written by hemicycle.ui.js_messages).

/** @typedef {string | Record<string, string>} Text */

/** @type {Record<string, Text> | undefined} */
let words;

const tag = document.documentElement.lang || "en";

/** The language of the page for `Intl`: day before month in English, Western digits everywhere. */
export const language = `${tag === "en" ? "en-GB" : tag}-u-nu-latn`;

/** @returns {Record<string, Text>} */
function all() {
  if (!words) {
    const blocks = document.querySelectorAll('script[type="application/json"][id^="hc-messages"]');
    words = Object.assign({}, ...[...blocks].map((block) => JSON.parse(block.textContent || "{}")));
  }
  return /** @type {Record<string, Text>} */ (words);
}

/**
 * The text `key` in the page's language; `values.n` chooses among plural forms.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  let text = all()[key] ?? key;
  if (typeof text !== "string") {
    text = text[new Intl.PluralRules(language).select(Number(values.n))] ?? text.other ?? key;
  }
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}
