// The remaining time of a transfer. It does not access the DOM, so that a test can run it without a browser.

const LATELY_MS = 10_000;
const LEAST_MS = 1000;

/** The bytes that were sent up to a time in ms. @typedef {{at: number, sent: number}} Sample */

/**
 * Seconds left at the pace of the last ten seconds; undefined while there are too few samples.
 * @param {Sample[]} samples the oldest first; those that are no longer needed are removed
 * @param {number} total bytes
 */
export function secondsLeft(samples, total) {
  const last = samples.at(-1);
  while (samples.length > 2 && last && samples[1].at < last.at - LATELY_MS) samples.shift();
  const first = samples[0];
  if (!last || last.at - first.at < LEAST_MS || last.sent <= first.sent) return undefined;
  return ((total - last.sent) * (last.at - first.at)) / (last.sent - first.sent) / 1000;
}
