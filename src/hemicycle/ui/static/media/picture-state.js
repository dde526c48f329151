// Judges the connection and the device by how the program picture arrives.

/** @typedef {import("./news.js").You} You */

/**
 * Whether the engine leaves the picture out, because the connection has room only for the sound.
 * @param {You | undefined} you
 * @param {boolean} wanted whether the page asked for the picture, and can show it
 */
export function isLeftOut(you, wanted) {
  return wanted && you?.state === "up" && you.seen === "none";
}

/** A connection counts as poor until it has been good for so long, in ms. */
export const CALM_MS = 30_000;

/**
 * Whether packets are being lost, or less than the whole picture arrives.
 * @param {You | undefined} you
 * @param {boolean} wanted
 */
export function isPoor(you, wanted) {
  // While the connection is being made, no picture arrives even on the best network.
  return you?.state === "up" && (you.loss >= 1 || (wanted && you.seen !== "whole"));
}

/** Decides whether playback should be delayed a little, so that lost packets can be sent again. */
export class Patience {
  #calmAt = 0;

  /** @param {boolean} poor now @param {number} now in ms */
  waits(poor, now) {
    if (poor) this.#calmAt = now + CALM_MS;
    return now < this.#calmAt;
  }
}

/** A frame that is shown so many ms after its arrival is late: the clock in it differs from the page's. */
export const LATE_MS = 400;
/** How many frames in a row change the verdict. */
export const FRAMES = 3;

/** Decides whether this device shows the picture late, because it is busy or waits for lost packets. */
export class Lateness {
  late = false;
  #against = 0;

  /** @param {number} ms from the arrival of a frame until it is shown */
  take(ms) {
    this.#against = ms >= LATE_MS === this.late ? 0 : this.#against + 1;
    if (this.#against < FRAMES) return;
    this.late = !this.late;
    this.#against = 0;
  }
}
