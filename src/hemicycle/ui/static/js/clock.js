// <hc-clock>: the one clock. It shows a state that the server keeps; it counts nothing itself.
//
//   <hc-clock data-state='{"running": true, "limit_ms": 180000, ...}' data-size="hall" data-follow>
//
// State, all in milliseconds: `limit_ms` (extensions included), `used_before_ms` up to the last
// start, `running`, `running_since_ms` (server time of that start), `warning_ms`, `at_limit`
// ("signal" runs on as +m:ss, "cut" stops `grace_ms` after the limit). Seconds left are rounded
// up, seconds over down, so 0:00 appears at the limit itself.

import { onChange, serverNow } from "./clock-sync.js";
import { t } from "./messages.js";

/**
 * @typedef {object} ClockState
 * @property {boolean} running
 * @property {number} limit_ms
 * @property {number} used_before_ms
 * @property {number | null} running_since_ms
 * @property {number} warning_ms
 * @property {"signal" | "cut"} [at_limit]
 * @property {number} [grace_ms]
 */

/** @typedef {"idle" | "speaking" | "warning" | "time" | "stopped"} Phase */

/** @type {ClockState} */
const EMPTY = {
  running: false,
  limit_ms: 0,
  used_before_ms: 0,
  running_since_ms: null,
  warning_ms: 0,
};

/** @type {Record<Phase, string>} */
const SHAPES = {
  idle: '<circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="3"/>',
  speaking: '<circle cx="12" cy="12" r="9"/>',
  warning: '<path d="M12 2l11 20H1z"/>',
  time: '<path d="M8 1.5h8L22.5 8v8L16 22.5H8L1.5 16V8z"/>',
  stopped: '<rect x="5" y="4" width="5" height="16"/><rect x="14" y="4" width="5" height="16"/>',
};

/**
 * Milliseconds left at server time `now`; negative over the limit.
 * @param {ClockState} state
 * @param {number} now
 */
export function leftAt(state, now) {
  const since = state.running && state.running_since_ms !== null ? state.running_since_ms : now;
  const left = state.limit_ms - state.used_before_ms - Math.max(0, now - since);
  return state.at_limit === "cut" ? Math.max(left, -(state.grace_ms ?? 0)) : left;
}

/**
 * Seconds as shown: left is rounded up, over is rounded down.
 * @param {number} left
 */
export function shownSeconds(left) {
  return left >= 0 ? Math.ceil(left / 1000) : -Math.floor(-left / 1000);
}

/**
 * @param {number} left
 * @returns {string} "2:14", "0:00", "+0:12"
 */
export function figures(left) {
  const seconds = shownSeconds(left);
  const size = Math.abs(seconds);
  return `${seconds < 0 ? "+" : ""}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
}

/**
 * @param {ClockState} state
 * @param {number} left
 * @returns {Phase}
 */
export function phaseOf(state, left) {
  if (left <= 0 && state.limit_ms > 0) return "time";
  if (!state.running) return state.used_before_ms > 0 ? "stopped" : "idle";
  return left <= state.warning_ms ? "warning" : "speaking";
}

export class Clock extends HTMLElement {
  static observedAttributes = ["data-state"];

  /** @type {ClockState} */
  #state = EMPTY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Phase | undefined} */
  #phase;
  #shown = "";
  #sound = false;
  /** @type {AudioContext | undefined} */
  #audio;
  /** @type {Array<() => void>} */
  #undo = [];

  connectedCallback() {
    if (!this.querySelector(".clock__figures")) this.#build();
    const draw = () => this.#draw();
    const follow = (/** @type {Event} */ event) => {
      const { clock } = /** @type {CustomEvent} */ (event).detail ?? {};
      if (clock !== undefined) this.state = clock ?? EMPTY;
    };
    this.#undo.push(onChange(draw));
    if ("follow" in this.dataset) {
      document.addEventListener("floor", follow);
      this.#undo.push(() => document.removeEventListener("floor", follow));
    }
    document.addEventListener("visibilitychange", draw);
    this.#undo.push(() => document.removeEventListener("visibilitychange", draw));
    this.#read();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    for (const undo of this.#undo.splice(0)) undo();
  }

  attributeChangedCallback() {
    if (this.isConnected && this.#shown) this.#read();
  }

  get state() {
    return this.#state;
  }

  set state(state) {
    this.#state = { ...EMPTY, ...state };
    this.#draw();
  }

  /** Milliseconds left by the figures now on the screen, as `beat.js` reports them. */
  get shownLeft() {
    return leftAt(this.#state, serverNow());
  }

  #read() {
    this.state = JSON.parse(this.dataset.state || "null") ?? EMPTY;
  }

  #build() {
    this.innerHTML = `<span class="clock__figures" aria-hidden="true"></span>
      <span class="clock__word"><svg class="clock__shape" viewBox="0 0 24 24" aria-hidden="true"></svg><span></span></span>
      <span class="clock__bar" aria-hidden="true"><span></span></span>
      <span class="visually-hidden" role="status" aria-live="polite"></span>`;
    if ("sound" in this.dataset) this.#buildSound();
  }

  #buildSound() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn--small clock__sound";
    const tell = () => {
      button.setAttribute("aria-pressed", String(this.#sound));
      button.textContent = t(this.#sound ? "clock.sound_on" : "clock.sound_off");
    };
    button.addEventListener("click", () => {
      this.#sound = !this.#sound;
      if (this.#sound) this.#beep(1);
      tell();
    });
    tell();
    this.append(button);
  }

  #draw() {
    clearTimeout(this.#timer);
    if (!this.isConnected) return;
    const left = leftAt(this.#state, serverNow());
    this.#show(left);
    if (this.#state.running) this.#timer = setTimeout(() => this.#draw(), untilChange(left));
  }

  /** @param {number} left */
  #show(left) {
    const shown = figures(left);
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#part(".clock__figures").textContent = shown;
    }
    const share = this.#state.limit_ms ? Math.max(0, left) / this.#state.limit_ms : 0;
    this.#part(".clock__bar > span").style.inlineSize = `${Math.min(100, share * 100).toFixed(2)}%`;
    const phase = phaseOf(this.#state, left);
    this.#word(phase);
    if (phase !== this.#phase) this.#enter(phase);
  }

  /** @param {Phase} phase */
  #word(phase) {
    const seconds = Math.round(this.#state.warning_ms / 1000);
    const text = phase === "warning" ? t("clock.seconds", { n: seconds }) : t(`clock.${phase}`);
    const word = this.#part(".clock__word > span");
    if (word.textContent !== text) word.textContent = text;
  }

  /** @param {Phase} phase */
  #enter(phase) {
    const before = this.#phase;
    this.#phase = phase;
    this.dataset.phase = phase;
    this.#part(".clock__shape").innerHTML = SHAPES[phase];
    const status = this.#part('[role="status"]');
    if (phase === "warning") {
      status.textContent = t("clock.warned", { n: Math.round(this.#state.warning_ms / 1000) });
    } else status.textContent = phase === "time" ? t("clock.time") : "";
    if (before && this.#sound && phase === "warning") this.#beep(1);
    if (before && this.#sound && phase === "time") this.#beep(2);
    this.dispatchEvent(new CustomEvent("phase", { detail: phase, bubbles: true }));
  }

  /** @param {number} times */
  #beep(times) {
    this.#audio ??= new AudioContext();
    for (let i = 0; i < times; i += 1) {
      const at = this.#audio.currentTime + i * 0.28;
      const tone = this.#audio.createOscillator();
      const level = this.#audio.createGain();
      tone.frequency.value = 660;
      level.gain.setValueAtTime(0, at);
      level.gain.linearRampToValueAtTime(0.22, at + 0.02);
      level.gain.linearRampToValueAtTime(0, at + 0.18);
      tone.connect(level).connect(this.#audio.destination);
      tone.start(at);
      tone.stop(at + 0.2);
    }
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.querySelector(selector));
  }
}

/**
 * Milliseconds until the shown second changes; a timer may fire a shade early, so one is added.
 * @param {number} left
 */
export function untilChange(left) {
  const rest = left > 0 ? left - (Math.ceil(left / 1000) - 1) * 1000 : 1000 - (-left % 1000);
  return Math.max(1, Math.ceil(rest));
}

customElements.define("hc-clock", Clock);
