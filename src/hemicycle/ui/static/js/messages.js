// The texts of scripts, from the page's data blocks (`hemicycle.ui.js_messages` writes them).

import { formatted, languageTag } from "./message-format.js";

/** @typedef {import("./message-format.js").Text} Text */

/** @type {Record<string, Text> | undefined} */
let words;

/** The language of the page for `Intl`. */
export const language = languageTag(document.documentElement.lang);

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
  return formatted(all()[key] ?? key, values, language) ?? key;
}
