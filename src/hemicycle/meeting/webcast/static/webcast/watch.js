// A meeting on demand: chapters that jump to the speaker, and links to a position.
//
//   #t=754            a second of the recording
//   #slot-<id>        where that speaker has the floor; the chapter has `data-slot`

import "./player/webcast.js";

/** @typedef {import("./player/webcast.js").Webcast} Webcast */

const player = /** @type {Webcast} */ (document.querySelector("hc-webcast"));
const chapters = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-chapter]")]);
const link = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-moment]"));

/** The position in this page's address, in seconds; undefined if there is none. */
function place() {
  const [, name, value] = /^#(t=|slot-)([\w.-]+)$/.exec(location.hash) ?? [];
  if (name === "t=") return Number.isFinite(Number(value)) ? Number(value) : undefined;
  const chapter = chapters.find((chapter) => chapter.dataset.slot === value);
  return chapter && Number(chapter.dataset.chapter);
}

/** @param {number} seconds */
function mark(seconds) {
  const current = chapters.findLast((chapter) => Number(chapter.dataset.chapter) <= seconds + 0.25);
  for (const chapter of chapters) {
    if (chapter === current) chapter.setAttribute("aria-current", "true");
    else chapter.removeAttribute("aria-current");
  }
  if (link) link.value = `${location.origin}${location.pathname}#t=${Math.floor(seconds)}`;
}

document.addEventListener("click", (event) => {
  const chapter = /** @type {Element} */ (event.target).closest("a[data-chapter]");
  if (!(chapter instanceof HTMLElement)) return;
  event.preventDefault();
  history.replaceState(null, "", chapter.getAttribute("href"));
  player.seek(Number(chapter.dataset.chapter));
  player.scrollIntoView({ block: "nearest" });
});
window.addEventListener("hashchange", () => {
  const seconds = place();
  if (seconds !== undefined) player.seek(seconds);
});
player.addEventListener("moment", (event) => mark(/** @type {CustomEvent<number>} */ (event).detail));

const first = place();
if (first !== undefined) {
  player.begin(first);
  mark(first);
}
