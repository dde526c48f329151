// The line by which somebody is seen and, when it is their turn, heard. It is there only while it is
// wanted (`want`), carries what `own` has open, and tells the engine what was muted.
//
// Events: those of `Link`, and "shown" when anything about it has changed.

import { Link } from "./link.js";
import { publish, QUALITIES, replace, setQuality } from "./whip.js";

/** @typedef {"closed" | "connecting" | "lost" | "refused" | "muted" | "silenced" | "on" | "preview" | "off"} AirState */

export class Air extends EventTarget {
  #wanted = false;
  #silenced = false;
  /** What a camera may send, as the engine says: more where the program has more pixels. */
  #cameraBps = QUALITIES.normal.picture;

  /**
   * @param {import("./own.js").Own} own
   * @param {string} pass where passes are asked for
   * @param {Record<string, string>} [more] what else they are asked with
   */
  constructor(own, pass, more = {}) {
    super();
    this.own = own;
    this.link = new Link({ pass, use: "publish", more, open: (given) => this.#open(given) });
    this.link.addEventListener("state", () => this.#up());
    this.link.addEventListener("you", () => this.#told());
    own.addEventListener("changed", () => this.#changed());
    own.addEventListener("muted", () => this.#tell());
    own.addEventListener("mode", () => this.#quality());
  }

  /** Whether this line is to be there. @param {boolean} wanted */
  want(wanted) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#sync();
  }

  /** Whether the moderator has muted this microphone. @param {boolean} silenced */
  silence(silenced) {
    if (silenced === this.#silenced) return; // who is shown something silences again
    this.#silenced = silenced;
    this.#shown();
  }

  /** What the engine hears of it. @returns {AirState} */
  get state() {
    const { state, latest } = this.link;
    if (!this.own.stream || state === "idle") return "closed";
    if (state === "closed") return "refused";
    if (state !== "up") return state;
    if (this.#silenced) return "silenced";
    if (this.own.muted) return "muted";
    if (latest.you?.heard) return "on";
    return latest.you?.preview ? "preview" : "off";
  }

  /** Take the place back that another window took. */
  again() {
    this.link.stop();
    this.#sync();
  }

  #sync() {
    const { state } = this.link;
    if (this.#wanted && this.own.stream) {
      if (state === "idle") this.link.start();
    } else if (state !== "idle") this.link.stop();
    this.#shown();
  }

  /** @param {import("./pass.js").Pass} pass */
  #open(pass) {
    return publish(pass, this.own.stream ?? new MediaStream(), this.#wished);
  }

  get #wished() {
    if (this.own.mode !== "normal") return QUALITIES.low;
    return { ...QUALITIES.normal, picture: this.#cameraBps };
  }

  #told() {
    const bps = this.link.latest.you?.camera_bps ?? this.#cameraBps;
    if (bps !== this.#cameraBps) {
      this.#cameraBps = bps;
      this.#quality();
    }
    this.#shown();
  }

  async #changed() {
    const pc = this.link.peer?.pc;
    if (pc && this.own.stream) {
      const fits = await replace(pc, this.own.stream).catch(() => false);
      if (!fits) this.link.restart();
      this.#tell();
    }
    this.#sync();
  }

  async #quality() {
    const pc = this.link.peer?.pc;
    if (pc) await setQuality(pc, this.#wished).catch(() => {});
    this.#tell();
  }

  /** Whether the connection carries such a track, now or when there is one. @param {string} kind */
  #hasPlace(kind) {
    const places = this.link.peer?.pc?.getTransceivers() ?? [];
    return places.some((place) => place.receiver.track.kind === kind);
  }

  #up() {
    if (this.link.state === "up") this.#tell();
    this.#shown();
  }

  /** What is muted here is muted there, after every new connection too. */
  #tell() {
    if (this.link.state === "up") {
      this.link.control("microphone", { on: !this.own.muted }).catch(() => {});
      if (this.#hasPlace("video")) {
        const on = Boolean(this.own.stream?.getVideoTracks().length);
        this.link.control("picture", { on }).catch(() => {});
      }
    }
    this.#shown();
  }

  #shown() {
    this.dispatchEvent(new Event("shown"));
  }
}
