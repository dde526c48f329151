// Times of day and dates in words. It does not access the DOM, so that a test can run it without a browser.
// `language` is a tag for `Intl`, such as `language` of `messages.js`; times are ms since the epoch.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @satisfies {Record<string, Intl.DateTimeFormatOptions>} */
const KINDS = {
  time: { hour: "2-digit", minute: "2-digit" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "numeric", year: "numeric" },
  full: { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" },
};

/**
 * @param {number} at
 * @param {keyof typeof KINDS} kind
 * @param {string} language
 * @param {string} [timeZone] the reader's own by default
 */
export function written(at, kind, language, timeZone) {
  const format = new Intl.DateTimeFormat(language, { ...KINDS[kind], hourCycle: "h23", timeZone });
  if (language.split("-")[0] !== "fr" || kind === "day") return format.format(at);
  // CLDR lacks the ordinal of French: "1er janvier", but "2 janvier". Python's `times` adds it, too.
  const parts = format.formatToParts(at);
  return parts.map(({ type, value }) => (type === "day" && value === "1" ? "1er" : value)).join("");
}

/**
 * Hours and minutes: "14:05".
 * @param {number} at
 * @param {string} language
 * @param {string} [timeZone] the reader's own by default
 */
export function timeOfDay(at, language, timeZone) {
  return written(at, "time", language, timeZone);
}

/**
 * A time in the reader's own zone, for beside the hearing's time; "" if both are the same.
 * @param {object} moment
 * @param {number} moment.at
 * @param {number} [moment.until] the end, if the moment begins a period
 * @param {boolean} [moment.isTime] the page shows no day, so the day is given only if it differs
 * @param {string} language
 * @param {string} [hearingZone]
 * @param {string} [ownZone] the reader's own by default
 */
export function ownTime({ at, until, isTime = false }, language, hearingZone, ownZone) {
  const own = (/** @type {keyof typeof KINDS} */ kind) => written(at, kind, language, ownZone);
  const there = (/** @type {keyof typeof KINDS} */ kind) => written(at, kind, language, hearingZone);
  if (own("full") === there("full")) return "";
  const time = own(isTime && own("day") === there("day") ? "time" : "short");
  return until === undefined ? time : `${time}–${timeOfDay(until, language, ownZone)}`;
}

/**
 * "in 3 days", "2 hours ago".
 * @param {number} ms from now; negative for a time in the past
 * @param {string} language
 */
export function roughly(ms, language) {
  const size = Math.abs(ms);
  const [unit, length] = /** @type {[Intl.RelativeTimeFormatUnit, number]} */ (
    size >= 2 * DAY ? ["day", DAY]
    : size >= 2 * HOUR ? ["hour", HOUR]
    : size >= 2 * MINUTE ? ["minute", MINUTE]
    : ["second", 1000]
  );
  return new Intl.RelativeTimeFormat(language).format(Math.trunc(ms / length), unit);
}

/**
 * Milliseconds after which the words of `roughly` may be out of date.
 * @param {number} ms from now
 */
export function staleAfter(ms) {
  const size = Math.abs(ms);
  return size < 2 * MINUTE ? 1000 : size < 2 * HOUR ? 10_000 : MINUTE;
}
