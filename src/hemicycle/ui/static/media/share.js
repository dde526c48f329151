// A screen or a window, shared beside one's own picture, over a second link that either side can end.

import { t } from "../js/messages.js";
import { Link } from "./link.js";
import { publish, QUALITIES } from "./whip.js";

/** The largest picture that the engine accepts (`engine.rtc.video_decoder`); a larger screen is scaled down. */
const WIDEST = 2560;
const HIGHEST = 1600;

/** Events: "changed"; `stream` is what is shared, `sentence` a message for the person. */
export class Share extends EventTarget {
  /** @type {MediaStream | null} */
  stream = null;
  sentence = "";

  /** @param {string} pass @param {Record<string, string>} [more] */
  constructor(pass, more = {}) {
    super();
    const open = (/** @type {import("./pass.js").Pass} */ given) =>
      publish(given, this.stream ?? new MediaStream(), QUALITIES.screen);
    this.link = new Link({ pass, use: "screen", more, open });
    this.link.addEventListener("state", () => this.#told());
    this.link.addEventListener("pictures", () => this.#leftOut());
  }

  /** Whether this browser can share a screen; phones cannot. */
  static get possible() {
    return Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  async start() {
    try {
      this.stream = await navigator.mediaDevices.getDisplayMedia({
        video: { width: { max: WIDEST }, height: { max: HIGHEST }, frameRate: { ideal: 8 } },
        audio: true,
      });
    } catch {
      return this.#say(t("share.none"));
    }
    for (const track of this.stream.getVideoTracks()) {
      track.contentHint = "detail";
      track.addEventListener("ended", () => this.stop());
    }
    this.#say("");
    this.link.start();
  }

  stop() {
    this.link.stop();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.#say("");
  }

  #told() {
    if (this.link.state === "closed") {
      const { sentence } = this.link;
      this.stop();
      this.#say(sentence);
    } else this.#say(this.link.sentence);
  }

  /** Stop sharing a screen whose picture the engine leaves out, and say why. */
  #leftOut() {
    const told = this.link.latest.pictures?.find(({ use }) => use === "screen");
    if (!told) return;
    this.stop();
    this.#say(t(`share.${told.trouble}`));
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.sentence = sentence;
    this.dispatchEvent(new Event("changed"));
  }
}
