// The feed: the record as server-sent events, followed for as long as the page lives.
//
// Each frame is given to the page as an event on `document` named for the audience, and as
// "floor", with the parsed JSON as `detail`. A broken connection is tried again after growing, random
// pauses, and resumes after the last frame that arrived. A hidden tab keeps following. The pages of
// rooms, of which someone may have many open, use a WebSocket. An event "ended" says that the reader's
// access has ended; an event "restart", that another process of the server takes over.

import { pauseAfter, stateAfterBreak } from "./feed-state.js";
import { follow } from "./stream.js";

/** @typedef {import("./feed-state.js").LinkState} LinkState */

export class Feed {
  /** @type {ReturnType<typeof follow> | undefined} */
  #source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #tries = 0;
  #downSince = performance.now();
  #closed = false;
  /** Sequence number of the last frame. */
  seq = -1;
  /** @type {LinkState} */
  state = "connecting";

  /**
   * @param {string} url `/feed/<hearing>/<audience>?token=…`
   * @param {(state: LinkState) => void} [onState]
   */
  constructor(url, onState = () => {}) {
    this.url = new URL(url, location.href);
    this.audience = this.url.pathname.split("/").filter(Boolean).at(-1) ?? "";
    this.onState = onState;
    this.wake = this.wake.bind(this);
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.#connect();
  }

  /** Try again now, if the connection is down. */
  wake() {
    if (this.#closed || this.state === "live" || document.visibilityState === "hidden") return;
    this.#tries = 0;
    this.#connect();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#source?.close();
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#source?.close();
    if (this.seq >= 0) this.url.searchParams.set("after", String(this.seq));
    const inRoom = document.documentElement.dataset.theme === "room";
    const source = inRoom ? follow(this.url) : new EventSource(this.url);
    this.#source = source;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#broke();
    const take = (/** @type {Event} */ event) => this.#take(/** @type {MessageEvent} */ (event));
    source.addEventListener("ended", () => this.#ended());
    source.addEventListener("restart", (event) => this.#move(/** @type {MessageEvent} */ (event)));
    for (const name of new Set(["message", "floor", "entry", this.audience])) {
      source.addEventListener(name, take);
    }
  }

  #opened() {
    this.#tries = 0;
    this.#tell("live");
  }

  /** Try again later. The browser's own retry has no back-off and stops at an error response. */
  #broke() {
    this.#source?.close();
    if (this.state === "live") this.#downSince = performance.now();
    this.#tell(stateAfterBreak(this.state, performance.now() - this.#downSince));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), pauseAfter(this.#tries));
    this.#tries += 1;
  }

  /**
   * Connect to the process that replaces the server's old one. It already answers, so the state stays.
   * @param {MessageEvent} event with the milliseconds to wait
   */
  #move(event) {
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), Number(event.data) || 0);
  }

  /** Stop, since the reader may no longer follow, and reload the page as they may see it now. */
  #ended() {
    this.close();
    location.reload();
  }

  /** @param {MessageEvent} event */
  #take(event) {
    const seq = Number.parseInt(event.lastEventId, 10);
    if (Number.isFinite(seq)) this.seq = seq;
    const detail = JSON.parse(event.data);
    for (const name of new Set([this.audience, "floor"])) {
      document.dispatchEvent(new CustomEvent(name, { detail }));
    }
  }

  /** @param {LinkState} state */
  #tell(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}
