// The statement beside the interpreter. It follows the floor and shows how fast the text is read.
//
// At first, the page shows how many words a minute the speaker must read to end in time. When the
// interpreter marks the paragraph that the speaker has reached, it shows the measured pace: the
// words before the mark, divided by the time used so far.

import { countsUp, usedAt } from "../js/clock-state.js";
import { serverNow } from "../js/clock-sync.js";
import { t } from "../js/messages.js";

const MOST_PER_MINUTE = 240;
const TOO_FAST = 1.25;
const FIRST_MS = 5_000;
const AGAIN_MS = 3_000;

/** @import { ClockState } from "../js/clock-state.js" */

export class Text {
  /** @type {ClockState | null} */
  clock = null;
  /** Whether the text follows the speaker, not another text that the interpreter opened. */
  following = true;
  #slot = "";
  #marked = -1;
  #round = 0;

  /** @param {HTMLElement} root @param {HTMLElement} pace */
  constructor(root, pace) {
    this.root = root;
    this.pace = pace;
    root.addEventListener("click", (event) => this.#press(/** @type {Element} */ (event.target)));
    setInterval(() => this.draw(), 1_000);
  }

  /** Show the text of the speaker, or of the next one, if `following`. @param {string} slot */
  follow(slot) {
    if (this.following && slot !== this.#slot) this.show(slot);
  }

  /** @param {string} slot */
  async show(slot) {
    const round = ++this.#round;
    this.#slot = slot;
    this.#marked = -1;
    if (!slot) return;
    const address = (this.root.dataset.url ?? "").replace(/0\/$/, `${slot}/`);
    const answer = await fetch(address).catch(() => null);
    if (round !== this.#round) return;
    if (answer?.ok) this.root.innerHTML = await answer.text();
    else {
      this.root.textContent = t("console.text.failed");
      setTimeout(() => round === this.#round && this.show(slot), AGAIN_MS);
    }
    this.root.scrollTop = 0;
    this.draw();
  }

  /** Move the mark by a number of paragraphs. @param {number} by negative to move back */
  move(by) {
    const last = this.#passages.length - 1;
    this.mark(Math.min(last, Math.max(this.#marked < 0 ? 0 : this.#marked + by, 0)));
  }

  /** @param {number} place */
  mark(place) {
    this.#marked = place;
    this.#passages.forEach((passage, at) => {
      if (at === place) passage.setAttribute("aria-current", "true");
      else passage.removeAttribute("aria-current");
    });
    this.#passages[place]?.scrollIntoView({ block: "center" });
    this.draw();
  }

  draw() {
    const per = Number(this.pace.dataset.perMinute) || 120;
    const found = this.#rate();
    const [bar, said] = [this.pace.querySelector("[role=meter]"), this.pace.querySelector("[data-pace-said]")];
    const rate = Math.round(found?.rate ?? 0);
    const word = rate <= per ? "good" : rate <= per * TOO_FAST ? "fast" : "too_fast";
    const text = found ? `${t(found.measured ? "console.pace.measured" : "console.pace.needed", { n: rate })} · ${t(`console.pace.${word}`)}` : t("console.pace.none");
    this.pace.dataset.word = found ? word : "none";
    bar?.setAttribute("aria-valuenow", String(Math.min(MOST_PER_MINUTE, rate)));
    bar?.setAttribute("aria-valuetext", text);
    this.pace.style.setProperty("--rate", String(Math.min(1, rate / MOST_PER_MINUTE)));
    this.pace.style.setProperty("--limit", String(per / MOST_PER_MINUTE));
    if (said && said.textContent !== text) said.textContent = text;
  }

  /** @returns {HTMLElement[]} */
  get #passages() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-before]"))];
  }

  /** @param {Element} at */
  #press(at) {
    const passage = at.closest("[data-before]");
    if (passage) this.mark(this.#passages.indexOf(/** @type {HTMLElement} */ (passage)));
  }

  /** Words a minute, measured up to the mark or needed for the whole text; null without text or clock. */
  #rate() {
    const whole = Number(/** @type {HTMLElement | null} */ (this.root.querySelector("[data-words]"))?.dataset.words);
    if (!whole || !this.clock) return null;
    const before = Number(this.#passages[this.#marked]?.dataset.before);
    const used = usedAt(this.clock, serverNow());
    if (before && used > FIRST_MS) return { rate: (before * 60_000) / used, measured: true };
    if (countsUp(this.clock)) return null;
    return { rate: (whole * 60_000) / this.clock.limit_ms, measured: false };
  }
}
