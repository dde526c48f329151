// The speaker's seat: the state of the person's slot from the feed, and the seat's one live
// connection.
//
// Every page that opens gets a new connection id (`{% screen %}`). This screen reports its clock
// under the same id, so the lack of reports shows that a seat has gone silent. If the person opens
// the seat elsewhere, that page takes over the seat. The feed then names another connection, and
// this page only watches.

import { language, t } from "../js/messages.js";
import { timeOfDay } from "../js/time-format.js";
import { data, each, follow } from "../state/screen.js";
import { Calling } from "./calling.js";
import { helpLine } from "./help_line.js";
import { OnAir } from "./on_air.js";
import { hasMoved, mayBeReady, mayRaiseHand, pointOf } from "./seat_state.js";

/** @import { SeatView, SlotView } from "../state/snapshot.js" */

const REJOIN_MS = 5_000;
/** The time in which a frame that was made before this page joined arrives, in ms. */
const TOLD_MS = 1_000;

/** @type {import("./on_air.js").SeatData & { me: SlotView | null, is_over: boolean, is_read: boolean, others: string[], own_points: string[] }} */
const seat = data("seat");
const connection = document.body.dataset.screenId ?? "";

const form = /** @type {HTMLFormElement} */ (document.querySelector(".seat__keys"));
const said = /** @type {HTMLElement} */ (form.querySelector(".seat__said"));
/** null if a reader has the seat */
const air = seat.is_read ? null : new OnAir(seat, connection);
const points = new Set(seat.own_points);
const calling = new Calling(document.querySelector("[data-call-key]"));
let me = seat.me;
let joined = false;
let taken = false;
let isOver = seat.is_over;
let joinedAt = -Infinity;
/** The number of people on the list when the page was loaded. @type {number | undefined} */
let listed;

/** @param {string} act */
function body(act) {
  const fields = new FormData(form);
  for (const [name, value] of Object.entries({ act, connection, script: "1" })) fields.set(name, value);
  return fields;
}

/** Send an act of the seat; return why it was refused, or "". @param {string} act */
async function send(act) {
  try {
    const answer = await fetch(location.pathname, { method: "POST", body: body(act) });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) return told.error ?? t("seat.failed");
    if (told.point) {
      points.add(told.point);
      again();
    }
    return "";
  } catch {
    return t("seat.failed");
  }
}

/** Join the seat; "rejoin" does nothing if another page has it. @param {"join" | "rejoin"} act */
function join(act) {
  if (isOver || performance.now() - joinedAt < REJOIN_MS) return;
  joinedAt = performance.now();
  taken = joined = false;
  send(act).then(() => setTimeout(settle, TOLD_MS));
}

/** From now on, another connection in the feed means that it has taken the seat from this page. */
function settle() {
  joined = true;
  again();
}

/**
 * React to the connection that holds the seat: this page, another one, or none after a silence.
 * @param {string | undefined} now
 */
function sitting(now) {
  if (now === connection) taken = false;
  else if (now) taken = joined;
  else if (!taken) join("rejoin");
}

function expect() {
  const { earliest, latest } = me ?? {};
  if (!earliest || !latest) return;
  const time = (/** @type {number} */ ms, /** @type {string | undefined} */ zone) => timeOfDay(ms, language, zone);
  const range = (/** @type {string | undefined} */ zone) => `${time(earliest, zone)}–${time(latest, zone)}`;
  each("range", (element) => {
    const there = range(element.dataset.zone);
    if (element.textContent !== there) element.textContent = there;
    const own = element.parentElement?.querySelector("[data-range-own]");
    if (own) own.textContent = range(undefined) === there ? "" : `· ${t("time.yours", { time: range(undefined) })}`;
  });
}

const again = follow((/** @type {SeatView} */ view) => {
  if (view.meeting.id === seat.meeting) isOver = view.meeting.phase === "closed";
  me = view.slots[seat.slot] ?? me;
  if (seat.slot && !seat.is_read && view.meeting.id === seat.meeting) sitting(view.seats[seat.slot]);
  if (hasMoved(me, seat.others.map((slot) => view.slots[slot]))) location.reload(); // another panel, another seat
  listed ??= view.listed;
  if (!seat.slot && view.listed > listed) location.reload(); // perhaps this person has been added to the list
  if (!taken) calling.follow(me);
  expect();
  const point = pointOf(view, points);
  return {
    ...view,
    ...air?.follow(view, me, taken, point),
    me,
    point,
    may_raise: view.points && !point,
    taken,
    mine: !seat.is_read && me?.show === "speaking",
    free: view.standing === "free",
    may_be_ready: mayBeReady(view, me, taken),
    may_raise_hand: mayRaiseHand(view, me, taken, seat),
  };
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  said.textContent = await send(button?.value ?? "");
});
document.querySelector("[data-take]")?.addEventListener("click", () => {
  joinedAt = -Infinity;
  join("join");
  air?.again();
});

helpLine(/** @type {HTMLDetailsElement} */ (document.querySelector("[data-help]")), seat.pass);

/** Keep the phone's screen on: a phone that sleeps disconnects its speaker. */
function stayAwake() {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();

window.addEventListener("pageshow", () => join("join"));
window.addEventListener("pagehide", () => {
  joinedAt = -Infinity;
  navigator.sendBeacon(location.pathname, body("leave"));
});
