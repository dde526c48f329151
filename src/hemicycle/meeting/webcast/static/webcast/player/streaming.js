// Plays a webcast with hls.js, which is fetched when a viewer first reaches for the play button.
//
// Events: `tracks` (languages or captions are known, or have changed) and `trouble` (the player
// cannot continue; the listener decides whether to start again).

/**
 * The part of hls.js that is used here.
 * @typedef {{ attrs: Record<string, string | undefined>, name: string, lang?: string }} Track
 * @typedef {{ fatal: boolean, type: string, details: string }} Fault
 * @typedef {{ width: number, height: number, bitrate: number, audioGroups?: (string | undefined)[] }} Level
 * @typedef {{
 *   levels: Level[], loadLevel: number, nextLevel: number,
 *   audioTracks: Track[], audioTrack: number, nextAudioTrack: number, subtitleTracks: Track[], subtitleTrack: number,
 *   subtitleDisplay: boolean, liveSyncPosition: number | null, playingDate: Date | null,
 *   on(event: string, act: (event: string, data: any) => void): void,
 *   loadSource(url: string): void, attachMedia(video: HTMLVideoElement): void,
 *   recoverMediaError(): void, destroy(): void }} HlsPlayer
 * @typedef {{ new (config: object): HlsPlayer, isSupported(): boolean, Events: Record<string, string> }} Hls
 */

const RECOVER_MS = 5_000;

/** @type {Promise<Hls> | undefined} */
let fetched;

/** Load hls.js once for the page. @param {string} url @returns {Promise<Hls>} */
export function library(url) {
  fetched ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(/** @type {any} */ (window).Hls);
    script.onerror = () => {
      fetched = undefined;
      reject(new Error("hls.js did not load"));
    };
    document.head.append(script);
  });
  return fetched;
}

export class Streaming extends EventTarget {
  /** @type {HlsPlayer | undefined} */
  #hls;
  #recoveredAt = -RECOVER_MS;
  /** The chosen level; -1 while the player chooses by the speed of the link. */
  #seen = -1;

  /**
   * @param {HTMLVideoElement} video
   * @param {Hls} Hls
   * @param {{ source: string, language: string, at: number }} begin `at` in seconds, -1 for live
   */
  constructor(video, Hls, begin) {
    super();
    this.video = video;
    const hls = new Hls({
      enableWorker: false, // hls.js does little work here, and a worker would need a weaker security policy
      lowLatencyMode: true,
      maxLiveSyncPlaybackRate: 1.08,
      backBufferLength: 60,
      startPosition: begin.at,
      audioPreference: { audioCodec: "opus", ...(begin.language ? { lang: begin.language } : { default: true }) },
    });
    this.#hls = hls;
    for (const event of ["MANIFEST_PARSED", "AUDIO_TRACKS_UPDATED", "AUDIO_TRACK_SWITCHED", "SUBTITLE_TRACKS_UPDATED"]) {
      hls.on(Hls.Events[event] ?? "", () => this.dispatchEvent(new Event("tracks")));
    }
    hls.on(Hls.Events.ERROR ?? "", (_event, fault) => this.#fault(fault));
    hls.loadSource(begin.source);
    hls.attachMedia(video);
  }

  /** The channel that plays: `floor` or a language; "" while unknown. */
  get channel() {
    return idOf(this.#hls?.audioTracks[this.#hls.audioTrack]);
  }

  /** Change the channel; the present one plays until the other is loaded. @param {string} channel */
  hear(channel) {
    const place = this.#hls?.audioTracks.findIndex((track) => idOf(track) === channel) ?? -1;
    if (this.#hls && place >= 0 && place !== this.#hls.audioTrack) this.#hls.nextAudioTrack = place;
  }

  /** The pictures to choose from, the best first; none while only sound plays. */
  get pictures() {
    const { levels = [], loadLevel = -1 } = this.#hls ?? {};
    const group = (levels[loadLevel] ?? levels[0])?.audioGroups?.[0];
    return levels
      .map(({ height, bitrate, audioGroups }, place) => ({ place, height, bitrate, group: audioGroups?.[0] }))
      .filter((level) => level.height && level.group === group)
      .sort((a, b) => b.bitrate - a.bitrate);
  }

  /** Show a picture by its index in `pictures`; -1 lets the player choose. @param {number} picture */
  see(picture) {
    const place = this.pictures[picture]?.place ?? -1;
    if (!this.#hls || place === this.#seen) return;
    this.#seen = place;
    this.#hls.nextLevel = place;
  }

  /** Whether the player fetches the picture with the lowest bit rate. */
  get lowest() {
    return this.pictures.at(-1)?.place === this.#hls?.loadLevel;
  }

  /** The languages that have captions. */
  get texts() {
    return (this.#hls?.subtitleTracks ?? []).map(idOf);
  }

  /** Show the captions of a language, or none for "". @param {string} language */
  read(language) {
    if (!this.#hls) return;
    const place = this.#hls.subtitleTracks.findIndex((track) => idOf(track) === language);
    this.#hls.subtitleDisplay = place >= 0;
    this.#hls.subtitleTrack = place;
  }

  /** How many seconds playback is behind the newest position that can be played without a stall. */
  get behind() {
    const live = this.#hls?.liveSyncPosition ?? null;
    return live === null ? 0 : Math.max(0, live - this.video.currentTime);
  }

  /** When the picture shown was taken, in ms since the epoch; null while unknown. */
  get date() {
    return this.#hls?.playingDate?.getTime() ?? null;
  }

  /** How many seconds every viewer is behind because of the player; with parts, almost none. */
  get usual() {
    return 0;
  }

  toLive() {
    const live = this.#hls?.liveSyncPosition ?? null;
    if (live !== null) this.video.currentTime = live;
  }

  close() {
    this.#hls?.destroy();
    this.#hls = undefined;
  }

  /** @param {Fault} fault */
  #fault(fault) {
    if (!fault.fatal) return;
    if (fault.type === "mediaError" && performance.now() - this.#recoveredAt > RECOVER_MS) {
      this.#recoveredAt = performance.now();
      this.#hls?.recoverMediaError();
    } else this.dispatchEvent(new Event("trouble"));
  }
}

/** @param {Track | undefined} track */
function idOf(track) {
  return track?.attrs["STABLE-RENDITION-ID"] ?? "";
}
