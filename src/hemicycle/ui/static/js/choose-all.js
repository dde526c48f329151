// <input type="checkbox" data-choose-all hidden> in the head of a table: it ticks the boxes of all
// rows, or none, and shows whether all, some or none are ticked. Without this script it stays hidden.

/** @param {HTMLInputElement} whole */
function follow(whole) {
  const table = /** @type {HTMLTableElement} */ (whole.closest("table"));
  const boxes = /** @type {HTMLInputElement[]} */ ([
    ...table.querySelectorAll("tbody input[type=checkbox]"),
  ]);
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    whole.checked = ticked > 0 && ticked === boxes.length;
    whole.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  whole.addEventListener("change", () => {
    for (const box of boxes) box.checked = whole.checked;
  });
  table.addEventListener("change", show);
  whole.hidden = boxes.length < 2;
  show();
}

for (const whole of document.querySelectorAll("input[data-choose-all]")) {
  follow(/** @type {HTMLInputElement} */ (whole));
}
