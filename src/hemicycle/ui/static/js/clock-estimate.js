// An estimate of the server's clock from answers of GET /time, as in NTP. It does not access the
// DOM or a clock, so that a test can run it without a browser.
//
// The server read its clock somewhere between the request and the answer, so the answer's offset is
// wrong by at most half of the round trip: the shortest one is the best sample. Times are on the
// monotonic clock of this machine, which adjustments of its wall clock do not change. A sample ages: a
// quartz may drift by 50 parts per million, so its error grows by as much, and a newer sample wins.

/** @typedef {{ offset: number, error: number, at: number }} Sample */

/** By how much a quartz may run fast or slow, as a share of the time. */
export const DRIFT = 50e-6;
/** How many samples are kept. */
export const KEPT = 24;

export class ClockEstimate {
  /** @type {Sample[]} */
  #samples = [];

  /** Whether there is an estimate. */
  get known() {
    return this.#samples.length > 0;
  }

  /**
   * Take an answer of the server.
   * @param {number} server ms since the epoch, rounded down
   * @param {number} began when it was asked, in ms on the monotonic clock
   * @param {number} ended when the answer came, on the same clock
   */
  add(server, began, ended) {
    // The server rounds down, so half a millisecond is added to the time, and to its possible error.
    const offset = server + 0.5 - (began + ended) / 2;
    this.#samples.push({ offset, error: (ended - began) / 2 + 0.5, at: ended });
    this.#samples = this.#samples.slice(-KEPT);
  }

  /** Forget all samples: the monotonic clock may have stood still. */
  forget() {
    this.#samples = [];
  }

  /**
   * The offset to add to the monotonic clock's `now` for the server's time; undefined before an answer.
   * @param {number} now
   */
  offset(now) {
    return this.#best(now)?.offset;
  }

  /**
   * By how many milliseconds the estimate may be wrong at `now`; Infinity before an answer.
   * @param {number} now
   */
  uncertainty(now) {
    const best = this.#best(now);
    return best ? errorAt(best, now) : Infinity;
  }

  /** @param {number} now @returns {Sample | undefined} */
  #best(now) {
    return this.#samples.reduce(
      (/** @type {Sample | undefined} */ best, sample) =>
        best && errorAt(best, now) <= errorAt(sample, now) ? best : sample,
      undefined,
    );
  }
}

/** @param {Sample} sample @param {number} now */
function errorAt(sample, now) {
  return sample.error + (now - sample.at) * DRIFT;
}
