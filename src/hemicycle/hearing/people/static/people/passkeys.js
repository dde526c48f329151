// Passkeys: fetches the options from the server, asks the browser for a key, and sends its answer as a form.
//
//   <form data-passkey-add="URL"> or <form data-passkey-use="URL">, with a hidden input "credential"

const can = "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;

/**
 * @param {HTMLFormElement} form
 * @param {string} url
 */
async function options(form, url) {
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken"));
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token.value } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).publicKey;
}

/** @param {HTMLFormElement} form */
async function ask(form) {
  const { passkeyAdd = "", passkeyUse = "" } = form.dataset;
  if (passkeyAdd) {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await options(form, passkeyAdd));
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await options(form, passkeyUse));
  return navigator.credentials.get({ publicKey });
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const said = /** @type {HTMLElement} */ (form.querySelector("[data-passkey-said]"));
  const place = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
  said.textContent = "";
  try {
    place.value = JSON.stringify(await ask(form));
    form.submit();
  } catch {
    said.textContent = said.dataset.failed ?? "";
  }
}

if (can) {
  for (const part of document.querySelectorAll("[data-passkey]")) part.removeAttribute("hidden");
  for (const part of document.querySelectorAll("[data-passkey-lacking]")) part.remove();
  for (const form of document.querySelectorAll("[data-passkey-add], [data-passkey-use]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(/** @type {HTMLFormElement} */ (form));
    });
  }
}
