// The state of the public feed, and the button that stops it.
//
// A stop is sent in two ways at once: to the engine, which drops the delayed sound and picture
// before the stop is on the record, and to the record, repeatedly until it is saved. A resumption
// is only sent to the record.

import { t } from "../js/messages.js";
import { onView } from "../state/screen.js";

const AGAIN_MS = 1_000;
const TRIES = 30;

/** @param {import("../media/link.js").Link} link */
export function publicFeed(link) {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-public-feed]"));
  if (!form) return;
  const stop = /** @type {HTMLButtonElement | null} */ (form.querySelector("[data-feed-stop]"));
  const resume = /** @type {HTMLButtonElement | null} */ (form.querySelector("[data-feed-resume]"));
  const why = /** @type {HTMLElement | null} */ (form.querySelector("[data-feed-why]"));
  const said = /** @type {HTMLElement} */ (form.querySelector("[data-feed-said]"));
  const delay = /** @type {HTMLElement} */ (form.querySelector("[data-feed-delay]"));
  let recorded = form.hasAttribute("data-stopped");
  let phase = form.dataset.phase;
  let pressed = false;

  function draw() {
    const told = link.state === "up" ? link.latest.feed : undefined;
    const stopped = pressed || recorded || told?.state === "stopped";
    const runs = phase === "open" || phase === "suspended";
    // Without the engine, the state of the feed is unknown: it may be stopped, or the engine gone.
    const state = stopped ? "stopped" : runs ? (told?.state ?? "unknown") : "closed";
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (form?.querySelectorAll("[data-feed-is]") ?? [])) {
      element.hidden = element.dataset.feedIs !== state;
    }
    if (stop) stop.hidden = stopped;
    if (resume) resume.hidden = !stopped;
    if (why) why.hidden = !stopped;
    delay.hidden = !told?.delay_s;
    if (told?.delay_s) delay.textContent = t("feed.delay", { s: told.delay_s });
  }

  onView((view) => {
    if (!view) return;
    phase = view.meeting.phase;
    recorded = view.feed.stopped;
    pressed = pressed && !recorded;
    if (resume) resume.value = `resume_feed:${view.feed.stop}`;
    draw();
  });
  link.addEventListener("feed", draw);
  link.addEventListener("state", draw);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    const stops = button === stop;
    if (stops) {
      pressed = true;
      draw();
      why?.querySelector("input")?.focus(); // not the button: a second press must not resume
      link.control("stop_feed").catch(() => {});
    }
    said.textContent = await send(form, button.value, stops ? TRIES : 1);
    if (!stops && !said.textContent) form.reset();
    if (said.textContent && !stops) draw();
  });
  draw();
}

/**
 * Send a press to the record; return the sentence of a refusal, or "".
 * @param {HTMLFormElement} form
 * @param {string} press
 * @param {number} tries
 */
async function send(form, press, tries) {
  const body = new FormData(form);
  body.set("press", press);
  for (let number = 0; number < tries; number += 1) {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(
      () => null,
    );
    if (answer?.ok) return "";
    if (answer && answer.status < 500) {
      const { error } = await answer.json().catch(() => ({}));
      return error ?? t("feed.not_recorded");
    }
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
  return t("feed.not_recorded");
}
