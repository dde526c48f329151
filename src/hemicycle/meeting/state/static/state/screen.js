// A page that shows what the feed says of the floor.
//
//   data-show="holder.name"                     the text of that field
//   data-when="next" / data-unless="holder"     shown only with, or only without it
//   data-is="standing" data-value="free held"   shown only while the field has one of these values
//   data-state-of="items.<id>"                  the field's value as `data-state`
//   data-fit="hall__name"                       long text is set smaller, by that class's --long
//
// The page brings its first sight in a block of data, so nothing jumps when the feed connects.

/** @typedef {Record<string, any>} Sight */

/**
 * @param {Sight | null} sight
 * @param {string} path
 * @returns {any}
 */
export function at(sight, path) {
  return path.split(".").reduce((found, name) => found?.[name], /** @type {any} */ (sight));
}

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
 * @param {Sight | null} sight
 * @param {ParentNode} [root] the part of the page that tells of it
 */
export function show(sight, root = document) {
  const inside = (/** @type {string} */ attribute, /** @type {(element: HTMLElement, path: string) => void} */ act) =>
    each(attribute, act, root);
  inside("show", (element, path) => {
    const text = String(at(sight, path) ?? "");
    if (element.textContent !== text) element.textContent = text;
  });
  inside("when", (element, path) => element.toggleAttribute("hidden", !at(sight, path)));
  inside("unless", (element, path) => element.toggleAttribute("hidden", Boolean(at(sight, path))));
  inside("is", (element, path) => {
    const values = (element.dataset.value ?? "").split(" ");
    element.toggleAttribute("hidden", !values.includes(String(at(sight, path) ?? "")));
  });
  inside("state-of", (element, path) => element.setAttribute("data-state", at(sight, path) ?? ""));
  inside("fit", (element, name) => {
    const length = (element.textContent ?? "").trim().length;
    element.classList.toggle(`${name}--long`, length > 40 && length <= 90);
    element.classList.toggle(`${name}--very-long`, length > 90);
  });
}

/** A block of data that the page brought. @param {string} id */
export function data(id) {
  return JSON.parse(document.getElementById(id)?.textContent || "null");
}

/**
 * Show the page's first sight, and every later one that the feed brings; gives what shows the last anew.
 * @param {(sight: Sight) => Sight} [prepare] adds what this page alone knows
 */
export function follow(prepare = (sight) => sight) {
  /** @type {Sight | null} */
  let latest = data("sight");
  const again = () => latest && show(prepare(latest));
  again();
  document.addEventListener("floor", (event) => {
    latest = /** @type {CustomEvent} */ (event).detail;
    again();
  });
  return again;
}
