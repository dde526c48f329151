// Notices of one kind, gathered: what repeats counts up in its line and buries nothing. It touches no
// page, so that a test can run it without a browser.

/** Repetitions within this time of the last one belong to the same line. */
const TOGETHER_MS = 60_000;
/** Values that measure one occurrence, and tell no two kinds apart. */
const MEASURES = new Set(["db", "s"]);

export class Gathered {
  /** @type {Map<string, { count: number, at: number }>} */
  #known = new Map();

  /**
   * How often a notice has come by now in its line: 1 begins a new one.
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
