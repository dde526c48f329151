// <hc-program data-pass="…">: the program picture and the sound of one language, as the room hears it.
//
// The page writes the video, the menus `[data-channels]` and `[data-captions]`, the keys `[data-sound]` and `[data-picture]`,
// and places for words: `[data-line]`, `[data-carries]`, `[data-said]`. Browsers start no sound by
// themselves: the picture runs silently until somebody presses. With `data-channel` it is another
// channel's, silent at first: the preview of who is next; with `data-later` only from a press of
// `[data-look]` on.

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
/** An edge that was lost is not asked for again for so long. */
const AVOIDED_MS = 30_000;
/** How often a frame is looked at. */
const LOOK_MS = 400;

/** Whether the page shows a clock beside the picture's; one that does not needs that. */
function hasClock() {
  return [...document.querySelectorAll("hc-clock")].some((clock) => clock.getClientRects().length > 0);
}

export class Program extends HTMLElement {
  /** @type {Link | undefined} */
  link;
  /** Silent because its listener is heard in the room. */
  #hushed = false;
  /** As wished; a browser that lets no page sound by itself makes it false. */
  #sounding = true;
  #pictured = true;
  /** Whether the browser can show the picture at all. */
  #sighted = true;
  /** The edge where it listens, or did so last; "" for the engine. */
  #edge = "";
  #patience = new Patience();
  #lateness = new Lateness();
  /** Whether its link bears less than edges send. */
  #narrow = false;
  /** When it last tried an edge, by name. @type {Map<string, number>} */
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

  /** Look how late frames are shown, from time to time. Not every browser says when a frame came. */
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

  /** The channel that is heard. */
  get channel() {
    return this.dataset.channel || this.#find("[data-channels]")?.value || FLOOR;
  }

  /** Hear another channel. @param {string} channel */
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

  /** With the picture, or the sound alone, which needs a tenth of the network. @param {boolean} on */
  picture(on) {
    if (on === this.#pictured) return;
    this.#pictured = on;
    this.link?.restart();
    this.#show();
  }

  /** Fall silent while the listener is heard. @param {boolean} hushed */
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
    // Nothing has come late yet; without a picture, nothing will.
    this.#lateness = new Lateness();
    this.removeAttribute("data-late");
    this.#video.srcObject = peer.stream;
    // Not awaited: `play` settles with the first packet, which may never come.
    this.#play();
    return peer;
  }

  /**
   * @param {import("./pass.js").Pass} pass
   * @param {{ channel: string, picture: boolean, feed?: string }} wanted
   */
  async #atEdge(pass, wanted) {
    const { name } = /** @type {import("./pass.js").Edge} */ (pass.edge);
    // Until it plays, it counts as one that failed.
    this.#failed.set(name, performance.now());
    return listenAtEdge(pass, {
      ...wanted,
      renew: () => /** @type {Link} */ (this.link).pass(),
      poor: () => {
        this.#narrow = true;
      },
    });
  }

  /** An edge that plays has not failed; one that is lost has, and another one, or the engine, goes on. */
  #noteEdge() {
    const state = this.link?.state;
    if (state === "up") this.#failed.delete(this.#edge);
    if (state !== "lost" || !this.#edge) return;
    this.#failed.set(this.#edge, performance.now());
    this.#edge = "";
  }

  /**
   * What else a pass is asked with: whether an edge will do, and which ones not now.
   * @returns {Record<string, string>}
   */
  #wished() {
    if (!("edges" in this.dataset) || this.dataset.channel || this.#narrow) return {};
    const now = performance.now();
    const avoid = [...this.#failed].filter(([, at]) => now - at < AVOIDED_MS).map(([name]) => name);
    const edges = this.dataset.of === "public" ? "public" : "room";
    return { edges, avoid: avoid.join(" "), edge: this.#edge };
  }

  /** Play, with sound where the browser lets it. */
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

  /** Why there is no picture, or no clock in it; "" if both are there. @param {boolean} leftOut */
  #lacking(leftOut) {
    if (leftOut) return t("media.sound_first");
    if (this.hasAttribute("data-late")) return t("media.late");
    return this.#sighted ? "" : t("media.no_picture");
  }

  /** What one hears on the chosen channel, in words; "" when it is just what was chosen. @param {{ from: string, depth: number } | undefined} what */
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
