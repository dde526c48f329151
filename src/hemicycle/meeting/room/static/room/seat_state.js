// What a seat's page concludes from a view of the meeting. It touches no page, so that a test can
// run it without a browser.

/** @import { MeetingView, SeatView, SlotView } from "../state/snapshot.js" */
/** @import { AirState } from "../media/air.js" */

/**
 * Whose seat it is.
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
 * Whether the seat may say that its speaker is ready.
 * @param {MeetingView} view
 * @param {SlotView | null} me
 * @param {boolean} taken whether another page has the seat
 */
export function mayBeReady(view, me, taken) {
  return !taken && view.meeting.phase !== "closed" && me !== null && CAN_BE_READY.has(me.show);
}

/**
 * Whether the seat may ask for the floor again: its speaker has spoken, and their item is open.
 * @param {MeetingView} view
 * @param {SlotView | null} me
 * @param {boolean} taken whether another page has the seat
 * @param {SeatPlace} seat
 */
export function mayRaiseHand(view, me, taken, seat) {
  return !taken && view.meeting.phase === "open" && view.segment?.id === seat.segment && me?.show === "delivered";
}

/**
 * What the speaker is called for as their slot changes: to be ready, or to speak; "" for nothing.
 * @param {string | undefined} before the slot's state before; undefined as the page opens
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
 * How far a point of order of this seat has come: "open" until the moderator hears it, and "heard"
 * until the ruling; "" where there is none.
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
 * Whether the seat's own line is to be there: a speaker's from being next until the intervention is
 * over, or with a point of order until the ruling; anybody else's while their item is open.
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
 * Whether the seat's turn is still to come, or under way.
 * @param {MeetingView} view
 * @param {SlotView | null} me
 * @param {SeatPlace} seat
 */
export function isAwaited(view, me, seat) {
  if (me && OVER.has(me.show)) return false;
  return !(view.meeting.id === seat.meeting && view.meeting.phase === "closed");
}

/**
 * What the page says of the seat's own line: what the engine hears of it, unless it is not wanted,
 * not opened, or cut.
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
