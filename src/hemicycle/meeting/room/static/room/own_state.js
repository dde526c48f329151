// What the bar of the moderator's console says of their own microphone. It touches no page, so that a
// test can run it without a browser.

/** @import { AirState } from "../media/air.js" */

/**
 * @param {AirState} state what the engine hears of it
 * @param {boolean} meets whether a meeting is open: nobody is heard before, after, and in a break
 * @returns {"closed" | "open" | "on" | "muted" | "lost"} "on" from where one must expect to be heard
 */
export function ownState(state, meets) {
  if (state === "closed") return "closed";
  if (state === "muted" || state === "silenced") return "muted";
  if (state !== "on" && state !== "off" && state !== "preview") return "lost";
  return meets ? "on" : "open";
}
