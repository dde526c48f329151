/**
 * Dragging a row onto another fills in the form that moves speakers, except for the reason.
 * With the keyboard, the arrows beside each row and the form itself do the same.
 */

const table = document.querySelector("[data-lists]");
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("#move"));

if (table && form) {
  /** @type {HTMLTableRowElement | null} */
  let dragged = null;

  /** @param {Event} event */
  const rowOf = (event) =>
    /** @type {HTMLTableRowElement | null} */ (
      event.target instanceof Element ? event.target.closest("tr[data-id]") : null
    );

  const clear = () => {
    for (const row of table.querySelectorAll("[data-over], [data-dragged]")) {
      row.removeAttribute("data-over");
      row.removeAttribute("data-dragged");
    }
  };

  table.addEventListener("dragstart", (event) => {
    dragged = rowOf(event);
    dragged?.setAttribute("data-dragged", "");
    if (event instanceof DragEvent && event.dataTransfer && dragged) {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.dataset.id ?? "");
    }
  });

  table.addEventListener("dragover", (event) => {
    const over = rowOf(event);
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    table.querySelector("[data-over]")?.removeAttribute("data-over");
    over.setAttribute("data-over", "");
  });

  table.addEventListener("drop", (event) => {
    const over = rowOf(event);
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    choose("inscription", dragged.dataset.id ?? "");
    choose("before", over.dataset.id ?? "");
    clear();
    form.scrollIntoView({ block: "nearest" });
    /** @type {HTMLInputElement | null} */ (form.querySelector("[name=reason]"))?.focus();
  });

  table.addEventListener("dragend", () => {
    dragged = null;
    clear();
  });
}

/**
 * @param {string} name
 * @param {string} value
 */
function choose(name, value) {
  const field = form?.querySelector(`[name=${name}]`);
  if (field instanceof HTMLSelectElement) field.value = value;
}
