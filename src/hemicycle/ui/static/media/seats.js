// Draws who is connected, as the engine reports to moderator and technician, at every `[data-live-of]`.

import { t } from "../js/messages.js";
import { badge } from "./booths.js";
import { draw, lineOf } from "./line.js";

/** @import { Seat } from "./news.js" */

const LOWEST_DB = -60;

/** Draw each person's connection at their place in the page. @param {Seat[]} seats */
export function drawSeats(seats) {
  const lines = new Map(seats.filter((seat) => seat.kind === "publish" && seat.slot).map((seat) => [seat.slot, seat]));
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-live-of]"))) {
    drawSeat(place, lines.get(place.dataset.liveOf ?? ""));
  }
}

/** @param {HTMLElement} place @param {Seat | undefined} seat */
export function drawSeat(place, seat) {
  if (!seat) return place.replaceChildren();
  if (!place.firstChild) place.append(document.createElement("span"), level(), document.createElement("span"));
  const [line, bars, word] = /** @type {HTMLElement[]} */ ([...place.children]);
  draw(line, lineOf(seat));
  light(bars, seat.level);
  stateBadge(word, seat);
}

/** Draw whether a person is heard, or stands by. @param {HTMLElement} place @param {Seat} seat */
export function stateBadge(place, seat) {
  const state = seat.heard ? "heard" : seat.preview ? "preview" : "";
  if (place.dataset.state === state) return;
  place.dataset.state = state;
  place.replaceChildren(...(state ? [badge(state === "heard" ? "ok" : "info", SHAPES[state], t(`seat.${state}`))] : []));
}

/** @type {Record<string, string>} */
const SHAPES = {
  heard: '<circle cx="12" cy="12" r="7" fill="currentColor"/>',
  preview: '<path d="M12 4a8 8 0 010 16z" fill="currentColor"/><circle cx="12" cy="12" r="8"/>',
};

/** Eight small bars. */
export function level() {
  const bars = document.createElement("span");
  bars.className = "bars";
  bars.setAttribute("role", "meter");
  bars.setAttribute("aria-label", t("level.label"));
  bars.setAttribute("aria-valuemin", String(LOWEST_DB));
  bars.setAttribute("aria-valuemax", "0");
  for (let bar = 0; bar < 8; bar += 1) bars.append(document.createElement("i"));
  return bars;
}

/** @param {HTMLElement} bars @param {number} db */
export function light(bars, db) {
  const lit = Math.round(8 * Math.min(1, Math.max(0, 1 - db / LOWEST_DB)));
  bars.setAttribute("aria-valuenow", String(Math.max(LOWEST_DB, Math.round(db))));
  [...bars.children].forEach((bar, place) => bar.toggleAttribute("data-lit", place < lit));
}
