// One's own microphone and camera on a page: the picture, the level, the keys and the menus of the
// panel that `room/_own.html` writes. Events: "changed" (another stream), "mode", "muted".
//
// In the page the key that opens them is disabled, since a press before this script has loaded would be lost.

import { Devices, fill } from "./devices.js";

/** @typedef {"normal" | "low" | "sound"} Mode */

const MODE_KEY = "hemicycle-mode";
const DEVICES = /** @type {const} */ (["microphone", "camera"]);

export class Own extends EventTarget {
  muted = false;
  /** @type {Mode} */
  mode = /** @type {Mode} */ (localStorage.getItem(MODE_KEY) ?? "normal");
  #camera = true;

  /** @param {HTMLElement} root @param {import("./devices.js").Wish} [wish] */
  constructor(root, wish = {}) {
    super();
    this.root = root;
    /** Whether no one may see the participant, so that no camera is opened, whatever is pressed. */
    this.unseen = root.dataset.unseen !== undefined;
    this.devices = new Devices({ ...wish, picture: this.pictured });
    this.level = /** @type {import("./meter.js").Level} */ (root.querySelector("hc-level"));
    this.devices.addEventListener("changed", () => this.#changed());
    this.devices.addEventListener("plugged", () => this.#menus());
    this.devices.addEventListener("trouble", (event) => this.say(/** @type {CustomEvent} */ (event).detail));
    this.#wire();
    this.show();
  }

  get stream() {
    return this.devices.stream;
  }

  /** Whether a camera is wished for. */
  get pictured() {
    return !this.unseen && this.#camera && this.mode !== "sound";
  }

  /** Open the devices. Returns whether there is a microphone. */
  async open() {
    this.say("");
    const there = await this.devices.open({ picture: this.pictured });
    this.say(Object.values(this.devices.trouble).join(" "));
    return there;
  }

  close() {
    this.devices.close();
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    this.#apply();
    this.dispatchEvent(new Event("muted"));
  }

  /** @param {boolean} on */
  async picture(on) {
    this.#camera = on;
    if (on && this.mode === "sound") this.mode = "normal";
    if (this.stream) await this.open();
    this.dispatchEvent(new Event("mode"));
    this.show();
  }

  /** Choose how much is sent. @param {Mode} mode */
  async choose(mode) {
    this.mode = mode;
    localStorage.setItem(MODE_KEY, mode);
    if (this.stream) await this.open();
    this.dispatchEvent(new Event("mode"));
    this.show();
  }

  /** Show what is wrong. @param {string} sentence */
  say(sentence) {
    const said = this.root.querySelector("[data-trouble]");
    if (said && said.textContent !== sentence) said.textContent = sentence;
  }

  /** Draw the current state. */
  show() {
    const camera = Boolean(this.stream?.getVideoTracks().length);
    this.root.toggleAttribute("data-open", Boolean(this.stream));
    this.root.toggleAttribute("data-pictured", camera);
    this.#key("mute", this.muted);
    this.#key("camera", !this.pictured);
    for (const input of this.#inputs("mode")) input.checked = input.value === this.mode;
    const wish = this.devices.wish;
    for (const input of this.#inputs("wish")) input.checked = input.value === "noise" ? wish.noise : wish.gain;
  }

  /** @param {string} name @returns {NodeListOf<HTMLInputElement>} */
  #inputs(name) {
    return this.root.querySelectorAll(`input[name="own-${name}"]`);
  }

  /** Draw a key, whose two words are in the page. @param {string} name @param {boolean} pressed */
  #key(name, pressed) {
    const key = this.root.querySelector(`[data-do="${name}"]`);
    key?.querySelector("[data-off]")?.toggleAttribute("hidden", pressed);
    key?.querySelector("[data-on]")?.toggleAttribute("hidden", !pressed);
    key?.toggleAttribute("data-pressed", pressed);
  }

  #wire() {
    /** @type {Record<string, () => unknown>} */
    const acts = {
      open: () => this.open(),
      mute: () => this.mute(!this.muted),
      camera: () => this.picture(!this.pictured),
    };
    for (const [name, act] of Object.entries(acts)) {
      const key = /** @type {HTMLButtonElement | null} */ (this.root.querySelector(`[data-do="${name}"]`));
      key?.addEventListener("click", act);
      if (key) key.disabled = false;
    }
    for (const device of DEVICES) {
      const menu = this.#menu(device);
      menu?.addEventListener("change", () => this.devices.choose(device, menu.value));
    }
    for (const input of this.#inputs("mode")) {
      input.addEventListener("change", () => this.choose(/** @type {Mode} */ (input.value)));
    }
    for (const input of this.#inputs("wish")) {
      input.addEventListener("change", () => this.devices.open({ [input.value]: input.checked }));
    }
  }

  /** @param {import("./devices.js").Device} device */
  #menu(device) {
    return /** @type {HTMLSelectElement | null} */ (this.root.querySelector(`[data-device="${device}"]`));
  }

  #menus() {
    for (const device of DEVICES) {
      const menu = this.#menu(device);
      if (menu) fill(menu, device, this.devices.inUse(device));
    }
  }

  #changed() {
    const video = this.root.querySelector("video");
    if (video) video.srcObject = this.stream;
    this.#apply();
    this.level?.follow(this.stream);
    this.#menus();
    this.dispatchEvent(new Event("changed"));
  }

  #apply() {
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !this.muted;
    this.show();
  }
}
