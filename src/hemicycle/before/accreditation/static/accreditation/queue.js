// <table data-queue>: the reviewer's keys. J and K move down and up the rows, X selects a row,
// O opens it, R moves to the reason. Keys are identified by their position on the keyboard, so that
// they also work with an Arabic or Russian layout.

const TYPING = "input:not([type=checkbox]), textarea, select";
const boxes = /** @type {HTMLInputElement[]} */ ([
  ...document.querySelectorAll("[data-queue] tbody input[type=checkbox]"),
]);

/** @param {number} by */
function move(by) {
  const here = boxes.indexOf(/** @type {HTMLInputElement} */ (document.activeElement));
  const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), boxes.length - 1);
  boxes[next]?.focus();
  boxes[next]?.closest("tr")?.scrollIntoView({ block: "nearest" });
}

/** @returns {HTMLInputElement | undefined} */
function current() {
  return boxes.find((box) => box === document.activeElement);
}

/** @type {Record<string, () => void>} */
const keys = {
  KeyJ: () => move(1),
  KeyK: () => move(-1),
  KeyX: () => current()?.click(),
  KeyO: () => current()?.closest("tr")?.querySelector("a")?.click(),
  KeyR: () => /** @type {HTMLElement | null} */ (document.querySelector("input[name=reason]"))?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (/** @type {Element} */ (event.target).closest?.(TYPING)) return;
  const act = keys[event.code];
  if (!act) return;
  event.preventDefault();
  act();
});

export {};
