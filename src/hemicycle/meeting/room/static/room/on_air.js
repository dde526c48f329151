// The seat's own line to the engine: opens it when it is needed, and shows its state in words and
// the requests of the interpreters.
//
// A speaker has a line from being next until the end of the intervention; a panellist and a
// moderator have one while their item is open. Everything else on the seat's page works without the
// line.

import { isWarning } from "../js/clock-state.js";
import { serverNow } from "../js/clock-sync.js";
import { t } from "../js/messages.js";
import { show } from "../state/screen.js";
import { Air } from "../media/air.js";
import { checkedBy } from "./checking.js";
import { allowed } from "../media/devices.js";
import { draw, lineOf } from "../media/line.js";
import "../media/meter.js";
import { microphones, pictures } from "../media/microphones.js";
import { Own } from "../media/own.js";
import { Program } from "../media/program.js";
import { Share } from "../media/share.js";
import { airOf, isAwaited, isCalled } from "./seat_state.js";

/** @import { MeetingView, SlotView } from "../state/snapshot.js" */

/**
 * @typedef {object} SeatData
 * @property {string} slot
 * @property {string} meeting
 * @property {string} segment
 * @property {string} role
 * @property {string} pass
 */

const SLOW_MS = 12_000;
const LOOK_MS = 250;

export class OnAir {
  /** The last arguments of `follow`. @type {{ view: MeetingView, me: SlotView | null, called: boolean } | null} */
  #followed = null;
  #slowUntil = 0;
  #asked = false;

  /** @param {SeatData} seat @param {string} connection the id under which this page has joined */
  constructor(seat, connection) {
    this.seat = seat;
    this.own = new Own(/** @type {HTMLElement} */ (document.querySelector("[data-own]")));
    this.air = new Air(this.own, seat.pass, { connection });
    this.program = document.querySelector("hc-program");
    this.check = checkedBy(this.own, seat.pass);
    this.air.addEventListener("shown", () => this.#show());
    this.air.link.addEventListener("signal", (event) => this.#signal(/** @type {CustomEvent} */ (event).detail));
    microphones(this.air.link, this.own.root.querySelector("[data-microphones]"), { named: false });
    const heardOf = this.program instanceof Program && this.program.link ? [this.program.link] : [];
    pictures([this.air.link, ...heardOf], this.own.root.querySelector("[data-pictures]"));
    this.#sharing(connection);
    this.opener = document.querySelector("[data-own-open]");
    this.opener?.addEventListener("click", () => this.own.open());
    setInterval(() => this.#show(), LOOK_MS);
  }

  /** Take the seat's line back from another window. */
  again() {
    this.air.again();
  }

  /**
   * Follow the meeting; return what the seat's page shows of the line.
   * @param {MeetingView} view @param {SlotView | null} me @param {boolean} taken
   * @param {"" | "open" | "heard"} point
   */
  follow(view, me, taken, point) {
    const called = !taken && isCalled(view, me, this.seat, point);
    this.#followed = { view, me, called };
    this.#silence();
    this.air.want(called);
    if (called) this.#openUnasked();
    return this.#status();
  }

  /** Mute the microphone while the moderator or a technician has closed it. */
  #silence() {
    this.air.silence(Boolean(this.#followed?.me?.muted || this.air.link.latest.you?.silenced));
  }

  /** Open the microphone at their turn without asking if the browser allows it already. */
  async #openUnasked() {
    if (this.#asked || this.own.stream) return;
    this.#asked = true;
    if (await allowed("microphone")) await this.own.open();
  }

  /** @param {{ what: string }} signal */
  #signal({ what }) {
    if (what === "slow") this.#slowUntil = performance.now() + SLOW_MS;
    this.#show();
  }

  #status() {
    const { me = null, called = false } = this.#followed ?? {};
    const { link } = this.air;
    const mine = me?.show === "speaking";
    const air = airOf(called, this.air.state, me);
    return {
      air: air === "silenced" && link.latest.you?.silenced && !me?.muted ? "hushed" : air,
      air_said: link.sentence || (link.latest.you?.silenced ? t("media.silenced") : ""),
      blocked: link.blocked,
      warned: mine && this.#nearLimit(),
      slow: mine && performance.now() < this.#slowUntil,
    };
  }

  #nearLimit() {
    const clock = this.#followed?.view.clock;
    return clock ? isWarning(clock, serverNow()) : false;
  }

  #show() {
    this.#silence();
    const status = this.#status();
    this.opener?.toggleAttribute("hidden", Boolean(this.own.stream));
    const shown = document.querySelector("[data-air]");
    shown?.toggleAttribute("hidden", status.air === "none");
    if (shown) show(status, shown);
    const line = /** @type {HTMLElement | null} */ (document.querySelector("[data-own-line]"));
    const { link } = this.air;
    const waits = link.state === "idle" && this.own.stream && this.#awaited;
    if (line) draw(line, waits ? "ready" : lineOf({ ...link.latest.you, state: link.state }));
    // Speakers must not hear their own voice with a delay.
    if (this.program instanceof Program) this.program.hush(status.air === "on" && this.#speaks());
  }

  /** Whether the turn has not ended; true before the first view. */
  get #awaited() {
    const followed = this.#followed;
    return !followed || isAwaited(followed.view, followed.me, this.seat);
  }

  /** Whether the person speaks now. A microphone that is always open counts only while its level shows speech. */
  #speaks() {
    const isOpen = this.seat.role === "moderator" || this.#followed?.me?.discusses;
    return !isOpen || this.own.level.word !== "none";
  }

  /** @param {string} connection */
  #sharing(connection) {
    const key = this.own.root.querySelector('[data-do="share"]');
    if (!key || !Share.possible) return;
    const share = new Share(this.seat.pass, { connection });
    key.removeAttribute("hidden");
    key.addEventListener("click", () => (share.stream ? share.stop() : share.start()));
    share.addEventListener("changed", () => {
      key.querySelector("[data-off]")?.toggleAttribute("hidden", Boolean(share.stream));
      key.querySelector("[data-on]")?.toggleAttribute("hidden", !share.stream);
      const said = this.own.root.querySelector("[data-shared]");
      if (said) said.textContent = share.sentence;
    });
  }
}
