// The public's live page: the floor, and the chronicle, newest first.
//
// Each frame has the newest lines and the number of all lines. A page that has all other lines
// requests nothing. A page that missed some fetches the list after a random pause, because
// thousands of pages may have missed the same lines.

import { mSs } from "../js/duration.js";
import { language } from "../js/messages.js";
import { timeOfDay } from "../js/time-format.js";
import { data, follow, put } from "../state/screen.js";
import { isHeld } from "../state/snapshot.js";

/** @import { ChronicleLine, HearingWords, MeetingView } from "../state/snapshot.js" */

const SPREAD_MS = 4_000;
/** How long the page of a closed meeting stays before it shows the next one, in ms. */
const READ_MS = 4_000;

const list = document.getElementById("chronicle");
/** @type {MeetingView | null} */
const first = data("snapshot");
let fetching = false;

/** @param {HTMLElement} item @param {ChronicleLine} line @param {HearingWords} [words] */
function fill(item, line, words) {
  const show = (/** @type {string} */ name, /** @type {string} */ text) => {
    const place = item.querySelector(`[data-of="${name}"]`);
    if (place) put(place, text, words);
  };
  show("name", line.name);
  show("more", line.more);
  show("reader", line.reader);
  item.querySelector('[data-of="chairs"]')?.toggleAttribute("hidden", !line.chairs);
  item.querySelector('[data-of="read"]')?.toggleAttribute("hidden", !line.is_read);
  if (line.used_ms !== null) show("used", mSs(Math.round(line.used_ms / 1000)));
  item.querySelector('[data-of="speaking"]')?.toggleAttribute("hidden", line.used_ms !== null);
  item.querySelector('[data-of="spoke"]')?.toggleAttribute("hidden", line.used_ms === null);
  const at = item.querySelector("[data-at]");
  if (at && !at.textContent) at.textContent = timeOfDay(line.at, language, list?.dataset.zone);
}

/** @param {ChronicleLine} line */
function made(line) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector(`template[data-line="${line.kind}"]`));
  const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  item.dataset.key = line.key;
  return item;
}

/**
 * Make the list begin with these lines, and remove lines of undone acts.
 * @param {HTMLElement} all @param {ChronicleLine[]} newest @param {HearingWords} [words]
 */
function bring(all, newest, words) {
  const items = () => /** @type {HTMLElement[]} */ ([...all.children]);
  const keys = new Set(newest.map((line) => line.key));
  const last = items().findLastIndex((item) => keys.has(item.dataset.key ?? ""));
  items().slice(0, last + 1).filter((item) => !keys.has(item.dataset.key ?? "")).forEach((item) => item.remove());
  newest.forEach((line, place) => {
    const known = items().find((item) => item.dataset.key === line.key);
    const item = known ?? made(line);
    fill(item, line, words);
    if (all.children[place] !== item) all.insertBefore(item, all.children[place] ?? null);
  });
}

/** @param {HTMLElement} all @param {number} count */
function complete(all, count) {
  if (fetching || all.childElementCount === count) return;
  fetching = true;
  setTimeout(async () => {
    const answer = await fetch(all.dataset.url ?? "").catch(() => null);
    if (answer?.ok) all.innerHTML = await answer.text();
    fetching = false;
  }, Math.random() * SPREAD_MS);
}

/** Load the next meeting; a viewer whose webcast still plays sees it to its end first. */
function goOn() {
  const watching = document.querySelector('hc-webcast:is([data-state="playing"], [data-state="loading"])');
  const pause = Math.random() * SPREAD_MS;
  if (watching) setTimeout(goOn, pause);
  else setTimeout(() => location.reload(), READ_MS + pause);
}

const channel = /** @type {HTMLSelectElement | null} */ (document.querySelector("[data-channels]"));
let leaving = false;

const again = follow((view) => {
  if (view.meeting.id !== first?.meeting.id) {
    if (!leaving) goOn();
    leaving = true;
  }
  else if (list) {
    bring(list, view.lines, view.words);
    complete(list, view.line_count);
  }
  return { ...view, held: isHeld(view), hears_floor: view.uninterpreted.includes(channel?.value ?? "") };
});
channel?.addEventListener("change", () => again());
