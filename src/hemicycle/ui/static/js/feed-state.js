// When the feed connects again, and what the page says until then. It does not access the DOM, so that
// a test can run it without a browser.

/** @typedef {"connecting" | "live" | "reconnecting" | "lost"} LinkState */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const LOST_AFTER_MS = 12_000;

/**
 * Milliseconds until the next try. They double with each try and are random: thousands of screens
 * lose a server at the same moment, and must not connect again at the same moment.
 * @param {number} tries that have failed since the connection was last up
 * @param {number} [chance] from 0 to 1
 */
export function pauseAfter(tries, chance = Math.random()) {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + chance);
}

/**
 * The state that the page shows after a connection or a try has failed.
 * @param {LinkState} before
 * @param {number} downMs since the connection was last up, or since the page was opened
 * @returns {LinkState}
 */
export function stateAfterBreak(before, downMs) {
  if (downMs > LOST_AFTER_MS) return "lost";
  return before === "connecting" ? "connecting" : "reconnecting";
}
