// The open page of the wall requests the newest posts every twenty seconds while it is visible.
//
// Nothing moves while somebody reads: the list is replaced only while neither focus nor pointer is
// in it, and only when its text has changed.

const EVERY_MS = 20_000;

const wall = /** @type {HTMLElement | null} */ (document.querySelector("[data-wall]"));

/** @param {HTMLElement} place */
async function renew(place) {
  if (document.hidden || place.matches(":hover, :focus-within")) return;
  try {
    const answer = await fetch(place.dataset.wall ?? "", { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.body.textContent === place.textContent) return;
    place.replaceChildren(...page.body.childNodes);
  } catch {
    // The connection was interrupted: the next round tries again.
  }
}

if (wall) setInterval(() => renew(wall), EVERY_MS);
