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

/**
 * Whether sound should wait a little before it is played, so that lost packets can come again.
 * @param {You | undefined} you
 * @param {boolean} wanted
 */
export function isPoor(you, wanted) {
  return Boolean(you) && (Number(you?.loss) >= 1 || (wanted && you?.seen !== "whole"));
}
