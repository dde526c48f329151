// The clock as a value: what it shows at a given time of the server. It does not access the DOM, so that
// a test can run it without a browser. The rules and their reasons are in
// `procedure/clock.py`; both must pass `tests/procedure/clock_vectors.json`.

import { mSs } from "./duration.js";

/**
 * All in milliseconds: `limit_ms` (extensions included), `used_before_ms` up to the last start,
 * `running_since_ms` (server time of that start), `warning_ms`, `at_limit` ("signal" runs on as
 * +m:ss, "cut" stops `grace_ms` after the limit).
 *
 * @typedef {object} ClockState
 * @property {boolean} running
 * @property {number} limit_ms
 * @property {number} used_before_ms
 * @property {number | null} running_since_ms
 * @property {number} warning_ms
 * @property {"signal" | "cut"} [at_limit]
 * @property {number} [grace_ms]
 */

/** @typedef {"free" | "ready" | "speaking" | "warning" | "time" | "stopped"} Phase */

/** The clock while nobody has the floor. @type {ClockState} */
export const EMPTY = {
  running: false,
  limit_ms: 0,
  used_before_ms: 0,
  running_since_ms: null,
  warning_ms: 0,
};

/** The longest time that a clock shows. */
const LONGEST_S = 999 * 60 + 59;

/** The limit that means "no limit", as in `procedure/clock.py`. */
const UNLIMITED_MS = 10 ** 12;

/**
 * Whether there is no limit, so that the clock shows the time used.
 * @param {ClockState} state
 */
export function countsUp(state) {
  return state.limit_ms >= UNLIMITED_MS;
}

/**
 * Whether the rules close the microphone after the limit.
 * @param {ClockState} state
 */
function cuts(state) {
  return state.at_limit === "cut" && !countsUp(state);
}

/**
 * Server time of the last start; null while the clock is stopped.
 * @param {ClockState} state
 */
function sinceOf(state) {
  return state.running ? state.running_since_ms : null;
}

/**
 * Server time at which the microphone is cut; null if the rules do not cut it, or the clock is stopped.
 * @param {ClockState} state
 */
export function cutAt(state) {
  const since = sinceOf(state);
  if (since === null || !cuts(state)) return null;
  return since - state.used_before_ms + state.limit_ms + (state.grace_ms ?? 0);
}

/**
 * Milliseconds used at server time `now`.
 * @param {ClockState} state
 * @param {number} now
 */
export function usedAt(state, now) {
  const counted = state.used_before_ms + Math.max(0, now - (sinceOf(state) ?? now));
  return cuts(state) ? Math.min(counted, state.limit_ms + (state.grace_ms ?? 0)) : counted;
}

/**
 * Milliseconds left at server time `now`; negative over the limit.
 * @param {ClockState} state
 * @param {number} now
 */
export function leftAt(state, now) {
  return state.limit_ms - usedAt(state, now);
}

/**
 * @param {ClockState} state
 * @param {number} now
 * @returns {Phase}
 */
export function phaseAt(state, now) {
  // A discussion that begins after the planned end of its segment is over time from its beginning.
  if (state.limit_ms <= 0 && sinceOf(state) === null) return "free";
  const left = leftAt(state, now);
  if (left <= 0) return "time";
  if (sinceOf(state) === null) return state.used_before_ms > 0 ? "stopped" : "ready";
  const warns = state.warning_ms > 0 && state.warning_ms < state.limit_ms;
  return warns && left <= state.warning_ms ? "warning" : "speaking";
}

/**
 * @param {ClockState} state
 * @param {number} now
 */
export function isWarning(state, now) {
  return phaseAt(state, now) === "warning";
}

/**
 * The key of the word for a phase, for `t` of `messages.js`.
 * @param {Phase} phase
 */
export function wordOf(phase) {
  return `clock.${phase}`;
}

/**
 * Seconds as shown: the time left is rounded up, the time over the limit is rounded down.
 * @param {number} left
 */
export function shownSeconds(left) {
  return left >= 0 ? Math.ceil(left / 1000) : -Math.floor(-left / 1000);
}

/**
 * @param {number} left
 * @returns {string} "2:14", "0:00", "+0:12"
 */
export function figures(left) {
  const seconds = shownSeconds(left);
  return `${seconds < 0 ? "+" : ""}${mSs(Math.min(Math.abs(seconds), LONGEST_S))}`;
}

/**
 * What the clock shows at server time `now`: the time left or, without a limit, the time used.
 * @param {ClockState} state
 * @param {number} now
 */
export function shownAt(state, now) {
  if (!countsUp(state)) return figures(leftAt(state, now));
  return mSs(Math.min(Math.floor(usedAt(state, now) / 1000), LONGEST_S));
}

/**
 * Milliseconds until the shown second changes; a timer may fire slightly early, so one is added.
 * @param {number} left
 */
export function untilChange(left) {
  const rest = left > 0 ? left - (Math.ceil(left / 1000) - 1) * 1000 : 1000 - (-left % 1000);
  return Math.max(1, Math.ceil(rest));
}
