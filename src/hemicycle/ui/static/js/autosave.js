// <form data-autosave="URL">: saves the draft shortly after the last change, and shows when it was saved.
// It never prevents the form from being sent: a failure is shown, and the next change tries again.

import { serverNow } from "./clock-sync.js";
import { language, t } from "./messages.js";
import { timeOfDay } from "./time-format.js";

const PAUSE_MS = 1500;

/** @param {HTMLFormElement} form */
function attach(form) {
  const place = /** @type {HTMLElement | null} */ (form.querySelector("[data-autosave-state]"));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {AbortController | undefined} */
  let current;

  /** @param {string} state @param {string} text */
  const say = (state, text) => {
    if (!place) return;
    place.dataset.state = state;
    place.textContent = text;
  };

  const save = async () => {
    current?.abort();
    current = new AbortController();
    say("saving", t("draft.saving"));
    try {
      const body = draft(form);
      const response = await fetch(form.dataset.autosave ?? "", {
        method: "POST",
        body,
        signal: current.signal,
        headers: { "X-Requested-With": "autosave" },
      });
      if (!response.ok) throw new Error(String(response.status));
      say("saved", t("draft.saved", { time: timeOfDay(serverNow(), language) }));
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError") say("failed", t("draft.failed"));
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    current?.abort();
  });
}

/**
 * The form's values without its files, which are uploaded only when the form is sent.
 * @param {HTMLFormElement} form
 */
function draft(form) {
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  return body;
}

for (const form of document.forms) if (form.dataset.autosave) attach(form);
