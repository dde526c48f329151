// The page's view of the check: each finding by shape and words, the verdict, and whether the site
// has saved the result.

import { t } from "../js/messages.js";
import { Check } from "../media/check.js";

/** @type {Record<import("../media/check.js").Outcome, { tone: string, shape: string }>} */
const LOOKS = {
  running: { tone: "info", shape: '<circle cx="12" cy="12" r="9.5"/><path d="M12 6.5V12l4 2.5"/>' },
  passed: { tone: "ok", shape: '<path d="M5 13l4 4L19 7"/>' },
  warned: { tone: "warn", shape: '<path d="M12 3.5L22 20.5H2z"/><path d="M12 10v5M12 17.6v.2"/>' },
  failed: { tone: "bad", shape: '<path d="M6 6l12 12M18 6L6 18"/>' },
};

/** @param {import("../media/own.js").Own} own @param {string} pass */
export function checkedBy(own, pass) {
  const root = /** @type {HTMLElement} */ (document.querySelector("[data-check]"));
  const check = new Check(own, pass);
  const key = /** @type {HTMLButtonElement} */ (root.querySelector("[data-run]"));
  key.addEventListener("click", async () => {
    await check.run();
    if (check.passed) said(root, check);
  });
  check.addEventListener("changed", () => show(root, check));
  key.disabled = false; // the page disables the button until now, so that no press is lost
  return check;
}

/** @param {HTMLElement} root @param {Check} check */
function show(root, check) {
  for (const [what, found] of Object.entries(check.findings)) {
    const item = /** @type {HTMLElement} */ (root.querySelector(`[data-of="${what}"]`));
    item.hidden = false;
    badge(/** @type {HTMLElement} */ (item.querySelector("[data-outcome]")), found.outcome);
    const place = /** @type {HTMLElement} */ (item.querySelector("[data-sentence]"));
    if (place.textContent !== found.sentence) place.textContent = found.sentence;
  }
  const over = !check.running && Object.keys(check.findings).length > 0;
  root.querySelector('[data-verdict="passed"]')?.toggleAttribute("hidden", !(over && check.passed));
  root.querySelector('[data-verdict="failed"]')?.toggleAttribute("hidden", !over || check.passed);
  /** @type {HTMLButtonElement} */ (root.querySelector("[data-run]")).disabled = check.running;
}

/** @param {HTMLElement} place @param {import("../media/check.js").Outcome} outcome */
function badge(place, outcome) {
  if (place.dataset.outcome === outcome) return;
  place.dataset.outcome = outcome;
  const { tone, shape } = LOOKS[outcome];
  place.className = `badge tone-${tone}`;
  place.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg><span></span>`;
  /** @type {HTMLElement} */ (place.lastElementChild).textContent = t(`check.${outcome}`);
}

/** @param {HTMLElement} root @param {Check} check */
function said(root, check) {
  const told = /** @type {HTMLElement} */ (root.querySelector("[data-checked]"));
  told.textContent = t(check.measured?.noted ? "check.noted" : "check.not_noted");
}
