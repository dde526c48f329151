// <hc-level>: how loud someone is, shown as bars and in a word.
//
//   level.follow(stream)   one's own microphone, measured here
//   level.show(-23.5)      a level that the engine reports, in dBFS; null for none
//
// The word describes the loudest level of the last seconds, so that it does not change while someone
// speaks; that level stays marked for as long, so that bars and word never contradict each other.

import { t } from "../js/messages.js";

/** @typedef {"none" | "quiet" | "good" | "loud"} Loudness */

const BARS = 12;
const LOWEST_DB = -60;
const QUIET_DB = -38;
const LOUD_DB = -8;
const SILENT_DB = -56;
const HELD_MS = 2_500;
const EVERY_MS = 66;

/** @param {number} db the loudest of the last seconds @returns {Loudness} */
export function loudness(db) {
  if (db < SILENT_DB) return "none";
  if (db < QUIET_DB) return "quiet";
  return db > LOUD_DB ? "loud" : "good";
}

/** @param {Float32Array} samples @returns {number} root mean square in dBFS */
export function decibels(samples) {
  const sum = samples.reduce((all, sample) => all + sample * sample, 0);
  return 10 * Math.log10(Math.max(1e-12, sum / samples.length));
}

/** How many bars a level fills: only a level that is "too loud" reaches the red ones. @param {number} db */
function reach(db) {
  const part = 1 - Math.max(db, LOWEST_DB) / LOWEST_DB;
  return db > LOUD_DB ? Math.max(BARS - 1, Math.round(BARS * part)) : Math.min(BARS - 2, Math.round(BARS * part));
}

/** @type {AudioContext | undefined} */
let context;

export class Level extends HTMLElement {
  /** The newest level, in dBFS. */
  db = -Infinity;
  /** @type {Loudness} */
  word = "none";
  /** @type {{ db: number, at: number }[]} */
  #held = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {MediaStreamAudioSourceNode | undefined} */
  #source;

  connectedCallback() {
    if (this.firstChild) return;
    const bars = document.createElement("span");
    bars.className = "level__bars";
    bars.setAttribute("role", "meter");
    bars.setAttribute("aria-label", this.dataset.label ?? t("level.label"));
    bars.setAttribute("aria-valuemin", String(LOWEST_DB));
    bars.setAttribute("aria-valuemax", "0");
    for (let bar = 0; bar < BARS; bar += 1) bars.append(document.createElement("i"));
    const word = document.createElement("span");
    word.className = "level__word";
    this.append(bars, word);
    this.show(null);
  }

  disconnectedCallback() {
    this.follow(null);
  }

  /** Measure a stream's sound; null stops. @param {MediaStream | null} stream */
  follow(stream) {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#source = undefined;
    this.#held = [];
    if (!stream?.getAudioTracks().length) return this.show(null);
    context ??= new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 2048 });
    this.#source = context.createMediaStreamSource(stream);
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      if (context?.state === "suspended") context.resume().catch(() => {});
      analyser.getFloatTimeDomainData(samples);
      this.show(decibels(samples));
    }, EVERY_MS);
  }

  /** @param {number | null} db */
  show(db) {
    const now = performance.now();
    this.db = db ?? -Infinity;
    this.#held = [...this.#held.filter((peak) => now - peak.at < HELD_MS), { db: this.db, at: now }];
    if (db === null) this.#held = [];
    this.word = loudness(this.#loudest());
    this.#draw();
  }

  #loudest() {
    return Math.max(-Infinity, ...this.#held.map((peak) => peak.db));
  }

  #draw() {
    const [bars, word] = this.children;
    if (!word) return;
    const [lit, held] = [reach(this.db), reach(this.#loudest())];
    [...bars.children].forEach((bar, place) => {
      bar.toggleAttribute("data-lit", place < lit);
      bar.toggleAttribute("data-held", place >= lit && place < held);
    });
    bars.setAttribute("aria-valuenow", String(Math.round(Math.max(LOWEST_DB, this.db))));
    const text = t(`level.${this.word}`);
    bars.setAttribute("aria-valuetext", text);
    if (word.textContent !== text) word.textContent = text;
    this.dataset.word = this.word;
  }
}

customElements.define("hc-level", Level);
