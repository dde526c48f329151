// Sends lines to the media engine in order, one at a time, and tries again until each has arrived
// or is refused.
//
// A pass opens one connection, and each line is a request of its own, so each line needs a new
// pass. A line keeps the time at which the captioner began it, so that a line that is sent late
// appears at the right place. A correction has the time of the line that it replaces.

import { ask, reach, Refusal } from "../media/pass.js";

/** @typedef {"sending" | "sent" | "waiting" | "refused"} State */
/**
 * `replaced`: whether readers see an alias, or […], instead of a name in the line.
 * @typedef {{ text: string, start_ms: number, state: State, sentence: string, replaced?: boolean }} Line
 */

const PAUSES_MS = [500, 1_000, 2_000, 3_000, 5_000];

export class Sender extends EventTarget {
  /** @type {Line[]} */
  #waiting = [];
  #busy = false;

  /** @param {{ pass: string, captions: string, language: string }} where */
  constructor(where) {
    super();
    this.where = where;
    window.addEventListener("beforeunload", (event) => this.#waiting.length && event.preventDefault());
  }

  /** The number of lines that have not arrived yet. */
  get left() {
    return this.#waiting.length;
  }

  /** Send a line and update its `state`; each change dispatches the event "line". @param {Line} line */
  send(line) {
    line.state = "sending";
    this.#waiting.push(line);
    this.#tell(line);
    this.#work();
  }

  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    for (let line = this.#waiting[0]; line; line = this.#waiting[0]) {
      await this.#deliver(line);
      this.#waiting.shift();
      this.#tell(line);
    }
    this.#busy = false;
  }

  /** @param {Line} line */
  async #deliver(line) {
    for (let tries = 0; ; tries += 1) {
      try {
        line.replaced = await this.#post(line);
        Object.assign(line, { state: "sent", sentence: "" });
        return;
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal(String(error));
        line.sentence = refusal.message;
        line.state = refusal.passing ? "waiting" : "refused";
        this.#tell(line);
        if (!refusal.passing) return;
        await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0);
      }
    }
  }

  /** @param {Line} line */
  async #post({ text, start_ms }) {
    const pass = await ask(this.where.pass, "captions", { booth: this.where.language });
    const answer = await reach(this.where.captions, {
      method: "POST",
      headers: { Authorization: `Bearer ${pass.token}`, "Content-Type": "application/x-ndjson" },
      body: `${JSON.stringify({ text, final: true, start_ms, end_ms: 0 })}\n`,
    });
    const { replaced } = await answer.json();
    return replaced > 0;
  }

  /** @param {Line} line */
  #tell(line) {
    this.dispatchEvent(new CustomEvent("line", { detail: line }));
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
