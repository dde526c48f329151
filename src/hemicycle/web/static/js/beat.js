// <body data-beat="URL" data-screen="hall" data-csrf="…">: every ten seconds this screen tells how
// it knows the time and what its clock shows, for the technician's diagnostics view.

import { ready, serverNow, uncertainty } from "./clock-sync.js";

const EVERY_MS = 10_000;
const ID_KEY = "hemicycle-screen";

/** This tab's own id; a duplicate tab that copied the storage shares it, which does no harm. */
function screenId() {
  const known = sessionStorage.getItem(ID_KEY);
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const made = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(ID_KEY, made);
  return made;
}

async function beat() {
  const clock = /** @type {import("./clock.js").Clock | null} */ (document.querySelector("hc-clock"));
  const link = /** @type {import("./link.js").Link | null} */ (document.querySelector("hc-link"));
  const { beat: url = "", screen: kind = "", csrf = "" } = document.body.dataset;
  const report = {
    screen: screenId(),
    kind,
    server_now_estimate_ms: serverNow(),
    uncertainty_ms: uncertainty(),
    shown_left_ms: clock?.state.limit_ms ? clock.shownLeft : null,
    seq: link?.feed?.seq ?? -1,
  };
  await fetch(url, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify(report),
  }).catch(() => {}); // a screen that cannot report is seen to be silent
}

if (document.body.dataset.beat) {
  ready().then(() => {
    beat();
    setInterval(beat, EVERY_MS);
  });
}
