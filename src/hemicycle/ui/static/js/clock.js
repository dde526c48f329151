// <hc-clock>: the one clock. It shows a state that the server keeps; it counts nothing itself.
//
//   <hc-clock data-state='{"running": true, "limit_ms": 180000, ...}' data-size="hall" data-follow>
//
// The state is a `ClockState`, see `clock-state.js`, or null while nobody has the floor.

import { beep } from "./beep.js";
import { countsUp, cutAt, EMPTY, leftAt, phaseAt, shownAt, shownSeconds, untilChange, wordOf } from "./clock-state.js";
import { onChange, serverNow } from "./clock-sync.js";
import { t } from "./messages.js";

/** @import { ClockState, Phase } from "./clock-state.js" */

const RING = '<circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="3"/>';

/** @type {Record<Phase, string>} */
const SHAPES = {
  free: RING,
  ready: RING,
  speaking: '<circle cx="12" cy="12" r="9"/>',
  warning: '<path d="M12 2l11 20H1z"/>',
  time: '<path d="M8 1.5h8L22.5 8v8L16 22.5H8L1.5 16V8z"/>',
  stopped: '<rect x="5" y="4" width="5" height="16"/><rect x="14" y="4" width="5" height="16"/>',
};

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
  /** @type {Array<() => void>} */
  #undo = [];

  connectedCallback() {
    if (!this.querySelector(".clock__figures")) this.#build();
    const draw = () => this.#draw();
    const follow = (/** @type {Event} */ event) => {
      const { clock } = /** @type {CustomEvent<{ clock?: ClockState | null } | null>} */ (event).detail ?? {};
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

  /** Milliseconds left now, as `beat.js` reports them. */
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
      if (this.#sound) beep(1);
      tell();
    });
    tell();
    this.append(button);
  }

  #draw() {
    clearTimeout(this.#timer);
    if (!this.isConnected) return;
    const now = serverNow();
    const left = leftAt(this.#state, now);
    this.#show(left, shownAt(this.#state, now), phaseAt(this.#state, now));
    const over = now >= (cutAt(this.#state) ?? Infinity);
    if (this.#state.running && !over) this.#timer = setTimeout(() => this.#draw(), untilChange(left));
  }

  /** @param {number} left @param {string} shown @param {Phase} phase */
  #show(left, shown, phase) {
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#part(".clock__figures").textContent = shown;
    }
    const share = this.#state.limit_ms && !countsUp(this.#state) ? Math.max(0, left) / this.#state.limit_ms : 0;
    this.#part(".clock__bar > span").style.inlineSize = `${Math.min(100, share * 100).toFixed(2)}%`;
    if (phase !== this.#phase) this.#enter(phase, left);
  }

  /** @param {Phase} phase @param {number} left */
  #enter(phase, left) {
    const before = this.#phase;
    this.#phase = phase;
    this.dataset.phase = phase;
    this.#part(".clock__shape").innerHTML = SHAPES[phase];
    this.#part(".clock__word > span").textContent = t(wordOf(phase));
    const status = this.#part('[role="status"]');
    if (phase === "warning") {
      // The time left now, since a page may open in the middle of the warning.
      status.textContent = t("clock.warned", { n: shownSeconds(left) });
    } else status.textContent = phase === "time" ? t("clock.time") : "";
    if (before && this.#sound && phase === "warning") beep(1);
    if (before && this.#sound && phase === "time") beep(2);
    this.dispatchEvent(new CustomEvent("phase", { detail: phase, bubbles: true }));
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.querySelector(selector));
  }
}

customElements.define("hc-clock", Clock);
