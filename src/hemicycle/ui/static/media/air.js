// The connection by which a participant is seen and, when it is their turn, heard. It exists only while
// it is wanted (`want`), sends what `own` has open, and tells the engine what is muted.
//
// Events: "shown" when anything about it has changed; `link` has those of `Link`.

import { Link } from "./link.js";
import { publish, QUALITIES, replace, setQuality } from "./whip.js";

/** @typedef {"closed" | "connecting" | "lost" | "refused" | "muted" | "silenced" | "on" | "preview" | "off"} AirState */

export class Air extends EventTarget {
  #wanted = false;
  #silenced = false;
  /** The bit rate that the engine allows a camera: higher if the program has more pixels. */
  #cameraBps = QUALITIES.normal.picture;

  /**
   * @param {import("./own.js").Own} own
   * @param {string} pass the address that issues passes
   * @param {Record<string, string>} [more] further fields of the request for a pass
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

  /** Open or close the connection. @param {boolean} wanted */
  want(wanted) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#sync();
  }

  /** Note whether the moderator has muted this microphone. @param {boolean} silenced */
  silence(silenced) {
    if (silenced === this.#silenced) return; // a listener of "shown" may call this again
    this.#silenced = silenced;
    this.#shown();
  }

  /** What the engine does with the connection's sound, or why it gets none. @returns {AirState} */
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

  /** Connect again after another window took over the connection. */
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

  /** Whether the connection can carry tracks of a kind, even if it has none now. @param {string} kind */
  #hasPlace(kind) {
    const places = this.link.peer?.pc?.getTransceivers() ?? [];
    return places.some((place) => place.receiver.track.kind === kind);
  }

  #up() {
    if (this.link.state === "up") this.#tell();
    this.#shown();
  }

  /** Tell the engine what is muted here, also after every new connection. */
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
