// <button data-key="e">…<kbd>E</kbd></button>: the key presses the button, for consoles.
//
// It does nothing while someone types, with Ctrl, Alt or Meta, or on auto-repeat. `data-key` is the
// key as printed ("e", "Enter", " "); letters also match by their place on the keyboard, so that a
// console works while the keyboard is set to Arabic or Russian. `data-hold` presses on key down
// and fires "release" on key up (the cough key).

const TYPING = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";

/** @param {KeyboardEvent} event @returns {HTMLElement | undefined} */
function target(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const at = /** @type {Element} */ (event.target);
  if (at.closest?.(TYPING)) return undefined;
  if ((event.key === "Enter" || event.key === " ") && at.closest?.("a, button, summary")) return undefined;
  const letter = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : "";
  const keys = new Set([event.key.toLowerCase(), letter]);
  return [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-key]"))].find(
    (button) => keys.has((button.dataset.key ?? "").toLowerCase()) && usable(button),
  );
}

/** @param {HTMLElement} button */
function usable(button) {
  return (
    button.getClientRects().length > 0 &&
    !button.matches(":disabled, [aria-disabled='true']") &&
    !button.closest("[inert]")
  );
}

document.addEventListener("keydown", (event) => {
  const button = target(event);
  if (!button) return;
  event.preventDefault();
  if (!event.repeat) button.click();
});

// On a page where Enter or Space is such a key, a click with a pointer removes the focus from the button,
// which the key would otherwise press again. A press by keyboard (whose detail is 0) keeps the focus.
document.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest?.("button");
  if (event.detail && button && document.querySelector("[data-key='Enter'], [data-key=' ']")) button.blur();
});

document.addEventListener("keyup", (event) => {
  const button = target(event);
  if (button && "hold" in button.dataset) button.dispatchEvent(new CustomEvent("release"));
});
