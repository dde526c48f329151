// Makes a sentence of a message. It does not access the DOM, so that a test can run it without a browser.

/** A text, or a text for each plural form of its language. @typedef {string | Record<string, string>} Text */

/**
 * A language for `Intl`: day before month in English, Western digits everywhere.
 * @param {string} tag of the page; "" for English
 */
export function languageTag(tag) {
  return `${!tag || tag === "en" ? "en-GB" : tag}-u-nu-latn`;
}

/**
 * The text with its values filled in; undefined if it has no form for `values.n`.
 * @param {Text} text with placeholders such as `{name}`; a placeholder without a value stays as it is
 * @param {Record<string, string | number>} values
 * @param {string} language for `Intl`
 */
export function formatted(text, values, language) {
  const form = typeof text === "string" ? text : formOf(text, Number(values.n), language);
  return form?.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/** @param {Record<string, string>} forms @param {number} n @param {string} language */
function formOf(forms, n, language) {
  return forms[new Intl.PluralRules(language).select(n)] ?? forms.other;
}
