// The conclusions that a seat's page draws from a view of the meeting. This module does not use the
// page, so that a test can run it without a browser.

/** @import { MeetingView, SeatView, SlotView } from "../state/snapshot.js" */
/** @import { AirState } from "../media/air.js" */

/**
 * The meeting, segment and role of a seat.
 *
 * @typedef {object} SeatPlace
 * @property {string} meeting
 * @property {string} segment
 * @property {string} role
 */

const CAN_BE_READY = new Set(["waiting", "next", "absent", "skipped", "chair"]);
const CALLED = new Set(["waiting", "next", "speaking"]);
const OVER = new Set(["delivered", "withdrawn", "not_reached"]);

/**
 * Whether the speaker may report being ready.
 * @param {MeetingView} view
 * @param {SlotView | null} me
 * @param {boolean} taken whether another page has the seat
 */
export function mayBeReady(view, me, taken) {
  return !taken && view.meeting.phase !== "closed" && me !== null && CAN_BE_READY.has(me.show);
}

/**
 * Whether the speaker may ask for the floor again: they have spoken, and their item is open.
 * @param {MeetingView} view
 * @param {SlotView | null} me
 * @param {boolean} taken whether another page has the seat
 * @param {SeatPlace} seat
 */
export function mayRaiseHand(view, me, taken, seat) {
  return !taken && view.meeting.phase === "open" && view.segment?.id === seat.segment && me?.show === "delivered";
}

/**
 * The call to a speaker whose slot changes: to get ready ("next"), or to speak; "" for none.
 * @param {string | undefined} before the slot's last state; undefined when the page opens
 * @param {string | undefined} now
 * @returns {"" | "next" | "speaking"}
 */
export function callOf(before, now) {
  if (before === undefined || before === now) return "";
  return now === "next" || now === "speaking" ? now : "";
}

/**
 * Whether another of the person's slots is on a list while this one is not, so that the page must
 * show another seat.
 * @param {SlotView | null} me
 * @param {(SlotView | undefined)[]} others
 */
export function hasMoved(me, others) {
  const isListed = (/** @type {SlotView | null | undefined} */ slot) => Boolean(slot && CALLED.has(slot.show));
  return !isListed(me) && others.some(isListed);
}

/**
 * The state of a point of order of this seat: "open" until the moderator hears it, then "heard" until
 * the ruling; "" if there is none.
 * @param {SeatView} view
 * @param {Iterable<string>} own the points that were raised from this seat
 * @returns {"" | "open" | "heard"}
 */
export function pointOf(view, own) {
  const open = [...own].filter((point) => view.open_points.includes(point));
  if (open.includes(view.heard_point)) return "heard";
  return open.length && view.points ? "open" : "";
}

/**
 * Whether the seat needs its own line. A speaker needs it from being next until the intervention is
 * over, and with a point of order until the ruling; others need it while their item is open.
 * @param {MeetingView} view
 * @param {SlotView | null} me
 * @param {SeatPlace} seat
 * @param {"" | "open" | "heard"} [point]
 */
export function isCalled(view, me, seat, point = "") {
  if (view.meeting.id !== seat.meeting || view.meeting.phase === "closed") return false;
  if (point) return true;
  if (seat.role === "speaker") return me?.show === "next" || me?.show === "speaking";
  return view.segment?.id === seat.segment;
}

/**
 * Whether the seat's turn has not ended: it is still to come, or in progress.
 * @param {MeetingView} view
 * @param {SlotView | null} me
 * @param {SeatPlace} seat
 */
export function isAwaited(view, me, seat) {
  if (me && OVER.has(me.show)) return false;
  return !(view.meeting.id === seat.meeting && view.meeting.phase === "closed");
}

/**
 * The state of the seat's own line for its page: "none" if no line is needed, "needed" if the microphone
 * is closed, "cut" if the procedure has closed it, otherwise the engine's state.
 * @param {boolean} called
 * @param {AirState} state
 * @param {SlotView | null} me
 * @returns {AirState | "none" | "needed" | "cut"}
 */
export function airOf(called, state, me) {
  if (!called) return "none";
  if (state === "closed") return "needed";
  return (state === "on" || state === "off") && me?.stopped === "cut" ? "cut" : state;
}
