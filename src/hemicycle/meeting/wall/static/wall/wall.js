// An open wall asks for the newest posts every twenty seconds while somebody looks at it.
//
// Nothing moves under a reader's hand: the list is exchanged only while neither focus nor pointer
// is in it, and only when it says something new.

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
    // Offline for a moment: the next round tries again.
  }
}

if (wall) setInterval(() => renew(wall), EVERY_MS);
