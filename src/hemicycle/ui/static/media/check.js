// The check of the green room: is there a microphone that hears somebody speak, a camera, and a way
// for packets to the engine? What passes is told to `web`; what does not gets plain advice.

import { t } from "../js/messages.js";
import { Blocked, connected, wayOf } from "./peer.js";
import { ask, Refusal } from "./pass.js";
import { publish } from "./whip.js";

/** @typedef {"running" | "passed" | "warned" | "failed"} Outcome */
/** @typedef {{ outcome: Outcome, sentence: string }} Finding */
/** @typedef {{ level_db: number, camera: boolean, rtt_ms: number, loss: number }} Figures */

const SPEAK_MS = 8_000;
const LOOK_MS = 100;
const ENOUGH_MS = 1_200;
const MEASURE_MS = 2_500;
/** The engine takes a hearing on the air a few seconds after somebody begins to practise. */
const WAKING_MS = 15_000;
const AGAIN_MS = 1_000;
const FAR_MS = 400;
const LOSSY_PERCENT = 5;

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Check extends EventTarget {
  /** @type {Partial<Record<"microphone" | "camera" | "network", Finding>>} */
  findings = {};
  running = false;
  /** @type {Figures} */
  figures = { level_db: -99, camera: false, rtt_ms: 0, loss: 0 };

  /** @param {import("./own.js").Own} own @param {string} pass */
  constructor(own, pass) {
    super();
    this.own = own;
    this.pass = pass;
  }

  /** Whether one can be heard: the microphone hears and packets get through. */
  get passed() {
    const fit = (/** @type {Finding | undefined} */ found) => found?.outcome === "passed" || found?.outcome === "warned";
    return !this.running && fit(this.findings.microphone) && fit(this.findings.network);
  }

  async run() {
    if (this.running) return;
    this.running = true;
    this.findings = {};
    this.#found("microphone", "running", t("check.opening"));
    await this.own.open();
    this.#camera();
    await Promise.all([this.#microphone(), this.#network()]);
    this.running = false;
    this.dispatchEvent(new Event("changed"));
  }

  #camera() {
    if (this.own.unseen) return; // none is opened
    const { trouble, stream, wish } = this.own.devices;
    this.figures.camera = Boolean(stream?.getVideoTracks().length);
    if (this.figures.camera) this.#found("camera", "passed", t("check.camera"));
    else this.#found("camera", "warned", (wish.picture && trouble.camera) || t("check.no_camera"));
  }

  async #microphone() {
    const { devices, level } = this.own;
    if (!devices.stream?.getAudioTracks().length) {
      return this.#found("microphone", "failed", devices.trouble.microphone ?? t("devices.microphone_none"));
    }
    if (this.own.muted) this.own.mute(false);
    this.#found("microphone", "running", t("check.speak"));
    const { loudest, good } = await hear(level);
    this.figures.level_db = Math.round(loudest);
    const label = devices.label("microphone");
    if (good) this.#found("microphone", "passed", t("check.heard", { label }));
    else if (level.word === "loud") this.#found("microphone", "warned", t("check.loud"));
    else if (loudest < -56) this.#found("microphone", "failed", t("check.wrong", { label }));
    else this.#found("microphone", "warned", t("check.quiet", { label }));
  }

  async #network() {
    this.#found("network", "running", t("check.connecting"));
    /** @type {import("./peer.js").Peer | undefined} */
    let peer;
    try {
      peer = await this.#way(this.own.stream ?? silence());
      const pc = /** @type {RTCPeerConnection} */ (peer.pc);
      await connected(pc);
      await pause(MEASURE_MS);
      this.#measured({ ...(await measured(pc)), way: await wayOf(pc) });
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      this.#found("network", "failed", error instanceof Blocked ? t("media.blocked") : sentence);
    } finally {
      peer?.close();
    }
  }

  /** @param {MediaStream} stream @returns {Promise<import("./peer.js").Peer>} */
  async #way(stream) {
    for (const until = performance.now() + WAKING_MS; ; await pause(AGAIN_MS)) {
      try {
        return await publish(await ask(this.pass, "practice"), stream);
      } catch (error) {
        const waking = error instanceof Refusal && error.status === 503;
        if (!waking || performance.now() > until) throw error;
      }
    }
  }

  /** @param {{ rtt_ms: number, loss: number, way: import("./peer.js").Way | null }} seen */
  #measured({ way, rtt_ms, loss }) {
    Object.assign(this.figures, { rtt_ms, loss });
    if (rtt_ms > FAR_MS || loss > LOSSY_PERCENT) this.#found("network", "warned", t("check.weak"));
    else if (way === "tcp" || way === "relay") this.#found("network", "warned", t(`check.by_${way}`, { ms: rtt_ms }));
    else this.#found("network", "passed", t("check.network", { ms: rtt_ms }));
  }

  /** @param {"microphone" | "camera" | "network"} what @param {Outcome} outcome @param {string} sentence */
  #found(what, outcome, sentence) {
    this.findings[what] = { outcome, sentence };
    this.dispatchEvent(new Event("changed"));
  }
}

/**
 * Listen until somebody has spoken well for a while, or the time is over.
 * @param {import("./meter.js").Level} level
 */
async function hear(level) {
  let loudest = -99;
  let well = 0;
  for (let waited = 0; waited < SPEAK_MS && well < ENOUGH_MS; waited += LOOK_MS) {
    await pause(LOOK_MS);
    loudest = Math.max(loudest, level.db);
    if (level.word === "good") well += LOOK_MS;
  }
  return { loudest, good: well >= ENOUGH_MS };
}

/** The round trip in ms and the loss in percent, as the engine reports them. @param {RTCPeerConnection} pc */
async function measured(pc) {
  let rtt_ms = 0;
  let loss = 0;
  for (const report of (await pc.getStats()).values()) {
    if (report.type === "candidate-pair" && report.nominated) {
      rtt_ms = Math.round(1000 * (report.currentRoundTripTime ?? 0));
    }
    if (report.type === "remote-inbound-rtp") {
      loss = Math.max(loss, Math.round(100 * (report.fractionLost ?? 0)));
    }
  }
  return { rtt_ms, loss };
}

/** A stream without a sound, so that the network can be tried without a microphone. */
function silence() {
  return new MediaStreamAudioDestinationNode(new AudioContext()).stream;
}
