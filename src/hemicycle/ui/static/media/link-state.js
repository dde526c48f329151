// When a live link connects again, and when it counts as lost. It accesses neither the DOM nor a
// connection, so that a test can run it without a browser.

/** @typedef {"idle" | "connecting" | "up" | "lost" | "closed"} LinkState */

/**
 * Pauses in milliseconds: the first is `from`, each try adds `more`, up to `most`. After `tries` tries the
 * pause is `LATER_MS`.
 * @typedef {{ tries: number, from: number, more: number, most: number }} Pace
 */

/** A lost connection must return within about a second of the engine's return. @type {Pace} */
const BACK = { tries: 24, from: 150, more: 75, most: 1_000 };
/** A first connection is less urgent. @type {Pace} */
const FIRST = { tries: 6, from: 500, more: 600, most: 4_000 };
const LATER_MS = 5_000;
/** A listener receives a packet every 20 ms; a page that only sends receives the engine's reports. */
const SILENT_MS = { listens: 1_000, sends: 3_000 };

/**
 * Milliseconds until the next try, up to a fifth shorter or longer at random.
 * @param {LinkState} state "lost" for a link that was up before
 * @param {number} tries that have failed since then
 * @param {number} [chance] from 0 to 1
 */
export function pauseAfter(state, tries, chance = Math.random()) {
  const pace = state === "lost" ? BACK : FIRST;
  const soon = Math.min(pace.from + pace.more * tries, pace.most);
  return (tries < pace.tries ? soon : LATER_MS) * (0.8 + chance * 0.4);
}

/**
 * Whether the time without a packet is so long that the connection counts as lost.
 * @param {import("./pass.js").Use} use
 * @param {number} silentMs since the last packet
 */
export function isSilent(use, silentMs) {
  return silentMs > (use === "listen" ? SILENT_MS.listens : SILENT_MS.sends);
}

/**
 * Whether to try at once when the network is back or the page is visible again: only after a few
 * tries, since the first pauses are short anyway.
 * @param {LinkState} state
 * @param {number} tries
 */
export function mayHurry(state, tries) {
  return (state === "lost" || state === "connecting") && tries > 2;
}
