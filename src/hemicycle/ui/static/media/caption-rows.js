// Captions as they roll up: the newest row at the bottom, older ones above, all gone after a silence.

/** @import { Caption } from "./news.js" */

/** People can read three rows until the next one arrives; more would hide the picture on a phone. */
export const MOST_ROWS = 3;
/** How long rows stay after the time that it took to speak them, in ms. */
export const LINGER_MS = 4_000;

/** The rows of one language. Times are ms of the page's own clock. */
export class CaptionRows {
  /** @type {{ start: number, rows: string[], until: number }[]} */
  #lines = [];

  /** Add a line, or correct the one with the same start. @param {Caption} caption @param {number} now */
  take(caption, now) {
    const rows = caption.text.split("\n").filter(Boolean);
    const until = now + Math.max(0, caption.end_ms - caption.start_ms) + LINGER_MS;
    const line = { start: caption.start_ms, rows, until };
    const same = this.#lines.findIndex(({ start }) => start === caption.start_ms);
    if (same < 0) this.#lines.push(line);
    else this.#lines[same] = line;
    this.#lines = this.#lines.slice(-MOST_ROWS);
  }

  /** The rows that are shown now, the oldest first. @param {number} now */
  shown(now) {
    if (now >= this.goneAt) this.#lines = [];
    return this.#lines.flatMap(({ rows }) => rows).slice(-MOST_ROWS);
  }

  /** When the last rows disappear, unless another line arrives. */
  get goneAt() {
    return Math.max(0, ...this.#lines.map(({ until }) => until));
  }
}
