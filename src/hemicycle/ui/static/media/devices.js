// Microphone and camera: the choice among devices, permission to use them, and advice if one is missing.
//
// This browser remembers the choice. If a device is unplugged during a meeting, the default one replaces
// it, and an event informs the page.

import { t } from "../js/messages.js";

/** @typedef {"microphone" | "camera"} Device */

/**
 * @typedef {object} Wish
 * @property {boolean} [picture] open a camera too
 * @property {boolean} [noise] remove noise from the voice (never in a booth)
 * @property {boolean} [gain] adjust the level automatically
 * @property {boolean} [echo] remove the loudspeaker's echo
 */

const KINDS = /** @type {const} */ ({ microphone: "audioinput", camera: "videoinput" });
const KEY = "hemicycle-device-";
const SOUND = { channelCount: 1, sampleRate: 48_000 };
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25 } };

/** @param {Device} device */
export function remembered(device) {
  return localStorage.getItem(KEY + device) ?? "";
}

/** @param {Device} device @param {string} id */
export function remember(device, id) {
  localStorage.setItem(KEY + device, id);
}

/**
 * The devices that are plugged in; their labels are empty until the browser has permission.
 * @param {Device} device
 */
export async function plugged(device) {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all.filter((info) => info.kind === KINDS[device] && info.deviceId);
}

/**
 * A sentence that says what is wrong with a device and what to do.
 * @param {unknown} error
 * @param {Device} device
 */
export function explain(error, device) {
  const name = error instanceof DOMException ? error.name : "";
  if (!navigator.mediaDevices) return t("devices.insecure");
  if (name === "NotAllowedError" || name === "SecurityError") return t(`devices.${device}_denied`);
  if (name === "NotFoundError" || name === "OverconstrainedError") return t(`devices.${device}_none`);
  if (name === "NotReadableError" || name === "AbortError") return t(`devices.${device}_busy`);
  return t(`devices.${device}_failed`);
}

/** Whether a device may be opened without asking: it was allowed before. @param {Device} device */
export async function allowed(device) {
  const name = /** @type {PermissionName} */ (/** @type {string} */ (device));
  const found = await navigator.permissions?.query({ name }).catch(() => null);
  return found?.state === "granted";
}

/**
 * The devices in use. Events: "changed" (another stream), "trouble" (`detail`: the sentence), and
 * "plugged" when a device is plugged in or unplugged.
 */
export class Devices extends EventTarget {
  /** @type {MediaStream | null} */
  stream = null;
  /** What is wrong with each device, in words. @type {Partial<Record<Device, string>>} */
  trouble = {};
  /** @type {Partial<Record<Device, { track: MediaStreamTrack, asked: string }>>} */
  #open = {};
  /** @type {Required<Wish>} */
  #wish;

  /** @param {Wish} [wish] */
  constructor(wish = {}) {
    super();
    this.#wish = { picture: true, noise: true, gain: true, echo: true, ...wish };
    navigator.mediaDevices?.addEventListener("devicechange", () => this.dispatchEvent(new Event("plugged")));
  }

  get wish() {
    return { ...this.#wish };
  }

  /**
   * Open the devices that are wished for. `trouble` explains why one cannot be opened; the others work.
   * A device that is already open as wished stays open.
   * Returns whether there is a microphone.
   * @param {Wish} [wish] what has changed
   */
  async open(wish = {}) {
    Object.assign(this.#wish, wish);
    this.trouble = {};
    const sound = await this.#take("microphone");
    const picture = this.#wish.picture ? await this.#take("camera") : this.#leave("camera");
    const tracks = [sound, picture].filter((track) => track !== null);
    this.stream = tracks.length ? new MediaStream(tracks) : null;
    this.dispatchEvent(new Event("changed"));
    return sound !== null;
  }

  /** @param {Device} device @param {string} id "" for the default one */
  async choose(device, id) {
    remember(device, id);
    await this.open();
  }

  /** Close all devices. */
  close() {
    this.#leave("microphone");
    this.#leave("camera");
    this.stream = null;
    this.dispatchEvent(new Event("changed"));
  }

  /** The id of the device in use; "" for none. @param {Device} device */
  inUse(device) {
    return this.#open[device]?.track.getSettings().deviceId ?? "";
  }

  /** What the browser calls the device in use; "" for none. @param {Device} device */
  label(device) {
    return this.#open[device]?.track.label ?? "";
  }

  /** @param {Device} device @returns {null} */
  #leave(device) {
    this.#open[device]?.track.stop();
    delete this.#open[device];
    return null;
  }

  /** @param {Device} device @returns {Promise<MediaStreamTrack | null>} */
  async #take(device) {
    const asked = JSON.stringify(this.#constraints(device, remembered(device)));
    const had = this.#open[device];
    if (had?.asked === asked && had.track.readyState === "live") return had.track;
    this.#leave(device);
    try {
      const track = await this.#find(device, remembered(device));
      track.addEventListener("ended", () => this.#unplugged(device));
      this.#open[device] = { track, asked };
      return track;
    } catch (error) {
      this.trouble[device] = explain(error, device);
      return null;
    }
  }

  /** Open the chosen device, or any other if it is missing. @param {Device} device @param {string} id */
  async #find(device, id) {
    if (!navigator.mediaDevices) throw new DOMException("insecure", "SecurityError");
    try {
      return await this.#ask(device, id);
    } catch (error) {
      const gone = error instanceof DOMException && error.name !== "NotAllowedError";
      if (!id || !gone) throw error;
      return this.#ask(device, "");
    }
  }

  /** @param {Device} device @param {string} id */
  async #ask(device, id) {
    const stream = await navigator.mediaDevices.getUserMedia(this.#constraints(device, id));
    return stream.getTracks()[0];
  }

  /** @param {Device} device @param {string} id @returns {MediaStreamConstraints} */
  #constraints(device, id) {
    const deviceId = id ? { exact: id } : undefined;
    if (device === "camera") return { video: { ...PICTURE, deviceId } };
    const { echo, noise, gain } = this.#wish;
    const processing = { echoCancellation: echo, noiseSuppression: noise, autoGainControl: gain };
    return { audio: { ...SOUND, ...processing, deviceId } };
  }

  /** @param {Device} device */
  async #unplugged(device) {
    remember(device, "");
    await this.open();
    const left = this.trouble[device] ?? t(`devices.${device}_unplugged`);
    this.dispatchEvent(new CustomEvent("trouble", { detail: left }));
  }
}

/**
 * Fill a menu with the devices that are plugged in and mark the one in use.
 * @param {HTMLSelectElement} menu
 * @param {Device} device
 * @param {string} inUse
 */
export async function fill(menu, device, inUse) {
  const found = await plugged(device);
  const options = found.map((info, place) => {
    const label = info.label || t(`devices.${device}_number`, { n: place + 1 });
    return new Option(label, info.deviceId, false, info.deviceId === inUse);
  });
  menu.replaceChildren(...options);
  menu.disabled = options.length < 2;
}
