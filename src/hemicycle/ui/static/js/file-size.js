// Refuses a file that is larger than its form accepts before any of it is sent, with the sentence of
// the server.

for (const input of document.querySelectorAll("input[type=file][data-most-bytes]")) {
  const field = /** @type {HTMLInputElement} */ (input);
  const said = document.createElement("p");
  said.className = "field__error";
  said.setAttribute("role", "alert");
  field.addEventListener("change", () => {
    const size = field.files?.[0]?.size ?? 0;
    const fits = size <= Number(field.dataset.mostBytes);
    said.textContent = fits ? "" : (field.dataset.tooLarge ?? "");
    if (fits) {
      said.remove();
      return;
    }
    field.value = "";
    field.before(said);
  });
}
