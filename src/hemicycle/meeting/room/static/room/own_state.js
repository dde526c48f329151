// The state of the moderator's own microphone in the bar of the console. This module does not use
// the page, so that a test can run it without a browser.

/** @import { AirState } from "../media/air.js" */

/**
 * @param {AirState} state the microphone's state according to the engine
 * @param {boolean} meets whether a meeting is open; before, after and in a break, nobody is heard
 * @returns {"closed" | "open" | "on" | "muted" | "lost"} "on" if others may hear the moderator
 */
export function ownState(state, meets) {
  if (state === "closed") return "closed";
  if (state === "muted" || state === "silenced") return "muted";
  if (state !== "on" && state !== "off" && state !== "preview") return "lost";
  return meets ? "on" : "open";
}
