// <body data-beat="URL" {% screen hearing "hall" %} data-csrf="…">: every ten seconds this screen
// reports the error of its time and what its clock shows, for the technician's diagnostics view.

import { ClockEstimate } from "./clock-estimate.js";
import { ready, serverNow } from "./clock-sync.js";

const EVERY_MS = 10_000;
const CHECKS = 3;
const FORBIDDEN = 403;

/** The key under which this tab stores the pass of a screen: one for each hearing and kind. */
function passKey() {
  const { beat: url = "", screen: kind = "" } = document.body.dataset;
  return `hemicycle-screen ${kind} ${url}`;
}

/**
 * The pass under which this tab reports: the first that it received, so that it stays the same screen
 * after a reload. A seat gets a new pass with every page, as it gets a new connection. A duplicate tab
 * that copied the storage shares the pass, which does no harm.
 */
function screenPass() {
  const { screen: kind = "", screenPass: given = "" } = document.body.dataset;
  if (kind === "seat") return given;
  const kept = sessionStorage.getItem(passKey()) ?? given;
  sessionStorage.setItem(passKey(), kept);
  return kept;
}

/** Forget the stored pass, which has expired: the next report uses the page's own. */
function forgetPass() {
  sessionStorage.removeItem(passKey());
}

/** Compare this screen's clock with the server's: the offset and its margin of error, in ms. */
async function check() {
  const estimate = new ClockEstimate();
  for (let i = 0; i < CHECKS; i += 1) {
    const began = serverNow();
    const server = Number(await (await fetch("/time", { cache: "no-store", credentials: "omit" })).text());
    estimate.add(server, began, serverNow());
  }
  const now = serverNow();
  return { offset_ms: -(estimate.offset(now) ?? 0), uncertainty_ms: estimate.uncertainty(now) };
}

async function beat() {
  const checked = await check().catch(() => null);
  if (!checked) return; // the diagnostics view shows which screens do not report
  const clock = /** @type {import("./clock.js").Clock | null} */ (document.querySelector("hc-clock"));
  const link = /** @type {import("./link.js").Link | null} */ (document.querySelector("hc-link"));
  const { beat: url = "", csrf = "" } = document.body.dataset;
  const report = {
    pass: screenPass(),
    ...checked,
    server_now_estimate_ms: serverNow(),
    shown_left_ms: clock?.state.limit_ms ? clock.shownLeft : null,
    seq: link?.feed?.seq ?? -1,
  };
  const answer = await fetch(url, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify(report),
  }).catch(() => null);
  if (answer?.status === FORBIDDEN) forgetPass();
}

if (document.body.dataset.beat) {
  ready().then(() => {
    beat();
    setInterval(beat, EVERY_MS);
  });
}
