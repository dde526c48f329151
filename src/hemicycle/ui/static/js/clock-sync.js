// Estimates the server's clock by a burst of requests to /time, about once a minute, after sleep, and when
// the network returns. `clock-estimate.js` evaluates the answers.

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

/** Dispatches "change" after each burst. */
const changes = new EventTarget();

/** Milliseconds since the epoch on the server's clock; this machine's own until the first answer. */
export function serverNow() {
  const now = performance.now();
  return now + (estimate.offset(now) ?? wall);
}

/** The greatest possible error of `serverNow`, in ms; Infinity before the first answer. */
export function uncertainty() {
  return estimate.uncertainty(performance.now());
}

/** Resolves when there is an estimate, or the first burst has failed. */
export function ready() {
  return estimate.known ? Promise.resolve() : measure();
}

/**
 * Runs `then` whenever the estimate may have changed.
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

/** Measure again; forget the samples of a machine whose monotonic clock may have stopped during sleep. */
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
