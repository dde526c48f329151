// The server's clock, as this screen knows it: a burst of requests to /time, repeated now and then,
// and after sleep or when the network returns. `clock-estimate.js` evaluates the answers.

import { ClockEstimate } from "./clock-estimate.js";

const BURST = 7;
const REFRESH_MS = 60_000;
const RETRY_MS = 5_000;

const estimate = new ClockEstimate();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {Promise<void> | undefined} */
let running;
let wall = Date.now() - performance.now();

/** Called at every better estimate. */
const changes = new EventTarget();

/** Milliseconds since the epoch on the server's clock; this machine's own until the first answer. */
export function serverNow() {
  const now = performance.now();
  return now + (estimate.offset(now) ?? wall);
}

/** Half the width of the interval, in ms, that the server's clock must lie in; Infinity before. */
export function uncertainty() {
  return estimate.uncertainty(performance.now());
}

/** Resolves when the clock is set for the first time. */
export function ready() {
  return estimate.known ? Promise.resolve() : measure();
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
  estimate.add(server, began, ended);
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
  if (Math.abs(here - wall) > 250) estimate.forget();
  wall = here;
  if (document.visibilityState === "visible") measure();
}

document.addEventListener("visibilitychange", check);
window.addEventListener("pageshow", check);
window.addEventListener("online", check);
measure();
