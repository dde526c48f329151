// A pass from `web` identifies this page to the media engine; it is valid for a minute and one connection.

import { t } from "../js/messages.js";

/**
 * @typedef {object} Pass
 * @property {string} token
 * @property {string} hearing
 * @property {string} seat
 * @property {string} whip
 * @property {string} whep
 * @property {string} attend
 * @property {Edge | null} [edge] where to listen; null for the engine
 * @property {RTCIceServer[]} relays TURN servers for networks that let no packet through directly
 */

/**
 * A server that carries the program to those who only listen.
 *
 * @typedef {object} Edge
 * @property {string} name
 * @property {string} token for its WHEP addresses
 * @property {number} lasts_s how long the token is valid
 * @property {Record<string, string>} whep the address of each output: program, floor, and languages
 */

/** @typedef {"publish" | "screen" | "listen" | "attend" | "practice" | "captions"} Use */

/** Statuses of refusals that may be temporary: not on air yet, no port left, a server that restarts. */
const PASSING = new Set([401, 404, 408, 409, 425, 429, 500, 502, 503, 504]);

const AWAY = new Set([502, 503, 504]);

/** A refusal in words for the reader; `passing` if the page should try again automatically. */
export class Refusal extends Error {
  /** @param {string} sentence @param {number} [status] 0: no answer at all */
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status;
    this.passing = status === 0 || PASSING.has(status);
  }
}

/**
 * `fetch`, but raise a `Refusal` with the server's own sentence if the response is a refusal.
 * @param {string} address
 * @param {RequestInit} options
 */
export async function reach(address, options) {
  const answer = await fetch(address, options).catch(() => null);
  if (!answer) throw new Refusal(t("media.unreachable"));
  if (answer.ok) return answer;
  throw new Refusal(await sentence(answer), answer.status);
}

/**
 * The refusal in the reader's language. The engine answers with a code, for which the page has a
 * sentence; `web` answers with a sentence in the reader's language.
 * @param {Response} answer
 */
async function sentence(answer) {
  const { code, error, values } = await answer.json().catch(() => ({}));
  const key = `engine.${code}`;
  const ours = t(key, values);
  if (code && ours !== key) return ours;
  if (error) return error;
  return t(code && !AWAY.has(answer.status) ? "media.refused" : "media.unreachable");
}

/**
 * Ask for a pass. Raises `Refusal`; a refusal by `web` itself (removed, no seat) is final. After the end
 * of a meeting `web` answers with a sentence in place of a pass.
 * @param {string} address that issues passes: `/h/<slug>/pass/` or the same under a seat
 * @param {Use} use
 * @param {Record<string, string>} [more] such as `connection`, `booth`
 * @returns {Promise<Pass>}
 */
export async function ask(address, use, more = {}) {
  const answer = await reach(address, {
    method: "POST",
    headers: { "X-CSRFToken": document.body.dataset.csrf ?? "" },
    body: new URLSearchParams({ ...more, use }),
  });
  const given = await answer.json();
  if (!given.token) throw new Refusal(given.error ?? t("media.refused"), answer.status);
  return given;
}
