// Adds and removes rows of a form without submitting it. The page contains all rows; unused ones are hidden.
// Without this script, the same buttons submit the form, and the server adds or removes the row.

for (const list of document.querySelectorAll("[data-rows]")) {
  const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-row]")]);
  const add = /** @type {HTMLElement} */ (list.querySelector("[data-row-add]"));
  const inputs = (/** @type {HTMLElement} */ row) => [...row.querySelectorAll("input")];
  const limit = () => {
    add.hidden = rows.every((row) => !row.hidden);
  };

  const addRow = () => {
    const next = rows.find((row) => row.hidden);
    if (!next) return;
    next.hidden = false;
    inputs(next)[0]?.focus();
    limit();
  };

  /** Moves the rows below up, so that no empty row is left between others. */
  const removeRow = (/** @type {HTMLElement} */ removed) => {
    const from = rows.indexOf(removed);
    rows.slice(from).forEach((row, n) => {
      const below = rows[from + n + 1];
      inputs(row).forEach((input, i) => {
        input.value = below ? (inputs(below)[i]?.value ?? "") : "";
        input.removeAttribute("aria-invalid");
      });
      for (const error of row.querySelectorAll(".field__error")) error.remove();
      for (const field of row.querySelectorAll(".field--error")) field.classList.remove("field--error");
    });
    const last = rows.findLast((row) => !row.hidden);
    if (last && last !== rows[0]) last.hidden = true;
    limit();
    list.dispatchEvent(new Event("input", { bubbles: true }));
    (rows[from]?.hidden ? add : inputs(removed)[0])?.focus();
  };

  list.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    const row = /** @type {HTMLElement | null | undefined} */ (button?.closest("[data-row]"));
    if (button === add) addRow();
    else if (button && row) removeRow(row);
    else return;
    event.preventDefault();
  });
  limit();
}
