// Captions in a language that the reader chooses: the menu `[data-captions]` and the rows below the
// picture, `[data-caption-rows]`. The lines come from the engine over a `Link` that listens.

/** @import { Caption } from "./news.js" */

import { CaptionRows } from "./caption-rows.js";

const LANGUAGE_KEY = "hemicycle-captions";

/**
 * Show the captions that arrive over a link, if the page has a place for them.
 *
 * @param {ParentNode} root where the menu and the rows are
 * @param {import("./link.js").Link} link
 */
export function showCaptions(root, link) {
  const menu = /** @type {HTMLSelectElement | null} */ (root.querySelector("[data-captions]"));
  const place = /** @type {HTMLElement | null} */ (root.querySelector("[data-caption-rows]"));
  if (menu && place) new Captions(menu, place, link);
}

class Captions {
  #rows = new CaptionRows();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #gone;

  /** @param {HTMLSelectElement} menu @param {HTMLElement} place @param {import("./link.js").Link} link */
  constructor(menu, place, link) {
    this.menu = menu;
    this.place = place;
    const wanted = localStorage.getItem(LANGUAGE_KEY) ?? "";
    if ([...menu.options].some(({ value }) => value === wanted)) menu.value = wanted;
    menu.addEventListener("change", () => this.#choose());
    link.addEventListener("caption", (event) => this.#take(/** @type {CustomEvent<Caption>} */ (event).detail));
    this.#draw();
  }

  #choose() {
    localStorage.setItem(LANGUAGE_KEY, this.menu.value);
    this.#rows = new CaptionRows();
    this.#draw();
  }

  /** @param {Caption} caption */
  #take(caption) {
    if (caption.language !== this.menu.value) return;
    this.#rows.take(caption, performance.now());
    this.#draw();
  }

  #draw() {
    const now = performance.now();
    const texts = this.#rows.shown(now);
    this.place.hidden = !this.menu.value;
    this.place.lang = this.menu.value;
    this.place.replaceChildren(...texts.map(rowOf));
    clearTimeout(this.#gone);
    if (texts.length) this.#gone = setTimeout(() => this.#draw(), this.#rows.goneAt - now);
  }
}

/** @param {string} text */
function rowOf(text) {
  const row = document.createElement("span");
  row.textContent = text;
  row.dir = "auto";
  return row;
}
