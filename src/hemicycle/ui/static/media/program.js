// <hc-program data-pass="…">: the program picture and the sound of one language, as the room hears it.
//
// The page writes the video, the menus `[data-channels]` and `[data-captions]`, the keys `[data-sound]` and `[data-picture]`,
// and places for words: `[data-line]`, `[data-carries]`, `[data-said]`. Browsers start no sound
// automatically: the picture runs silently until someone presses a key. With `data-channel` it shows
// another channel, silent at first: the preview of the next speaker; with `data-later` it starts only
// with a press of `[data-look]`.

import { t } from "../js/messages.js";
import { showCaptions } from "./captions.js";
import { draw, lineOf } from "./line.js";
import { listenAtEdge } from "./edge.js";
import { Link } from "./link.js";
import { Refusal } from "./pass.js";
import { Lateness, Patience, isLeftOut, isPoor } from "./picture-state.js";
import { delayPlayback, listen } from "./whep.js";

const CHANNEL_KEY = "hemicycle-channel";
const FLOOR = "floor";
/** How long an edge is avoided after it was lost. */
const AVOIDED_MS = 30_000;
/** How often the delay of a frame is measured. */
const LOOK_MS = 400;

/** Whether the page shows a clock of its own, and so can do without the one in the picture. */
function hasClock() {
  return [...document.querySelectorAll("hc-clock")].some((clock) => clock.getClientRects().length > 0);
}

export class Program extends HTMLElement {
  /** @type {Link | undefined} */
  link;
  /** Whether the sound is off because the listener is heard in the room. */
  #hushed = false;
  /** Whether the sound is on; false if the browser does not allow a page to start it. */
  #sounding = true;
  #pictured = true;
  /** Whether the browser can show the picture at all. */
  #sighted = true;
  /** The edge at which the page listens, or last listened; "" for the engine. */
  #edge = "";
  #patience = new Patience();
  #lateness = new Lateness();
  /** Whether the link is too weak for the sound that edges send. */
  #narrow = false;
  /** When each edge last failed, by name. @type {Map<string, number>} */
  #failed = new Map();

  connectedCallback() {
    if (this.link) return;
    this.#sounding = !this.dataset.channel;
    const menu = this.#find("[data-channels]");
    const known = [...(menu?.options ?? [])].map((option) => option.value);
    const wanted = localStorage.getItem(CHANNEL_KEY) ?? "";
    if (menu && known.includes(wanted)) menu.value = wanted;
    this.link = new Link({
      pass: this.dataset.pass ?? "",
      use: "listen",
      open: (pass) => this.#open(pass),
      more: () => this.#wished(),
    });
    this.link.addEventListener("state", () => this.#noteEdge());
    for (const name of ["state", "you", "channels"]) this.link.addEventListener(name, () => this.#show());
    showCaptions(this, this.link);
    menu?.addEventListener("change", () => this.choose(menu.value));
    this.#on("[data-sound]", () => this.sound(!this.#sounding));
    this.#on("[data-picture]", () => this.picture(!this.#pictured));
    this.#on("[data-look]", () => this.#look());
    this.#video.addEventListener("resize", () => this.#show());
    if (!("later" in this.dataset)) this.link.start();
    this.#show();
    this.#time();
  }

  /** Measure from time to time how late frames are shown. Not every browser says when a frame arrived. */
  #time() {
    this.#video.requestVideoFrameCallback?.((_now, { receiveTime, expectedDisplayTime }) => {
      if (receiveTime !== undefined) this.#lateness.take(expectedDisplayTime - receiveTime);
      this.toggleAttribute("data-late", this.#lateness.late && hasClock());
      setTimeout(() => this.link && this.#time(), LOOK_MS);
    });
  }

  #look() {
    if (this.link?.state === "idle") this.link.start();
    else this.link?.stop();
  }

  disconnectedCallback() {
    this.link?.stop();
    this.link = undefined;
  }

  /** The channel that is chosen. */
  get channel() {
    return this.dataset.channel || this.#find("[data-channels]")?.value || FLOOR;
  }

  /** Choose another channel. @param {string} channel */
  async choose(channel) {
    localStorage.setItem(CHANNEL_KEY, channel);
    const menu = this.#find("[data-channels]");
    if (menu) menu.value = channel;
    this.#show();
    try {
      if (this.link?.state === "up") await this.link.control("listen", { channel });
    } catch (error) {
      this.#say(error instanceof Refusal ? error.message : String(error));
    }
  }

  /** Turn the sound on or off. @param {boolean} on */
  async sound(on) {
    this.#sounding = on;
    await this.#play();
  }

  /** Turn the picture on or off; the sound alone needs a tenth of the bandwidth. @param {boolean} on */
  picture(on) {
    if (on === this.#pictured) return;
    this.#pictured = on;
    this.link?.restart();
    this.#show();
  }

  /** Mute the sound while the listener is heard in the room. @param {boolean} hushed */
  hush(hushed) {
    this.#hushed = hushed;
    this.#video.muted = hushed || !this.#sounding;
  }

  /** @returns {HTMLVideoElement} */
  get #video() {
    return /** @type {HTMLVideoElement} */ (this.querySelector("video"));
  }

  /** @param {string} selector @returns {any} */
  #find(selector) {
    return this.querySelector(selector);
  }

  /** @param {string} selector @param {() => void} act */
  #on(selector, act) {
    this.#find(selector)?.addEventListener("click", act);
  }

  /** @param {import("./pass.js").Pass} pass */
  async #open(pass) {
    const wanted = { channel: this.channel, picture: this.#pictured, feed: this.dataset.of };
    const peer = pass.edge ? await this.#atEdge(pass, wanted) : await listen(pass, wanted);
    this.#edge = pass.edge?.name ?? "";
    this.#sighted = peer.sighted;
    // A new stream has no late frames yet, and none at all without a picture.
    this.#lateness = new Lateness();
    this.removeAttribute("data-late");
    this.#video.srcObject = peer.stream;
    // Not awaited, since `play` settles with the first packet, which may never arrive.
    this.#play();
    return peer;
  }

  /**
   * @param {import("./pass.js").Pass} pass
   * @param {{ channel: string, picture: boolean, feed?: string }} wanted
   */
  async #atEdge(pass, wanted) {
    const { name } = /** @type {import("./pass.js").Edge} */ (pass.edge);
    // An edge counts as failed until it plays.
    this.#failed.set(name, performance.now());
    return listenAtEdge(pass, {
      ...wanted,
      renew: () => /** @type {Link} */ (this.link).pass(),
      poor: () => {
        this.#narrow = true;
      },
    });
  }

  /** Note that the edge works, or that it has failed, so that another one or the engine takes over. */
  #noteEdge() {
    const state = this.link?.state;
    if (state === "up") this.#failed.delete(this.#edge);
    if (state !== "lost" || !this.#edge) return;
    this.#failed.set(this.#edge, performance.now());
    this.#edge = "";
  }

  /**
   * Further fields of the request for a pass: whether an edge may serve the page, and which to avoid.
   * @returns {Record<string, string>}
   */
  #wished() {
    if (!("edges" in this.dataset) || this.dataset.channel || this.#narrow) return {};
    const now = performance.now();
    const avoid = [...this.#failed].filter(([, at]) => now - at < AVOIDED_MS).map(([name]) => name);
    const edges = this.dataset.of === "public" ? "public" : "room";
    return { edges, avoid: avoid.join(" "), edge: this.#edge };
  }

  /** Play, with sound if the browser allows it. */
  async #play() {
    this.#video.muted = this.#hushed || !this.#sounding;
    try {
      if (this.#video.srcObject) await this.#video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      this.#sounding = false;
      this.#video.muted = true;
      await this.#video.play().catch(() => {});
    } finally {
      this.#show();
    }
  }

  #show() {
    const { link } = this;
    if (!link) return;
    const line = this.#find("[data-line]");
    if (line) draw(line, lineOf({ ...link.latest.you, state: link.state }));
    const { you } = link.latest;
    const leftOut = link.state === "up" && isLeftOut(you, this.#pictured && this.#sighted);
    const isPoorNow = link.state === "up" && isPoor(you, this.#pictured && this.#sighted);
    const waits = this.#patience.waits(isPoorNow, performance.now());
    if (link.peer?.pc) delayPlayback(link.peer.pc, waits);
    this.#say(link.sentence || this.#lacking(leftOut));
    const carries = this.#find("[data-carries]");
    const told = this.#carried(link.latest.channels?.[this.channel]);
    if (carries && carries.textContent !== told) carries.textContent = told;
    const sound = this.#find("[data-sound]");
    sound?.setAttribute("aria-pressed", String(this.#sounding));
    const picture = this.#find("[data-picture]");
    picture?.setAttribute("aria-pressed", String(!this.#pictured));
    this.#find("[data-look]")?.setAttribute("aria-pressed", String(link.state !== "idle"));
    this.toggleAttribute("data-idle", link.state === "idle");
    this.toggleAttribute("data-silent", !this.#sounding);
    this.toggleAttribute("data-blind", !this.#sighted || leftOut || link.blocked);
    const shown = this.#pictured && !leftOut && link.state === "up" && this.#video.videoWidth > 0;
    this.toggleAttribute("data-shown", shown);
  }

  /** Why the picture is missing or late; "" if it is neither. @param {boolean} leftOut */
  #lacking(leftOut) {
    if (leftOut) return t("media.sound_first");
    if (this.hasAttribute("data-late")) return t("media.late");
    return this.#sighted ? "" : t("media.no_picture");
  }

  /**
   * What the chosen channel carries, in words; "" if it is the chosen language itself.
   * @param {{ from: string, depth: number } | undefined} what
   */
  #carried(what) {
    if (!what || this.channel === FLOOR || this.dataset.channel) return "";
    if (what.from === FLOOR) return t("channel.floor");
    if (what.from !== this.channel) return t("channel.other", { language: this.#name(what.from) });
    return what.depth > 0 ? t("channel.relay") : "";
  }

  /** @param {string} channel */
  #name(channel) {
    const options = /** @type {HTMLOptionElement[]} */ ([...(this.#find("[data-channels]")?.options ?? [])]);
    return options.find((option) => option.value === channel)?.text ?? channel;
  }

  /** @param {string} sentence */
  #say(sentence) {
    const said = this.#find("[data-said]");
    if (said && said.textContent !== sentence) said.textContent = sentence;
  }
}

customElements.define("hc-program", Program);
