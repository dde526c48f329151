// <p data-awaits="…/meeting.json">: waits for a recording that is being made, then reloads the
// page.

const LOOK_MS = 5_000;
const facts = /** @type {HTMLElement} */ (document.querySelector("[data-awaits]")).dataset.awaits ?? "";

async function look() {
  const answer = await fetch(facts, { cache: "no-store" }).catch(() => null);
  const found = answer?.ok ? await answer.json().catch(() => null) : null;
  if (found?.ended) location.reload();
}

setInterval(look, LOOK_MS);
