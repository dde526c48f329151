// Whether somebody follows a webcast live, so that a stall does not leave them behind for good.

/** Seconds behind which one does not follow live any more. */
export const NEAR_S = 4;

export class Following {
  #follows = true;
  #at = 0;

  /** Where the picture is, as it plays. @param {number} at seconds */
  plays(at) {
    this.#at = at;
  }

  /**
   * The picture goes elsewhere. Players also step forward over gaps, which nobody asked for.
   * @param {number} at seconds
   * @param {number} behind seconds behind the newest
   */
  goes(at, behind) {
    if (behind < NEAR_S) this.#follows = true;
    else if (at < this.#at) this.#follows = false;
    this.#at = at;
  }

  /** They stopped the picture: what they missed waits for them. */
  paused() {
    this.#follows = false;
  }

  /** Whether to go on at the newest after a stall. @param {number} behind seconds behind the newest */
  jumps(behind) {
    return this.#follows && behind >= NEAR_S;
  }
}
