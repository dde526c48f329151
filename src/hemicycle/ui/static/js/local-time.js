// Shows the reader's own time beside the hearing's, and the time left until a deadline.
//
//   <span data-local="2021-07-13T14:00:00Z" data-zone="America/New_York" data-kind="time" hidden>
//   <span data-left="2021-07-05T21:00:00Z">closes in 3 days</span>
//   <input type="hidden" data-own-zone> is filled with the name of the reader's time zone

import { ready, serverNow } from "./clock-sync.js";
import { language, t } from "./messages.js";
import { ownTime, roughly, staleAfter } from "./time-format.js";

/** @param {HTMLElement} place */
function tellLocal(place) {
  const { local = "", until = "", zone, kind = "full" } = place.dataset;
  const moment = { at: Date.parse(local), until: until ? Date.parse(until) : undefined, isTime: kind === "time" };
  const time = ownTime(moment, language, zone);
  place.textContent = time && ` ${t("time.yours", { time })}`;
  place.hidden = !time;
}

/** @param {HTMLElement} place */
function tellLeft(place) {
  const left = Date.parse(place.dataset.left ?? "") - serverNow();
  place.textContent = t(left > 0 ? "time.closes" : "time.closed", { time: roughly(left, language) });
  setTimeout(() => place.isConnected && tellLeft(place), staleAfter(left));
}

/** @param {ParentNode} root */
export function tell(root) {
  for (const place of root.querySelectorAll("[data-local]")) tellLocal(/** @type {HTMLElement} */ (place));
  const ends = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-left]"));
  if (ends.length) ready().then(() => ends.forEach(tellLeft));
}

for (const input of document.querySelectorAll("input[data-own-zone]")) {
  /** @type {HTMLInputElement} */ (input).value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
tell(document);
document.addEventListener("htmx:after:swap", () => tell(document));
