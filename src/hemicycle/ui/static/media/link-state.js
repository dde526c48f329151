// When a live link connects again, and when it counts as lost. It touches no page and no connection,
// so that a test can run it without a browser.

/** @typedef {"idle" | "connecting" | "up" | "lost" | "closed"} LinkState */

/**
 * Pauses in milliseconds: `from`, and `more` after each try, up to `most`; after so many `tries` a
 * fixed longer one.
 * @typedef {{ tries: number, from: number, more: number, most: number }} Pace
 */

/** A lost connection is back within a second after the engine is. @type {Pace} */
const BACK = { tries: 24, from: 150, more: 75, most: 1_000 };
/** A first connection can wait for it. @type {Pace} */
const FIRST = { tries: 6, from: 500, more: 600, most: 4_000 };
const LATER_MS = 5_000;
/** Packets come every 20 ms where one listens; where one only sends, the engine's reports do. */
const SILENT_MS = { listens: 1_000, sends: 3_000 };

/**
 * Milliseconds until the next try, a fifth shorter or longer by chance.
 * @param {LinkState} state "lost" for a link that was up
 * @param {number} tries that have failed since it was
 * @param {number} [chance] from 0 to 1
 */
export function pauseAfter(state, tries, chance = Math.random()) {
  const pace = state === "lost" ? BACK : FIRST;
  const soon = Math.min(pace.from + pace.more * tries, pace.most);
  return (tries < pace.tries ? soon : LATER_MS) * (0.8 + chance * 0.4);
}

/**
 * Whether no packet has come for so long that the connection counts as lost.
 * @param {import("./pass.js").Use} use
 * @param {number} silentMs since the last packet
 */
export function isSilent(use, silentMs) {
  return silentMs > (use === "listen" ? SILENT_MS.listens : SILENT_MS.sends);
}

/**
 * Whether to try at once when the network is back or somebody looks again: only after a few tries,
 * since the first pauses are short anyway.
 * @param {LinkState} state
 * @param {number} tries
 */
export function mayHurry(state, tries) {
  return (state === "lost" || state === "connecting") && tries > 2;
}
