// The server's clock, as this screen knows it.
//
// A burst of samples of GET /time, as in NTP: the sample with the shortest round trip bounds the
// error by half of it. Time runs on `performance.now()`, which no adjustment of the wall clock
// moves. A sample ages: a quartz may drift by 50 millionths, so that much is added to its error
// and a fresher sample wins. After sleep, or when the network returns, old samples are dropped.

/** @typedef {{ offset: number, error: number, at: number }} Sample */

const BURST = 7;
const REFRESH_MS = 60_000;
const RETRY_MS = 5_000;
const DRIFT = 50e-6;
const KEPT = 24;

/** @type {Sample[]} */
let samples = [];
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {Promise<void> | undefined} */
let running;
let wall = Date.now() - performance.now();

/** Called at every better estimate. */
const changes = new EventTarget();

/** @returns {Sample | undefined} */
function best() {
  const now = performance.now();
  /** @param {Sample} s */
  const error = (s) => s.error + (now - s.at) * DRIFT;
  return samples.reduce(
    (/** @type {Sample | undefined} */ a, b) => (a && error(a) <= error(b) ? a : b),
    undefined,
  );
}

/** Milliseconds since the epoch on the server's clock; this machine's own until the first answer. */
export function serverNow() {
  const sample = best();
  return performance.now() + (sample ? sample.offset : wall);
}

/** Half the width of the interval, in ms, that the server's clock must lie in; Infinity before. */
export function uncertainty() {
  const sample = best();
  return sample ? sample.error + (performance.now() - sample.at) * DRIFT : Infinity;
}

/** Resolves when the clock is set for the first time. */
export function ready() {
  return samples.length ? Promise.resolve() : measure();
}

/**
 * Runs `then` whenever the estimate has changed.
 * @param {() => void} then
 * @returns {() => void} stops it
 */
export function onChange(then) {
  changes.addEventListener("change", then);
  return () => changes.removeEventListener("change", then);
}

async function sample() {
  const began = performance.now();
  const response = await fetch("/time", { cache: "no-store", credentials: "omit" });
  const server = Number(await response.text());
  const ended = performance.now();
  if (!response.ok || !Number.isFinite(server)) throw new Error("no time");
  // The server tells whole milliseconds, rounded down: half of one is added.
  const offset = server + 0.5 - (began + ended) / 2;
  samples.push({ offset, error: (ended - began) / 2 + 0.5, at: ended });
  samples = samples.slice(-KEPT);
}

async function burst() {
  try {
    for (let i = 0; i < BURST; i += 1) await sample();
    schedule(REFRESH_MS);
  } catch {
    schedule(RETRY_MS);
  } finally {
    running = undefined;
    changes.dispatchEvent(new Event("change"));
  }
}

function measure() {
  return (running ??= burst());
}

/** @param {number} delay */
function schedule(delay) {
  clearTimeout(timer);
  timer = setTimeout(measure, delay * (0.9 + Math.random() * 0.2));
}

/** A machine that slept may have stopped the monotonic clock: what was measured is worth nothing. */
function check() {
  const here = Date.now() - performance.now();
  if (Math.abs(here - wall) > 250) samples = [];
  wall = here;
  if (document.visibilityState === "visible") measure();
}

document.addEventListener("visibilitychange", check);
window.addEventListener("pageshow", check);
window.addEventListener("online", check);
measure();
