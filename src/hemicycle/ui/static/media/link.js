// A live link to the engine: it connects, receives the session's events, and after a drop connects again
// automatically, with a new pass, for as long as the page wants it.
//
//   const link = new Link({ pass: "/h/…/pass/", use: "listen", open: (pass) => listen(pass, {…}) });
//   link.addEventListener("state", () => link.state, link.sentence);
//   link.addEventListener("booths", (event) => event.detail);   any event of docs/media.md
//   link.start(); … await link.control("listen", { channel: "fr" }); … link.stop();
//
// These count as a drop: ICE failed, or was disconnected for over a second; the engine has ended DTLS; no
// packet for a while; a session that the engine no longer knows. If only the stream of events breaks (`web`
// restarts, or the database is unavailable), the link opens that again, and no one loses their sound.

import { mayHurry, pauseAfter } from "./link-state.js";
import { ask, Refusal } from "./pass.js";
import { Blocked } from "./peer.js";
import { t } from "../js/messages.js";
import { follow, isRefused } from "../js/stream.js";

/** @typedef {import("./link-state.js").LinkState} LinkState */

const NEWS = ["you", "closed", "seats", "booths", "channels", "signal", "message", "handover", "spoken", "notice", "feed", "caption", "check", "microphones", "pictures", "hold"];
/** How long to keep an unused pass, which is valid for a minute. */
const SPARE_MS = 45_000;
const UNUSED = new Set([0, 502, 503, 504]);
/** Pauses before the stream of events is opened again: the first time, and while the server is away. */
const NEWS_AGAIN_MS = { first: 200, later: 1_000 };
/** The only reason for the end of a session after which it helps to connect again. */
const MENDED_BY_AGAIN = "lost";

export class Link extends EventTarget {
  /** @type {LinkState} */
  state = "idle";
  /** Why it is not up, in words for the reader; "" while there is nothing to say. */
  sentence = "";
  /** The reason the engine gave for ending the session; "" before. */
  reason = "";
  /** Whether the engine answers but no packet gets through to it. */
  blocked = false;
  /** @type {import("./peer.js").Peer | null} */
  peer = null;
  /** The newest data of each event, by its name. @type {import("./news.js").News} */
  latest = {};

  /** @type {ReturnType<typeof follow> | null} */
  #news = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #tries = 0;
  #newsTries = 0;
  #round = 0;
  #unwatch = () => {};
  /** @type {{ pass: import("./pass.js").Pass, until: number } | null} */
  #spare = null;

  /**
   * @param {object} how
   * @param {string} how.pass the address that issues passes
   * @param {import("./pass.js").Use} how.use
   * @param {(pass: import("./pass.js").Pass) => Promise<import("./peer.js").Peer>} how.open
   * @param {Record<string, string> | (() => Record<string, string>)} [how.more] further fields of that request
   */
  constructor(how) {
    super();
    this.how = how;
    window.addEventListener("online", () => this.#hurry());
    window.addEventListener("pagehide", () => this.#drop("page=closed"));
    window.addEventListener("pageshow", (event) => event.persisted && this.restart());
    document.addEventListener("visibilitychange", () => this.#hurry());
  }

  /** Connect, and stay connected. */
  start() {
    if (this.state !== "idle" && this.state !== "closed") return;
    this.#tries = 0;
    this.reason = "";
    this.#tell("connecting");
    this.#connect();
  }

  /** Disconnect, and stay disconnected. */
  stop() {
    this.#drop();
    if (this.state !== "idle") this.#tell("idle");
  }

  /** Connect again with another offer, at once and without a pause. */
  restart() {
    const wasIdle = this.state === "idle";
    this.#drop();
    this.state = "idle";
    if (!wasIdle) this.start();
  }

  /**
   * Tell the engine to do something. Raises `Refusal` with a sentence.
   * @param {string} act
   * @param {Record<string, unknown>} [more]
   */
  async control(act, more = {}) {
    if (!this.peer || this.state !== "up") throw new Refusal(t("media.not_up"));
    await this.peer.control(act, more);
  }

  async #connect() {
    const round = ++this.#round;
    try {
      const peer = await this.#open();
      if (round !== this.#round) return peer.close();
      this.peer = peer;
      this.#listen(round);
      await peer.ready();
      if (round === this.#round) this.#up(round);
    } catch (error) {
      if (round === this.#round) this.#failed(error);
    }
  }

  /** Ask for a new pass; raises `Refusal`. */
  pass() {
    const { pass, use, more } = this.how;
    return ask(pass, use, typeof more === "function" ? more() : more);
  }

  /**
   * Connect with a pass that is unused because the engine was away, or with a new one.
   * @returns {Promise<import("./peer.js").Peer>}
   */
  async #open() {
    const spare = this.#spare && performance.now() < this.#spare.until ? this.#spare : null;
    const pass = spare?.pass ?? (await this.pass());
    this.#spare = null;
    try {
      return await this.how.open(pass);
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 400;
      if (spare && status === 401) return this.#open();
      const until = spare?.until ?? performance.now() + SPARE_MS;
      if (UNUSED.has(status)) this.#spare = { pass, until };
      throw error;
    }
  }

  /** @param {number} round */
  #up(round) {
    this.#tries = 0;
    this.blocked = false;
    this.#tell("up");
    const peer = /** @type {import("./peer.js").Peer} */ (this.peer);
    this.#unwatch = peer.watch(this.how.use, () => round === this.#round && this.#lost());
  }

  /** @param {number} round */
  #listen(round) {
    const news = follow(`${this.peer?.address}/events`);
    this.#news = news;
    for (const name of NEWS) {
      news.addEventListener(name, (event) => this.#hear(name, JSON.parse(/** @type {MessageEvent} */ (event).data)));
    }
    news.addEventListener("restart", (event) => {
      news.close(); // another process of the server takes over, and the engine has not changed
      const pause = Number(/** @type {MessageEvent} */ (event).data) || 0;
      setTimeout(() => round === this.#round && this.#listen(round), pause);
    });
    news.addEventListener("error", () => {
      const gone = isRefused(news); // the session has ended
      news.close();
      if (round !== this.#round) return;
      if (gone || !this.peer?.flows) return this.#lost();
      const pause = this.#newsTries ? NEWS_AGAIN_MS.later : NEWS_AGAIN_MS.first;
      this.#newsTries += 1;
      setTimeout(() => round === this.#round && this.#listen(round), pause);
    });
  }

  /** @param {string} name @param {unknown} data */
  #hear(name, data) {
    this.#newsTries = 0;
    Object.assign(this.latest, { [name]: data });
    if (name === "closed") this.#closed(/** @type {{ reason: string }} */ (data));
    this.dispatchEvent(new CustomEvent(name, { detail: data }));
  }

  /** @param {{ reason: string }} told */
  #closed({ reason }) {
    if (reason === MENDED_BY_AGAIN) return this.#lost();
    this.#drop();
    this.reason = reason;
    this.#tell("closed", t(`media.${reason}`));
  }

  #lost() {
    this.#drop();
    this.#tell("lost", t("media.lost"));
    this.#again();
  }

  /** @param {unknown} error */
  #failed(error) {
    const refusal = error instanceof Refusal ? error : new Refusal(String(error), 400);
    this.blocked = refusal instanceof Blocked;
    this.#drop(refusal instanceof Blocked ? refusal.ending : "");
    if (!refusal.passing) return this.#tell("closed", refusal.message);
    this.#tell(this.state === "lost" ? "lost" : "connecting", refusal.message);
    this.#again();
  }

  #again() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), pauseAfter(this.state, this.#tries));
    this.#tries += 1;
  }

  /** Cut a long pause short when the network is back, or the page is visible again. */
  #hurry() {
    if (!this.peer && mayHurry(this.state, this.#tries)) {
      this.#tries = 0;
      this.#again();
    }
  }

  /** @param {import("./peer.js").Ending} [ending] */
  #drop(ending = "") {
    this.#round += 1;
    clearTimeout(this.#timer);
    this.#unwatch();
    this.#news?.close();
    this.peer?.close(ending);
    this.#news = this.peer = null;
  }

  /** @param {LinkState} state @param {string} [sentence] */
  #tell(state, sentence = "") {
    this.state = state;
    this.sentence = sentence;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, sentence } }));
  }
}
