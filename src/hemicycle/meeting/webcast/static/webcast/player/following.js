// Whether a viewer follows a webcast live, so that a stall does not leave them behind permanently.

/** The seconds behind the newest picture from which a viewer no longer follows live. */
export const NEAR_S = 4;

export class Following {
  #follows = true;
  #at = 0;

  /** Note the position while the picture plays. @param {number} at seconds */
  plays(at) {
    this.#at = at;
  }

  /**
   * Note a jump. Only a jump back leaves live: players step forward over gaps on their own.
   * @param {number} at seconds
   * @param {number} behind seconds behind the newest picture
   */
  goes(at, behind) {
    if (behind < NEAR_S) this.#follows = true;
    else if (at < this.#at) this.#follows = false;
    this.#at = at;
  }

  /** Note a pause by the viewer, who can then watch what they missed. */
  paused() {
    this.#follows = false;
  }

  /** Whether to jump to the newest picture after a stall. @param {number} behind seconds behind the newest */
  jumps(behind) {
    return this.#follows && behind >= NEAR_S;
  }
}
