// Plays a webcast with the browser's own HLS player. It has the same interface as `streaming.js`
// and is used where there is no Media Source (an older iPhone).

export class Builtin extends EventTarget {
  /**
   * @param {HTMLVideoElement} video
   * @param {{ source: string, language: string, at: number }} begin `at` in seconds, -1 for live
   */
  constructor(video, begin) {
    super();
    this.video = video;
    this.wanted = begin.language;
    this.stop = new AbortController();
    const { signal } = this.stop;
    video.addEventListener("error", () => this.dispatchEvent(new Event("trouble")), { signal });
    video.addEventListener("loadedmetadata", () => this.#loaded(begin.at), { signal });
    video.src = begin.source;
    video.load();
  }

  /** @returns {{ language: string, enabled: boolean }[]} */
  get #sounds() {
    return [.../** @type {any} */ (this.video).audioTracks ?? []];
  }

  get channel() {
    const heard = this.#sounds.find((track) => track.enabled);
    return heard ? known(heard.language) || "floor" : "";
  }

  /** @param {string} channel */
  hear(channel) {
    this.wanted = channel;
    const tracks = this.#sounds;
    const found = tracks.find((track) => (known(track.language) || "floor") === channel);
    if (found) for (const track of tracks) track.enabled = track === found;
  }

  /** The browser chooses the picture itself and does not list the alternatives. */
  get pictures() {
    return [];
  }

  see() {}

  get lowest() {
    return false;
  }

  get texts() {
    return [...this.video.textTracks].map((track) => track.language);
  }

  /** @param {string} language */
  read(language) {
    for (const track of this.video.textTracks) {
      track.mode = track.language === language ? "showing" : "disabled";
    }
  }

  get #live() {
    const { seekable } = this.video;
    return seekable.length ? seekable.end(seekable.length - 1) : this.video.currentTime;
  }

  get behind() {
    return Number.isFinite(this.video.duration) ? 0 : Math.max(0, this.#live - this.video.currentTime);
  }

  /** When the picture shown was taken, in ms since the epoch; null while unknown. */
  get date() {
    const began = /** @type {any} */ (this.video).getStartDate?.().getTime() ?? NaN;
    return Number.isFinite(began) ? began + this.video.currentTime * 1000 : null;
  }

  /** How many seconds a player without parts stays behind the end of the list (HOLD-BACK). */
  get usual() {
    return 6;
  }

  toLive() {
    this.video.currentTime = this.#live;
  }

  close() {
    this.stop.abort();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** @param {number} at */
  #loaded(at) {
    if (at >= 0) this.video.currentTime = at;
    if (this.wanted) this.hear(this.wanted);
    this.dispatchEvent(new Event("tracks"));
  }
}

/** The language of a track; "" for the floor, which has none. @param {string} language */
function known(language) {
  return language === "und" ? "" : language;
}
