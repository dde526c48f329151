// How late a picture is, by its own date: a list of segments does not show that all of them are
// old.

/**
 * Seconds between an event and its picture, beyond the intended delay; 0 if unknown.
 * @param {number | null} date when the picture was taken, in ms since the epoch
 * @param {number} now the server's clock, in ms since the epoch
 * @param {number} intended seconds
 */
export function lateness(date, now, intended) {
  if (date === null || Number.isNaN(date)) return 0;
  return Math.max(0, (now - date) / 1000 - (intended || 0));
}
