// The check of the green room: is there a microphone that hears somebody speak, a camera, and a way
// for packets to the engine and back? The engine measures, and reports to `web` who has passed; this page
// gives plain advice on the results.

import { t } from "../js/messages.js";
import { Link } from "./link.js";
import { wayOf } from "./peer.js";
import { listen } from "./whep.js";
import { publish } from "./whip.js";

/** @import { Measured } from "./news.js" */
/** @typedef {"running" | "passed" | "warned" | "failed"} Outcome */
/** @typedef {{ outcome: Outcome, sentence: string }} Finding */

/** The longest time for which a participant is asked to speak. */
const SPEAK_MS = 12_000;
/** How long to wait for the engine: it starts with a hearing a few seconds after someone practises. */
const WAKING_MS = 15_000;
const HEAR_MS = 6_000;
const LOOK_MS = 100;
const FAR_MS = 400;
const LOSSY_PERCENT = 5;
const QUIET_DB = -38;
const LOUD_DB = -8;
const SILENT_DB = -56;

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Wait until `so` returns true, or the time is over.
 * @param {() => boolean | undefined} so @param {number} most_ms
 */
async function until(so, most_ms) {
  for (const over = performance.now() + most_ms; !so() && performance.now() < over; ) await pause(LOOK_MS);
}

export class Check extends EventTarget {
  /** @type {Partial<Record<"microphone" | "camera" | "network", Finding>>} */
  findings = {};
  running = false;
  /** What the engine has measured. @type {Measured | undefined} */
  measured;

  /** @param {import("./own.js").Own} own @param {string} pass */
  constructor(own, pass) {
    super();
    this.own = own;
    this.pass = pass;
  }

  /** Whether the participant can be heard, as the engine has measured. */
  get passed() {
    return !this.running && Boolean(this.measured?.passed);
  }

  async run() {
    if (this.running) return;
    this.running = true;
    this.findings = {};
    this.measured = undefined;
    this.#found("microphone", "running", t("check.opening"));
    await this.own.open();
    this.#camera();
    if (this.own.muted) this.own.mute(false);
    await this.#measure();
    this.running = false;
    this.dispatchEvent(new Event("changed"));
  }

  #camera() {
    if (this.own.unseen) return; // no camera is opened
    const { trouble, stream, wish } = this.own.devices;
    if (stream?.getVideoTracks().length) this.#found("camera", "passed", t("check.camera"));
    else this.#found("camera", "warned", (wish.picture && trouble.camera) || t("check.no_camera"));
  }

  get #hasMicrophone() {
    return Boolean(this.own.devices.stream?.getAudioTracks().length);
  }

  async #measure() {
    if (this.#hasMicrophone) this.#found("microphone", "running", t("check.speak"));
    else this.#microphone();
    const loudest = hear(this.own.level);
    this.#found("network", "running", t("check.connecting"));
    const sound = new Audio();
    const stream = this.own.stream ?? silence();
    const going = new Link({ pass: this.pass, use: "practice", open: (given) => publish(given, stream) });
    const coming = new Link({ pass: this.pass, use: "practice", open: (given) => heard(given, sound) });
    going.addEventListener("check", (event) => {
      this.measured = /** @type {CustomEvent} */ (event).detail;
    });
    try {
      going.start();
      await until(() => going.state === "up" || going.state === "closed" || going.blocked, WAKING_MS);
      if (going.state !== "up") return this.#noWay(going, await loudest);
      coming.start();
      await until(() => coming.state === "up", WAKING_MS);
      if (this.#hasMicrophone) this.#found("network", "running", t("check.listen"));
      await going.control("check").catch(() => {});
      await until(() => this.#isMeasured, SPEAK_MS);
      const pc = going.peer?.pc;
      this.#network(pc ? await wayOf(pc) : null);
      this.#microphone();
    } finally {
      going.stop();
      coming.stop();
      sound.srcObject = null;
    }
  }

  /** Whether the engine has finished. */
  get #isMeasured() {
    const { noted = false, echo = false } = this.measured ?? {};
    return noted || echo || (Boolean(this.measured) && !this.#hasMicrophone);
  }

  /**
   * Fail, since the engine cannot be reached; what this page hears still helps to choose a microphone.
   * @param {Link} link @param {number} loudest in dBFS
   */
  #noWay(link, loudest) {
    this.#found("network", "failed", link.sentence || t("media.unreachable"));
    if (this.#hasMicrophone) this.#advise(loudest, false);
  }

  /** @param {import("./peer.js").Way | null} way */
  #network(way) {
    const { rtt_ms = 0, loss = 0, returns = true } = this.measured ?? {};
    if (!returns) this.#found("network", "failed", t("check.no_return"));
    else if (rtt_ms > FAR_MS || loss > LOSSY_PERCENT) this.#found("network", "warned", t("check.weak"));
    else if (way === "tcp" || way === "relay") this.#found("network", "warned", t(`check.by_${way}`, { ms: rtt_ms }));
    else this.#found("network", "passed", t("check.network", { ms: rtt_ms }));
  }

  #microphone() {
    const { devices } = this.own;
    if (!this.#hasMicrophone) {
      return this.#found("microphone", "failed", devices.trouble.microphone ?? t("devices.microphone_none"));
    }
    const { level_db = SILENT_DB, echo = false } = this.measured ?? {};
    if (!this.measured?.passed && level_db >= QUIET_DB && level_db <= LOUD_DB && !echo) {
      return this.#found("microphone", "warned", t("check.speak"));
    }
    this.#advise(level_db, echo);
  }

  /** @param {number} db the loudest, in dBFS @param {boolean} echo */
  #advise(db, echo) {
    const label = this.own.devices.label("microphone");
    if (echo) this.#found("microphone", "failed", t("check.echo", { label }));
    else if (db > LOUD_DB) this.#found("microphone", "warned", t("check.loud"));
    else if (db <= SILENT_DB) this.#found("microphone", "failed", t("check.wrong", { label }));
    else if (db < QUIET_DB) this.#found("microphone", "warned", t("check.quiet", { label }));
    else this.#found("microphone", "passed", t("check.heard", { label }));
  }

  /** @param {"microphone" | "camera" | "network"} what @param {Outcome} outcome @param {string} sentence */
  #found(what, outcome, sentence) {
    this.findings[what] = { outcome, sentence };
    this.dispatchEvent(new Event("changed"));
  }
}

/**
 * Play one's own sound as the engine returns it.
 * @param {import("./pass.js").Pass} pass @param {HTMLAudioElement} sound
 */
async function heard(pass, sound) {
  const peer = await listen(pass, { channel: "practice", picture: false });
  sound.srcObject = peer.stream;
  await sound.play().catch(() => {});
  return peer;
}

/**
 * How loud somebody speaks, in dBFS, as this page hears it.
 * @param {import("./meter.js").Level} level
 */
async function hear(level) {
  let loudest = SILENT_DB;
  await until(() => {
    loudest = Math.max(loudest, level.db);
    return false;
  }, HEAR_MS);
  return loudest;
}

/** A stream without a sound, so that the network can be tried without a microphone. */
function silence() {
  return new MediaStreamAudioDestinationNode(new AudioContext()).stream;
}
