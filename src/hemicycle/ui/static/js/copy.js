// <button data-copy="ID">: copies the text of that element, and the button says so.

import { t } from "./messages.js";

document.addEventListener("click", async (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-copy]");
  if (!(button instanceof HTMLElement)) return;
  const source = document.getElementById(button.dataset.copy ?? "");
  const text = source instanceof HTMLInputElement ? source.value : source?.textContent ?? "";
  const label = button.innerHTML;
  try {
    await navigator.clipboard.writeText(text.trim());
    button.textContent = t("copy.done");
  } catch {
    if (source) getSelection()?.selectAllChildren(source);
    button.textContent = t("copy.failed");
  }
  setTimeout(() => (button.innerHTML = label), 2500);
});
