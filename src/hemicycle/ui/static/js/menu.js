// <details data-menu>: Escape closes it and gives the focus back; so does a click or a focus outside.
// Without this script it opens and closes by its own summary.

/** @type {NodeListOf<HTMLDetailsElement>} */
const menus = document.querySelectorAll("details[data-menu]");

/** @param {Event} event */
function closeOthers({ target }) {
  for (const menu of menus) if (!menu.contains(/** @type {Node} */ (target))) menu.open = false;
}

document.addEventListener("click", closeOthers);
document.addEventListener("focusin", closeOthers);
document.addEventListener("keydown", ({ key }) => {
  for (const menu of menus) {
    if (key !== "Escape" || !menu.open) continue;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
