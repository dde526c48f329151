// The reader's own time beside the hearing's, and what is left until a deadline.
//
//   <span data-local="2021-07-13T14:00:00Z" data-zone="America/New_York" data-kind="time" hidden>
//   <span data-left="2021-07-05T21:00:00Z">closes in 3 days</span>

import { ready, serverNow } from "./clock-sync.js";
import { language, t } from "./messages.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const KINDS = {
  time: { hour: "2-digit", minute: "2-digit" },
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "numeric", year: "numeric" },
  full: { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" },
};

/**
 * @param {Date} at
 * @param {string} kind
 * @param {string} [timeZone] the reader's own by default
 */
function write(at, kind, timeZone) {
  const options = { ...(KINDS[kind] ?? KINDS.full), hourCycle: /** @type {const} */ ("h23"), timeZone };
  return new Intl.DateTimeFormat(language, options).format(at);
}

/** @param {HTMLElement} place */
function tellLocal(place) {
  const { local = "", until = "", zone, kind = "full" } = place.dataset;
  const at = new Date(local);
  if (write(at, "full") === write(at, "full", zone)) return; // the hearing's time is the reader's
  const otherDay = write(at, "day") !== write(at, "day", zone);
  let time = write(at, kind === "time" && !otherDay ? "time" : "short");
  if (until) time += `–${write(new Date(until), "time")}`;
  place.textContent = t("time.yours", { time });
  place.hidden = false;
}

/**
 * "in 3 days", "2 hours ago", in the page's language.
 * @param {number} ms
 */
export function roughly(ms) {
  const size = Math.abs(ms);
  const [unit, length] = /** @type {[Intl.RelativeTimeFormatUnit, number]} */ (
    size >= 2 * DAY ? ["day", DAY]
    : size >= 2 * HOUR ? ["hour", HOUR]
    : size >= 2 * MINUTE ? ["minute", MINUTE]
    : ["second", 1000]
  );
  return new Intl.RelativeTimeFormat(language).format(Math.trunc(ms / length), unit);
}

/** @param {HTMLElement} place */
function tellLeft(place) {
  const left = Date.parse(place.dataset.left ?? "") - serverNow();
  place.textContent = t(left > 0 ? "time.closes" : "time.closed", { time: roughly(left) });
  const delay = Math.abs(left) < 2 * MINUTE ? 1000 : Math.abs(left) < 2 * HOUR ? 10_000 : MINUTE;
  setTimeout(() => place.isConnected && tellLeft(place), delay);
}

/** @param {ParentNode} root */
export function tell(root) {
  for (const place of root.querySelectorAll("[data-local]")) tellLocal(/** @type {HTMLElement} */ (place));
  const ends = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-left]"));
  if (ends.length) ready().then(() => ends.forEach(tellLeft));
}

tell(document);
document.addEventListener("htmx:after:swap", () => tell(document));
