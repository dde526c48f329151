// What a page makes of how much of the program picture comes.

/** @typedef {import("./news.js").You} You */

/**
 * Whether the engine leaves the picture out, because the connection bears the sound alone.
 * @param {You | undefined} you
 * @param {boolean} wanted whether the page asked for the picture, and can show it
 */
export function isLeftOut(you, wanted) {
  return wanted && you?.state === "up" && you.seen === "none";
}

/** A connection is poor until it has been good for so long. */
export const CALM_MS = 30_000;

/**
 * Whether packets are lost, or less than the whole picture comes, now.
 * @param {You | undefined} you
 * @param {boolean} wanted
 */
export function isPoor(you, wanted) {
  // Nothing is seen while the connection is being made, on the best of networks.
  return you?.state === "up" && (you.loss >= 1 || (wanted && you.seen !== "whole"));
}

/** Whether what comes should wait a little before it is played, so that lost packets can come again. */
export class Patience {
  #calmAt = 0;

  /** @param {boolean} poor now @param {number} now in ms */
  waits(poor, now) {
    if (poor) this.#calmAt = now + CALM_MS;
    return now < this.#calmAt;
  }
}

/** A frame that is shown so long after it came, in ms, is late: its clock disagrees with the page's. */
export const LATE_MS = 400;
/** Frames in a row that change what is thought of the picture. */
export const FRAMES = 3;

/** Whether this device shows the picture late, because it is too busy or waits for what was lost. */
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
