// Gives htmx's requests the token that Django asks for, from <body data-csrf>.

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  ctx.request.headers["X-CSRFToken"] = document.body.dataset.csrf ?? "";
});
