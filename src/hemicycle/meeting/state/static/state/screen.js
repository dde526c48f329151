// A page that shows what the feed says of the floor.
//
//   data-show="holder.name"                     the text of that field
//   data-when="next" / data-unless="holder"     shown only with, or only without it
//   data-is="standing" data-value="free held"   shown only while the field has one of these values
//   data-state-of="items.<id>"                  the field's value as `data-state`
//   data-fit="hall__name"                       long text is set smaller, by that class's --long
//
// The page brings its first snapshot in a block of data, so nothing jumps when the feed connects.

/** @typedef {Record<string, any>} MeetingView */

/**
 * @param {MeetingView | null} snapshot
 * @param {string} path
 * @returns {any}
 */
export function at(snapshot, path) {
  return path.split(".").reduce((found, name) => found?.[name], /** @type {any} */ (snapshot));
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
 * @param {MeetingView | null} snapshot
 * @param {ParentNode} [root] the part of the page that tells of it
 */
export function show(snapshot, root = document) {
  const inside = (/** @type {string} */ attribute, /** @type {(element: HTMLElement, path: string) => void} */ act) =>
    each(attribute, act, root);
  inside("show", (element, path) => {
    const text = String(at(snapshot, path) ?? "");
    if (element.textContent !== text) element.textContent = text;
  });
  inside("when", (element, path) => element.toggleAttribute("hidden", !at(snapshot, path)));
  inside("unless", (element, path) => element.toggleAttribute("hidden", Boolean(at(snapshot, path))));
  inside("is", (element, path) => {
    const values = (element.dataset.value ?? "").split(" ");
    element.toggleAttribute("hidden", !values.includes(String(at(snapshot, path) ?? "")));
  });
  inside("state-of", (element, path) => element.setAttribute("data-state", at(snapshot, path) ?? ""));
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
 * Show the page's first snapshot, and every later one that the feed brings; gives what shows the last anew.
 * @param {(snapshot: MeetingView) => MeetingView} [prepare] adds what this page alone knows
 */
export function follow(prepare = (snapshot) => snapshot) {
  /** @type {MeetingView | null} */
  let latest = data("snapshot");
  const again = () => latest && show(prepare(latest));
  again();
  document.addEventListener("floor", (event) => {
    latest = /** @type {CustomEvent} */ (event).detail;
    again();
  });
  return again;
}
