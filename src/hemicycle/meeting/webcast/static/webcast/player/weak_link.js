// Whether a link carries the picture, by how long the player waited for it.

const MOST_WAITED_S = 8;
/** For each second that plays, so much waiting is forgiven. */
const FORGIVEN_S = 0.25;
const AGAIN_S = 60;
const LATEST_S = 480;

export class WeakLink {
  #waited = 0;
  #again = AGAIN_S;
  #alone = 0;

  /** A second passed with a picture. @param {boolean} waits whether the player waited for it */
  passes(waits) {
    this.#waited = waits ? this.#waited + 1 : Math.max(0, this.#waited - FORGIVEN_S);
  }

  /** Whether the picture should give way to the sound. */
  get gives() {
    return this.#waited >= MOST_WAITED_S;
  }

  /** The sound is alone from now on; the picture is tried again, each time later. */
  begin() {
    this.#waited = 0;
    this.#alone = this.#again;
    this.#again = Math.min(2 * this.#again, LATEST_S);
  }

  /** A second passed with sound alone; return whether to try the picture. */
  rests() {
    this.#alone -= 1;
    return this.#alone <= 0;
  }
}
