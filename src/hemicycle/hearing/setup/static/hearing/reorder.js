/**
 * A row of a list of forms can be dragged onto another row, or moved with Alt and an arrow key. Both do what the
 * buttons beside the row do: the page is shown again in the new order, and nothing is saved yet.
 */

const editor = /** @type {HTMLFormElement | null} */ (document.querySelector("form.form--wide"));

/**
 * @param {EventTarget | null} at
 * @returns {HTMLElement | null}
 */
const rowOf = (at) => (at instanceof Element ? at.closest("[data-list]") : null);

if (editor) {
  /** @type {HTMLElement | null} */
  let dragged = null;

  /**
   * Return the row of the same list under the pointer.
   * @param {Event} event
   * @returns {HTMLElement | null}
   */
  const overOf = (event) => {
    let over = rowOf(event.target);
    while (over && over.dataset.list !== dragged?.dataset.list) over = rowOf(over.parentElement);
    return over === dragged ? null : over;
  };

  for (const handle of editor.querySelectorAll("[data-handle]")) handle.removeAttribute("hidden");

  editor.addEventListener("dragstart", (event) => {
    if (!(event.target instanceof Element && event.target.matches("[data-handle]"))) return;
    dragged = rowOf(event.target);
    dragged?.setAttribute("data-dragged", "");
    if (event.dataTransfer && dragged) {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(dragged, 0, 0);
    }
  });

  editor.addEventListener("dragover", (event) => {
    const over = dragged && overOf(event);
    editor.querySelector("[data-over]")?.removeAttribute("data-over");
    if (!over) return;
    event.preventDefault();
    over.setAttribute("data-over", "");
  });

  editor.addEventListener("drop", (event) => {
    const over = dragged && overOf(event);
    if (!dragged || !over) return;
    event.preventDefault();
    const { list, place } = dragged.dataset;
    press(`${list}:${place}:${over.dataset.place}`);
  });

  editor.addEventListener("dragend", () => {
    dragged?.removeAttribute("data-dragged");
    editor.querySelector("[data-over]")?.removeAttribute("data-over");
    dragged = null;
  });

  editor.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const row = rowOf(event.target);
    const way = event.key === "ArrowUp" ? "up" : "down";
    const button = row && document.getElementById(`${row.id}-${way}`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
}

/** @param {string} move */
function press(move) {
  const button = document.createElement("button");
  button.hidden = true;
  button.name = "move";
  button.value = move;
  button.setAttribute("formaction", "?");
  editor?.append(button);
  editor?.requestSubmit(button);
}
