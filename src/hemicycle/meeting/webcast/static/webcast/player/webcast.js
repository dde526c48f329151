// <hc-webcast>: the public picture and sound of a meeting, live or on demand.
//
//   data-source     the master playlist             data-hls    the address of hls.js
//   data-sound      the playlist of the sound only
//   data-facts      the metadata of the webcast     data-live   present if it is live, or will be
//   data-phase      the phase of the meeting, if live
//   data-delay      the seconds by which the public is delayed on purpose
//
// The page has the video with the browser's own controls, which work with any keyboard and screen
// reader. Beside it are `[data-start]`, `[data-channels]`, `[data-texts]`, `[data-quality]`,
// `[data-back]`, `[data-to-live]`, and the places for sentences: `[data-said]`, `[data-behind]`. No
// sound plays before somebody presses a button.

import { serverNow } from "../../js/clock-sync.js";
import { mSs } from "../../js/duration.js";
import { t } from "../../js/messages.js";
import { onView } from "../../state/screen.js";
import { Builtin } from "./builtin.js";
import { Following, NEAR_S } from "./following.js";
import { lateness } from "./lateness.js";
import { library, Streaming } from "./streaming.js";
import { WeakLink } from "./weak_link.js";

/** @typedef {"idle" | "loading" | "ready" | "playing" | "away" | "over"} State */

const AGAIN_MS = 3_000;
const LOOK_MS = 1_000;
const LOOKS_A_FACT = 10;
/** After this many looks without a live picture, the player starts again: some never recover on their own. */
const MOST_WAITED = 20;
const BACK_S = 30;
const ON_THE_AIR = ["open", "suspended"];

export class Webcast extends HTMLElement {
  /** @type {Streaming | Builtin | undefined} */
  #player;
  /** @type {State} */
  state = "idle";
  /** @type {number | undefined} */
  #timer;
  /** Where to begin, or to continue after a failure: seconds, -1 for live. */
  #at = -1;
  #begun = false;
  /** Languages that have captions now; a player lists only those that had captions when it started. */
  #texts = new Set([""]);
  /**
   * The parts removed, in seconds; `end` is null while one continues.
   * @type {{ begin: number, end: number | null, reason: string }[]}
   */
  #removed = [];
  /** How often files were rebuilt after a removal; -1 while unknown. */
  #edition = -1;
  #looks = 0;
  #waited = 0;
  #following = new Following();
  #link = new WeakLink();
  /** Whether only the sound plays because the link is too slow. */
  #gave = false;

  connectedCallback() {
    if (this.#timer) return;
    const { video } = this;
    video.controls = false;
    video.removeAttribute("src");
    video.load();
    this.toggleAttribute("data-scripted", true);
    this.#on("[data-start]", "click", () => this.start());
    this.#on("[data-start]", "pointerenter", () => this.#fetch());
    this.#on("[data-start]", "focus", () => this.#fetch());
    this.#on("[data-channels]", "change", () => this.#player?.hear(this.channel));
    this.#on("[data-texts]", "change", () => this.#read());
    this.#on("[data-quality]", "change", () => this.#chooseQuality());
    this.#on("[data-back]", "click", () => this.seek(Math.max(0, video.currentTime - BACK_S)));
    this.#on("[data-to-live]", "click", () => this.#toLive());
    for (const event of ["playing", "waiting", "ended", "timeupdate", "seeking", "pause"]) {
      video.addEventListener(event, () => this.#hear(event));
    }
    onView((view) => this.#follow(view));
    this.#timer = window.setInterval(() => this.#look(), LOOK_MS);
    this.#show();
  }

  disconnectedCallback() {
    window.clearInterval(this.#timer);
    this.#timer = undefined;
    this.#player?.close();
  }

  /** @returns {HTMLVideoElement} */
  get video() {
    return /** @type {HTMLVideoElement} */ (this.querySelector("video"));
  }

  get live() {
    return "live" in this.dataset;
  }

  /** The chosen channel. */
  get channel() {
    return this.#menu("[data-channels]")?.value ?? "floor";
  }

  /** Start, also again after a failure; the first time, call it from a press. @param {number} [at] seconds */
  async start(at) {
    this.#at = at ?? (this.live ? -1 : this.#at);
    this.#begun = true;
    if (!this.live) this.#learn();
    this.video.controls = true;
    this.#become("loading");
    this.video.focus();
    try {
      await this.#open();
      await this.video.play();
    } catch (error) {
      if (!this.#player) this.#trouble();
      else if (error instanceof DOMException && error.name === "NotAllowedError") this.#become("ready");
    }
  }

  /** Go to a position; start playing there if playback has not begun. @param {number} seconds */
  seek(seconds) {
    if (!this.#begun) return this.start(seconds);
    this.video.currentTime = seconds;
    return this.video.play().catch(() => {});
  }

  /** Set where playback begins when somebody presses play. @param {number} seconds */
  begin(seconds) {
    this.#at = seconds;
  }

  async #open() {
    this.#player?.close();
    this.#player = undefined;
    const source = (this.soundOnly ? this.dataset.sound : this.dataset.source) ?? "";
    const begin = { source, at: this.#at, language: this.channel === "floor" ? "" : this.channel };
    const Hls = await this.#fetch();
    const player = Hls.isSupported() ? new Streaming(this.video, Hls, begin) : new Builtin(this.video, begin);
    this.#player = player;
    player.addEventListener("tracks", () => this.#tracks());
    player.addEventListener("trouble", () => this.#trouble());
  }

  #fetch() {
    return library(this.dataset.hls ?? "");
  }

  /** Nothing arrives: keep trying, from the place where playback stopped. */
  #trouble() {
    this.#player?.close();
    this.#player = undefined;
    this.#at = this.live ? -1 : this.video.currentTime || this.#at;
    this.#become("away");
    window.setTimeout(() => {
      if (this.state === "away") this.start(this.#at);
    }, AGAIN_MS);
  }

  #tracks() {
    this.#player?.hear(this.channel);
    this.#offer(this.#player?.texts ?? []);
    this.#player?.read(this.text);
    this.#offerPictures();
  }

  /** The choice in the menu: a picture by its index, "sound", or "" to let the player choose. */
  get quality() {
    return this.#menu("[data-quality]")?.value ?? "";
  }

  get soundOnly() {
    return this.quality === "sound" || this.#gave;
  }

  /** Offer the available pictures; with sound only, those that were available before. */
  #offerPictures() {
    const menu = this.#menu("[data-quality]");
    const pictures = this.#player?.pictures ?? [];
    if (!menu || !pictures.length) return;
    const chosen = menu.value;
    for (const option of menu.querySelectorAll("[data-picture]")) option.remove();
    const options = pictures.map(({ height, bitrate }, place) => {
      const rate = (bitrate / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
      const option = new Option(t("webcast.lines", { lines: String(height), rate }), String(place));
      option.dataset.picture = "";
      return option;
    });
    menu.options[0]?.after(...options);
    menu.value = chosen;
    this.#player?.see(this.#picture);
  }

  /** The index of the chosen picture; -1 if none was chosen. */
  get #picture() {
    return /^\d+$/.test(this.quality) ? Number(this.quality) : -1;
  }

  /** Show the chosen picture; sound only has a separate playlist, so the player starts again. */
  async #chooseQuality() {
    const was = this.hasAttribute("data-sound-only");
    this.#gave = false;
    this.#show();
    if (was !== this.soundOnly) await this.#openAgain();
    else this.#player?.see(this.#picture);
  }

  /** Play only the sound if the link is too slow for the smallest picture; later try the picture again. */
  #tryLink() {
    if (this.#gave) {
      if (!this.#link.rests()) return;
      this.#gave = false;
      return this.#openAgain();
    }
    const player = this.#player;
    if (!player || this.quality || !(player instanceof Streaming)) return;
    this.#link.passes(this.state === "loading" && player.lowest);
    if (!this.#link.gives) return;
    this.#link.begin();
    this.#gave = true;
    this.#waited = 0;
    return this.#openAgain();
  }

  /** @param {string[]} texts */
  #offer(texts) {
    for (const text of texts) this.#texts.add(text);
    for (const option of this.#menu("[data-texts]")?.options ?? []) {
      option.hidden = option.disabled = !this.#texts.has(option.value);
    }
    this.#hide("[data-texts-field]", this.#texts.size < 2);
  }

  /** The language of the chosen captions; "" for none. */
  get text() {
    return this.#menu("[data-texts]")?.value ?? "";
  }

  /** Show the chosen captions; if the player does not know them, start it again. */
  async #read() {
    const player = this.#player;
    if (!player) return;
    if (!this.text || player.texts.includes(this.text)) return player.read(this.text);
    await this.#openAgain();
  }

  #toLive() {
    this.#player?.toLive();
    this.video.play().catch(() => {});
  }

  /** After a stall, continue at the newest position. */
  #catchUp() {
    const player = this.#player;
    if (player && this.state === "loading" && this.#following.jumps(player.behind)) player.toLive();
  }

  /** React to an event of the video. @param {string} event */
  #hear(event) {
    // The metadata of a live webcast exist only once it has begun.
    if (event === "playing" && this.#edition < 0) this.#learn();
    const at = this.video.currentTime;
    if (event === "timeupdate") this.#following.plays(at);
    if (event === "seeking") this.#following.goes(at, this.#player?.behind ?? 0);
    if (event === "pause") this.#following.paused();
    if (event === "playing" && this.live) this.#catchUp();
    if (event === "playing") this.#become("playing");
    else if (event === "waiting" && this.state === "playing") this.#become("loading");
    else if (event === "ended") this.#become("over");
    if (event === "timeupdate" && this.#reason !== (this.dataset.removed ?? "")) this.#show();
    if (event === "timeupdate") this.dispatchEvent(new CustomEvent("moment", { detail: at }));
  }

  /**
   * React to the feed's view of this meeting. For another meeting, the page itself is loaded again.
   * @param {import("../../state/snapshot.js").MeetingView | null} view
   */
  #follow(view) {
    if (!this.live || !view || !this.dataset.source?.includes(view.meeting.id)) return;
    this.dataset.phase = view.meeting.phase;
    this.dataset.delay = String(view.feed.delay_s);
    this.#say("[data-interrupted]", view.feed.stopped ? t("webcast.interrupted") : "");
    this.#show();
  }

  /** @param {State} state */
  #become(state) {
    this.state = state;
    this.#show();
  }

  #look() {
    if (!this.#begun) return;
    this.#tryLink();
    this.#waited = this.live && this.state === "loading" ? this.#waited + 1 : 0;
    if (this.#waited > MOST_WAITED) return this.#trouble();
    this.#show();
    this.#looks += 1;
    if (this.#looks % LOOKS_A_FACT === 0 && (!this.live || this.state === "playing")) this.#learn();
  }

  /** Read from the metadata which languages have captions now, and which parts were removed. */
  async #learn() {
    if (!this.dataset.facts) return;
    const answer = await fetch(this.dataset.facts).catch(() => null);
    const facts = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!facts) return;
    if (this.live) this.#offer(facts.captions);
    /** @type {{ begin_ms: number, end_ms: number | null, reason: string, only_text: boolean }[]} */
    const removed = facts.removed ?? [];
    this.#removed = removed.filter((stretch) => !stretch.only_text).map(({ begin_ms, end_ms, reason }) => ({
      begin: begin_ms / 1000,
      end: end_ms === null ? null : end_ms / 1000,
      reason,
    }));
    const edition = Number(facts.edition ?? 0);
    const isOther = this.#edition >= 0 && edition !== this.#edition;
    this.#edition = edition;
    this.#show();
    if (isOther) await this.#openAgain();
  }

  /** Load the files again at the same place: those in memory may have what was removed since. */
  async #openAgain() {
    if (!this.#player) return;
    const plays = !this.video.paused;
    this.#at = this.live && this.#player.behind < NEAR_S ? -1 : this.video.currentTime;
    await this.#open();
    if (plays) await this.video.play().catch(() => {});
  }

  #show() {
    const behind = this.live && this.#player ? this.#player.behind : 0;
    this.dataset.state = this.state;
    this.toggleAttribute("data-sound-only", this.soundOnly);
    if (this.#reason) this.dataset.removed = this.#reason;
    else delete this.dataset.removed;
    this.#hide("[data-start]", this.#begun || (this.live && !this.#onTheAir));
    this.#hide("[data-back]", !this.#begun);
    this.#hide("[data-to-live]", !this.live || behind < NEAR_S);
    this.#say("[data-said]", this.#sentence());
    const late = Math.max(behind, this.#late);
    this.#say("[data-behind]", this.live && this.state === "playing" ? this.#place(late) : "");
  }

  /** How many seconds later than intended the viewer sees an event; the playlist itself may be late. */
  get #late() {
    if (!this.live || !this.#player) return 0;
    const { date, usual } = this.#player;
    return lateness(date, serverNow(), Number(this.dataset.delay) + usual);
  }

  /** The reason of the removal at this position; "" if nothing was removed. */
  get #reason() {
    const at = this.video.currentTime;
    const found = this.#removed.find(({ begin, end }) => begin <= at && (end === null || at < end));
    return this.#begun ? (found?.reason ?? "") : "";
  }

  get #onTheAir() {
    return ON_THE_AIR.includes(this.dataset.phase ?? "");
  }

  #sentence() {
    if (this.state === "away") return t(this.live && !this.#onTheAir ? "webcast.over" : "webcast.away");
    if (this.state === "over") return t("webcast.over");
    if (this.state === "loading") return t("webcast.loading");
    if (this.#reason) return t(`webcast.removed.${this.#reason}`);
    if (this.soundOnly && this.#begun) return t(this.#gave ? "webcast.weak" : "webcast.sound");
    if (!this.live || this.#begun) return "";
    return t(this.#onTheAir ? "webcast.on" : this.dataset.phase === "closed" ? "webcast.closed" : "webcast.before");
  }

  /** @param {number} behind */
  #place(behind) {
    if (behind < NEAR_S) return t("webcast.live");
    return t("webcast.behind", { time: mSs(Math.round(behind)) });
  }

  /** @param {string} selector @returns {HTMLSelectElement | null} */
  #menu(selector) {
    return this.querySelector(selector);
  }

  /** @param {string} selector @param {string} event @param {() => void} act */
  #on(selector, event, act) {
    this.querySelector(selector)?.addEventListener(event, act);
  }

  /** @param {string} selector @param {boolean} hidden */
  #hide(selector, hidden) {
    this.querySelector(selector)?.toggleAttribute("hidden", hidden);
  }

  /** @param {string} selector @param {string} words */
  #say(selector, words) {
    const place = this.querySelector(selector);
    if (place && place.textContent !== words) place.textContent = words;
  }
}

customElements.define("hc-webcast", Webcast);
