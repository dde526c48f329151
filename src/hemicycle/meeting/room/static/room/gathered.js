// Groups notices of one kind, so that a repeated notice increases the count of its line and does
// not push others out of sight. This module does not use the page, so that a test can run it
// without a browser.

/** The maximum time between two notices that are counted in the same line, in ms. */
const TOGETHER_MS = 60_000;
/** Values that measure one occurrence and do not distinguish kinds of notices. */
const MEASURES = new Set(["db", "s"]);

export class Gathered {
  /** @type {Map<string, { count: number, at: number }>} */
  #known = new Map();

  /**
   * Count a notice. `count` is the number of notices in its line; 1 begins a new line.
   * @param {{ code: string, values?: Record<string, string>, at: number }} told
   * @returns {{ key: string, count: number }}
   */
  take({ code, values = {}, at }) {
    const kind = Object.entries(values).filter(([name]) => !MEASURES.has(name));
    const key = JSON.stringify([code, kind]);
    const before = this.#known.get(key);
    const count = before && at - before.at <= TOGETHER_MS ? before.count + 1 : 1;
    this.#known.set(key, { count, at });
    return { key, count };
  }
}
