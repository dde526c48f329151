// Whether a link is fast enough for the picture, by how long the player waits for it.

const MOST_WAITED_S = 8;
/** The seconds of waiting that each second of playing cancels. */
const FORGIVEN_S = 0.25;
const AGAIN_S = 60;
const LATEST_S = 480;

export class WeakLink {
  #waited = 0;
  #again = AGAIN_S;
  #alone = 0;

  /** Count a second with a picture. @param {boolean} waits whether the player waited for it */
  passes(waits) {
    this.#waited = waits ? this.#waited + 1 : Math.max(0, this.#waited - FORGIVEN_S);
  }

  /** Whether to play only the sound. */
  get gives() {
    return this.#waited >= MOST_WAITED_S;
  }

  /** Begin a period with sound only; each period is longer than the last one. */
  begin() {
    this.#waited = 0;
    this.#alone = this.#again;
    this.#again = Math.min(2 * this.#again, LATEST_S);
  }

  /** Count a second with sound only; return whether to try the picture again. */
  rests() {
    this.#alone -= 1;
    return this.#alone <= 0;
  }
}
