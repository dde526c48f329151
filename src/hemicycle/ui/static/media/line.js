// Shows how well someone is connected: four bars, and a word.

import { t } from "../js/messages.js";

/** @typedef {"connecting" | "good" | "fair" | "poor" | "lost" | "closed" | "idle" | "ready"} Line */

/** @type {Record<Line, number>} */
const BARS = { idle: 0, closed: 0, lost: 0, ready: 1, connecting: 1, poor: 2, fair: 3, good: 4 };
/** @type {Record<Line, string>} */
const TONES = {
  idle: "quiet",
  ready: "info",
  closed: "quiet",
  lost: "bad",
  connecting: "info",
  poor: "bad",
  fair: "warn",
  good: "ok",
};

/**
 * @param {{ state: string, loss?: number | null, rtt_ms?: number | null }} known
 * @returns {Line}
 */
export function lineOf({ state, loss, rtt_ms }) {
  if (state !== "up") return /** @type {Line} */ (state in BARS ? state : "lost");
  if ((loss ?? 0) > 6 || (rtt_ms ?? 0) > 500) return "poor";
  return (loss ?? 0) > 2 || (rtt_ms ?? 0) > 250 ? "fair" : "good";
}

/** @param {HTMLElement} element @param {Line} line */
export function draw(element, line) {
  if (element.dataset.line === line) return;
  element.dataset.line = line;
  element.className = `badge tone-${TONES[line]}`;
  const word = document.createElement("span");
  word.textContent = t(`line.${line}`);
  element.innerHTML = shape(BARS[line]);
  element.append(word);
}

/** @param {number} lit */
function shape(lit) {
  if (!lit) return '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5l14 14M19 5L5 19"/></svg>';
  const bars = [0, 1, 2, 3].map((bar) => {
    const height = 5 + 5 * bar;
    const fill = bar < lit ? "currentColor" : "none";
    return `<rect x="${1.5 + 5.6 * bar}" y="${22 - height}" width="4" height="${height}" fill="${fill}" stroke-width="1.2"/>`;
  });
  return `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${bars.join("")}</svg>`;
}
