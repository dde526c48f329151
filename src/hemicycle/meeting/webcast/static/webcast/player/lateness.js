// How late a picture is, by its own date: a list of segments does not tell that all of it is old.

/**
 * Seconds between what happened and what is shown, beyond those that are intended; 0 if unknown.
 * @param {number | null} date when what is shown took place, in ms since the epoch
 * @param {number} now the server's clock, in ms since the epoch
 * @param {number} intended seconds
 */
export function lateness(date, now, intended) {
  if (date === null || Number.isNaN(date)) return 0;
  return Math.max(0, (now - date) / 1000 - (intended || 0));
}
