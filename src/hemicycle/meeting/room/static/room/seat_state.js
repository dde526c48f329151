// What a seat's page concludes from a view of the meeting. It touches no page, so that a test can
// run it without a browser.

/** @import { MeetingView, SlotView } from "../state/snapshot.js" */
/** @import { AirState } from "../media/air.js" */

/**
 * Whose seat it is.
 *
 * @typedef {object} SeatPlace
 * @property {string} meeting
 * @property {string} segment
 * @property {string} role
 */

const CAN_BE_READY = new Set(["waiting", "next", "absent", "skipped"]);
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
 * Whether the seat's own line is to be there: a speaker's from being next until the intervention is
 * over, anybody else's while their item is open.
 * @param {MeetingView} view
 * @param {SlotView | null} me
 * @param {SeatPlace} seat
 */
export function isCalled(view, me, seat) {
  if (view.meeting.id !== seat.meeting || view.meeting.phase === "closed") return false;
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
