// A page that shows the floor, as the feed reports it.
//
//   data-show="holder.name"                     shows the text of that field
//   data-when="next" / data-unless="holder"     is shown only with, or only without, that field
//   data-is="standing" data-value="free held"   is shown only while the field has one of these values
//   data-state-of="items.<id>"                  gets the field's value as `data-state`
//   data-fit="hall__name"                       sets long text smaller, by that class's --long
//
// The page has its first snapshot in a block of data, so nothing moves when the feed connects.

import { at, said } from "./snapshot.js";

/** @import { HearingWords, MeetingView } from "./snapshot.js" */

/**
 * @param {string} attribute
 * @param {(element: HTMLElement, path: string) => void} act
 * @param {ParentNode} [root]
 */
export function each(attribute, act, root = document) {
  for (const element of root.querySelectorAll(`[data-${attribute}]`)) {
    act(/** @type {HTMLElement} */ (element), element.getAttribute(`data-${attribute}`) ?? "");
  }
}

/**
 * Put a text into an element. The hearing's own words appear in the page's language, or else in the
 * original with their language marked.
 * @param {Element} element
 * @param {string} original
 * @param {HearingWords | undefined} words
 */
export function put(element, original, words) {
  const { text, lang, dir } = said(original, words, document.documentElement.lang);
  if (element.textContent === text) return;
  element.textContent = text;
  if (!words) return;
  if (lang) element.setAttribute("lang", lang);
  else element.removeAttribute("lang");
  if (dir) element.setAttribute("dir", dir);
  else if (element.getAttribute("dir") !== "auto") element.removeAttribute("dir");
}

/**
 * Show a snapshot in the elements of the page that have the attributes above.
 * @param {object | null} snapshot a view of the meeting, which a page may have extended
 * @param {ParentNode} [root] the part of the page to change
 */
export function show(snapshot, root = document) {
  const inside = (/** @type {string} */ attribute, /** @type {(element: HTMLElement, path: string) => void} */ act) =>
    each(attribute, act, root);
  const words = /** @type {HearingWords | undefined} */ (at(snapshot, "words"));
  inside("show", (element, path) => {
    put(element, String(at(snapshot, path) ?? ""), words);
  });
  inside("when", (element, path) => element.toggleAttribute("hidden", !at(snapshot, path)));
  inside("unless", (element, path) => element.toggleAttribute("hidden", Boolean(at(snapshot, path))));
  inside("is", (element, path) => {
    const values = (element.dataset.value ?? "").split(" ");
    element.toggleAttribute("hidden", !values.includes(String(at(snapshot, path) ?? "")));
  });
  inside("state-of", (element, path) => element.setAttribute("data-state", String(at(snapshot, path) ?? "")));
  inside("fit", (element, name) => {
    const length = (element.textContent ?? "").trim().length;
    element.classList.toggle(`${name}--long`, length > 40 && length <= 90);
    element.classList.toggle(`${name}--very-long`, length > 90);
  });
}

/**
 * A block of data in the page; null if there is none.
 * @template T
 * @param {string} id
 * @returns {T}
 */
export function data(id) {
  return JSON.parse(document.getElementById(id)?.textContent || "null");
}

/**
 * Call `take` with every view that the feed sends; with null for a hearing without meetings.
 * @template {MeetingView} [View=MeetingView] the view of the page's audience
 * @param {(view: View | null) => void} take
 */
export function onView(take) {
  document.addEventListener("floor", (event) => take(/** @type {CustomEvent<View | null>} */ (event).detail));
}

/**
 * Show the page's first view, and every later one of the feed; return a function that shows the last
 * one again.
 * @template {MeetingView} [View=MeetingView] the view of the page's audience
 * @param {(view: View) => object} [prepare] adds what only this page knows
 */
export function follow(prepare = (view) => view) {
  /** @type {View | null} */
  let latest = data("snapshot");
  const again = () => latest && show(prepare(latest));
  again();
  onView((/** @type {View | null} */ view) => {
    latest = view;
    again();
  });
  return again;
}
