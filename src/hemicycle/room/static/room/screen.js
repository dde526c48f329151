// A screen that shows what the feed says of the floor.
//
//   data-show="holder.name"                     the text of that field
//   data-when="next" / data-unless="holder"     shown only with, or only without it
//   data-is="meeting.phase" data-value="open"   shown only while the field has that value
//   data-fit                                    a long name is set smaller
//
// The page brings its first sight in a block of data, so nothing jumps when the feed connects.

/** @typedef {Record<string, any>} Sight */

/**
 * @param {Sight | null} sight
 * @param {string} path
 * @returns {any}
 */
function at(sight, path) {
  return path.split(".").reduce((found, name) => found?.[name], /** @type {any} */ (sight));
}

/**
 * @param {string} attribute
 * @param {(element: HTMLElement, path: string) => void} act
 */
function each(attribute, act) {
  const name = attribute.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  for (const element of document.querySelectorAll(`[data-${attribute}]`)) {
    const found = /** @type {HTMLElement} */ (element);
    act(found, found.dataset[name] ?? "");
  }
}

/** @param {Sight | null} sight */
export function show(sight) {
  each("show", (element, path) => {
    const text = String(at(sight, path) ?? "");
    if (element.textContent !== text) element.textContent = text;
  });
  each("when", (element, path) => element.toggleAttribute("hidden", !at(sight, path)));
  each("unless", (element, path) => element.toggleAttribute("hidden", Boolean(at(sight, path))));
  each("is", (element, path) => {
    element.toggleAttribute("hidden", String(at(sight, path)) !== element.dataset.value);
  });
  each("fit", (element) => {
    const length = (element.textContent ?? "").trim().length;
    element.classList.toggle("hall__name--long", length > 40 && length <= 90);
    element.classList.toggle("hall__name--very-long", length > 90);
  });
}

const first = document.getElementById("sight");
if (first) show(JSON.parse(first.textContent || "null"));
document.addEventListener("floor", (event) => show(/** @type {CustomEvent} */ (event).detail));
