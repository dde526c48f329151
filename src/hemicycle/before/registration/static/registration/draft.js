// Marks a form whose draft has been saved, so that submitting the form deletes the draft.

for (const form of document.querySelectorAll("form[data-draft]")) {
  form.addEventListener("input", () => {
    const mark = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=drafted]"));
    if (mark) mark.value = "1";
  });
}
