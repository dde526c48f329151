// A form is sent once: a second press while the first is under way does nothing. The form's
// idempotency key (a hidden field) has the same effect if the server receives a form twice.
// Opt out with data-many; coming back to the page makes the form usable again.

import { keyOf } from "./form-key.js";
import { t } from "./messages.js";

const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
const page = { place: location.pathname, returned: navigation?.type === "back_forward" };

/** @param {HTMLFormElement} form @param {HTMLElement | null} button */
function hold(form, button) {
  form.dataset.sending = "";
  form.setAttribute("aria-busy", "true");
  if (!button?.classList.contains("btn--primary")) return;
  // The button keeps its name and value, so it is not disabled before the form is read.
  button.dataset.label = button.innerHTML;
  button.setAttribute("aria-disabled", "true");
  button.textContent = t("submit.sending");
}

/** @param {HTMLFormElement} form */
function release(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[data-label]")) {
    const held = /** @type {HTMLElement} */ (button);
    held.innerHTML = held.dataset.label ?? "";
    held.removeAttribute("aria-disabled");
    delete held.dataset.label;
  }
}

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (event.defaultPrevented || form.method !== "post" || "many" in form.dataset) return;
  if ("sending" in form.dataset) {
    event.preventDefault();
    return;
  }
  hold(form, /** @type {SubmitEvent} */ (event).submitter);
  const key = form.elements.namedItem("form_key");
  if (key instanceof HTMLInputElement) key.value = keyOf(sessionStorage, page, new FormData(form), key.value);
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) release(form);
});
