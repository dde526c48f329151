// <time data-now data-zone="America/New_York">: the server's time of day, to the second.

import { ready, serverNow } from "./clock-sync.js";
import { language } from "./messages.js";

/** @param {HTMLElement} place */
function run(place) {
  const format = new Intl.DateTimeFormat(language, {
    timeStyle: "medium",
    hourCycle: "h23",
    timeZone: place.dataset.zone,
  });
  const tick = () => {
    if (!place.isConnected) return;
    const now = serverNow();
    place.textContent = format.format(now);
    setTimeout(tick, 1001 - (now % 1000));
  };
  tick();
}

ready().then(() => document.querySelectorAll("[data-now]").forEach((place) => run(/** @type {HTMLElement} */ (place))));
