// <body data-beat="URL" data-screen="hall" data-csrf="…">: every ten seconds this screen tells how
// it knows the time and what its clock shows, for the technician's diagnostics view.

import { ready, serverNow } from "./clock-sync.js";

const EVERY_MS = 10_000;
const CHECKS = 3;
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

/** Ask the server's clock afresh: how far this screen's is from it, to within what. */
async function check() {
  let best = { offset_ms: 0, uncertainty_ms: Infinity };
  for (let i = 0; i < CHECKS; i += 1) {
    const began = serverNow();
    const server = Number(await (await fetch("/time", { cache: "no-store", credentials: "omit" })).text());
    const ended = serverNow();
    const uncertainty_ms = (ended - began) / 2 + 0.5;
    if (uncertainty_ms < best.uncertainty_ms) {
      best = { offset_ms: (began + ended) / 2 - server - 0.5, uncertainty_ms };
    }
  }
  return best;
}

async function beat() {
  const checked = await check().catch(() => null);
  if (!checked) return; // a screen that cannot report is seen to be silent
  const clock = /** @type {import("./clock.js").Clock | null} */ (document.querySelector("hc-clock"));
  const link = /** @type {import("./link.js").Link | null} */ (document.querySelector("hc-link"));
  const { beat: url = "", screen: kind = "", csrf = "" } = document.body.dataset;
  const report = {
    screen: screenId(),
    kind,
    ...checked,
    server_now_estimate_ms: serverNow(),
    shown_left_ms: clock?.state.limit_ms ? clock.shownLeft : null,
    seq: link?.feed?.seq ?? -1,
  };
  await fetch(url, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify(report),
  }).catch(() => {});
}

if (document.body.dataset.beat) {
  ready().then(() => {
    beat();
    setInterval(beat, EVERY_MS);
  });
}
