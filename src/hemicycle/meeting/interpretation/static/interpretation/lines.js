// The two lines of the interpreters' console: the sound and picture that the booth receives, and
// the interpreter's own voice.
//
// The engine chooses the channel that the booth hears, so this page receives one stream. The
// microphone is sent at full bandwidth without noise suppression, gain control or echo
// cancellation.
//
// Events: "shown" when anything about the lines has changed, and the engine's events under their
// own names.

import { allowed, Devices } from "../media/devices.js";
import { Link } from "../media/link.js";
import { listen } from "../media/whep.js";
import { publish, QUALITIES, replace } from "../media/whip.js";

const NEWS = ["booths", "channels", "signal", "message", "handover", "spoken"];

export class Lines extends EventTarget {
  devices = new Devices({ picture: false, noise: false, gain: false, echo: false });
  opened = false;

  /** @param {HTMLVideoElement} video @param {string} pass @param {string} language */
  constructor(video, pass, language) {
    super();
    this.video = video;
    const more = { booth: language };
    this.hear = new Link({ pass, more, use: "listen", open: (given) => this.#listen(given) });
    this.voice = new Link({
      pass,
      more,
      use: "publish",
      open: (given) => publish(given, this.devices.stream ?? new MediaStream(), QUALITIES.booth),
    });
    for (const link of [this.hear, this.voice]) {
      for (const name of ["state", "you"]) link.addEventListener(name, () => this.#shown());
    }
    for (const name of NEWS) this.hear.addEventListener(name, (event) => this.#pass(event));
    this.devices.addEventListener("changed", () => this.#changed());
  }

  /** Whether the browser opens the microphone without asking; the booth then opens automatically. */
  static may() {
    return allowed("microphone");
  }

  /** Open the microphone and both lines. */
  async open() {
    this.opened = true;
    await this.devices.open();
    this.hear.start();
    this.#shown();
  }

  /** Why a line or device does not work, in words; "" if there is nothing to report. */
  get trouble() {
    const said = [...Object.values(this.devices.trouble), this.voice.sentence, this.hear.sentence];
    return [...new Set(said.filter(Boolean))].join(" ");
  }

  /** The ids of this page's own sessions. */
  get own() {
    const peers = [this.hear.peer, this.voice.peer];
    return new Set(peers.map((peer) => peer?.address.split("/").filter(Boolean).pop()));
  }

  /**
   * Send a request to the engine on the voice line, or on the other one if it is down. Raises `Refusal`.
   * @param {string} act @param {Record<string, unknown>} [more]
   */
  async control(act, more = {}) {
    const link = this.voice.state === "up" ? this.voice : this.hear;
    await link.control(act, more);
  }

  /** Mute the microphone at once, before the engine receives the request. @param {boolean} silent */
  hush(silent) {
    for (const track of this.devices.stream?.getAudioTracks() ?? []) track.enabled = !silent;
  }

  /** @param {import("../media/pass.js").Pass} given */
  async #listen(given) {
    const peer = await listen(given, { channel: "floor", picture: true });
    this.video.srcObject = peer.stream;
    this.video.play().catch(() => {});
    this.dispatchEvent(new CustomEvent("stream", { detail: peer.stream }));
    return peer;
  }

  async #changed() {
    const { stream } = this.devices;
    const pc = this.voice.peer?.pc;
    if (!stream) this.voice.stop();
    else if (!pc) this.voice.start();
    else if (!(await replace(pc, stream).catch(() => false))) this.voice.restart();
    this.#shown();
  }

  /** @param {Event} event */
  #pass(event) {
    this.dispatchEvent(new CustomEvent(event.type, { detail: /** @type {CustomEvent} */ (event).detail }));
    this.#shown();
  }

  #shown() {
    this.dispatchEvent(new Event("shown"));
  }
}
