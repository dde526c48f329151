// The types of the views of a meeting that the feed sends, and what pages derive from them. This
// module does not use the page, so that a test can run it without a browser.
//
// `meeting/state/meeting_view.py` and `meeting/room/audiences.py` make these views;
// `tests/meeting/state/test_snapshot_types.py` compares real ones with the types here. Times are in
// ms since the Unix epoch, ids are 32 hexadecimal digits.

/** @import { ClockState } from "../js/clock-state.js" */
/** @import { WallSnapshot } from "../wall/newest_posts.js" */

/** @typedef {"not_opened" | "open" | "suspended" | "closed"} Phase */
/** @typedef {"unopened" | "between" | "free" | "speaking" | "halted" | "discussing" | "suspended" | "recess" | "closed"} Standing */
/** @typedef {"speaker" | "panellist" | "moderator" | "chair"} Role */

/**
 * The speaker who has the floor, or the next one.
 *
 * @typedef {object} SpeakerView
 * @property {string} slot
 * @property {string} name
 * @property {string} organization
 * @property {string} title
 * @property {boolean} chairs
 * @property {boolean} is_read
 * @property {string} reader the reader's name; "" if there is none, or if it is not published
 * @property {Role} role
 * @property {string} language "" if unknown
 */

/**
 * A line of the chronicle.
 *
 * @typedef {object} ChronicleLine
 * @property {string} key unique in the meeting
 * @property {"opened" | "floor" | "discussion" | "question" | "closed"} kind
 * @property {number} at
 * @property {string} name the subject of the line
 * @property {string} more a detail; "" for none
 * @property {boolean} chairs
 * @property {boolean} is_read
 * @property {string} reader
 * @property {number | null} used_ms null while the speaker still speaks, and if the line is no intervention
 */

/**
 * The part of a view that every audience gets: the whole public state of the current meeting.
 *
 * @typedef {object} MeetingView
 * @property {{ id: string, title: string, phase: Phase }} meeting
 * @property {Standing} standing
 * @property {{ id: string, title: string, kind: "opening" | "panel" | "debate" | "closing" | "other", ends_at: number } | null} segment
 * @property {Record<string, "upcoming" | "now" | "done">} items the state of each segment, by its id
 * @property {SpeakerView | null} holder
 * @property {ClockState | null} clock the holder's or, in a discussion, the segment's
 * @property {boolean} microphone whether a microphone is open
 * @property {boolean} discussing whether the panel discusses, with several microphones open
 * @property {string[]} uninterpreted languages into which nobody interprets the speaker
 * @property {SpeakerView | null} next
 * @property {{ text: string, organization: string, to: string } | null} question before the panel
 * @property {boolean} list_open
 * @property {number} listed
 * @property {number} waiting
 * @property {ChronicleLine[]} lines only the newest, newest first
 * @property {number} line_count of the whole chronicle
 * @property {WallSnapshot | null} wall
 * @property {{ stopped: boolean, stop: number, delay_s: number }} feed whether the public feed is stopped, and its delay
 * @property {number} act_seq number of the last act on the floor
 * @property {HearingWords} words
 */

/**
 * The state of one slot, for its seat. A slot of a closed segment has only `show`; the speaker's has
 * `stopped` and `muted`; those of a panel that discusses have `discusses` and `muted`; those of waiting
 * speakers have a forecast.
 *
 * @typedef {object} SlotView
 * @property {"next" | "waiting" | "speaking" | "delivered" | "absent" | "skipped" | "withdrawn" | "not_reached"} show
 * @property {number | null} [position]
 * @property {boolean} [ready]
 * @property {"" | "cut" | "technical" | "point_of_order" | "moderator" | "suspension" | "not_started"} [stopped]
 * @property {boolean} [muted]
 * @property {boolean} [discusses] whether its microphone is open in a discussion; missing without one
 * @property {number} [earliest]
 * @property {number} [latest]
 * @property {"likely" | "at_risk" | "unreachable"} [status]
 */

/**
 * The additional data for speakers: each slot, without names.
 *
 * @typedef {object} SeatMore
 * @property {Record<string, SlotView>} slots
 * @property {Record<string, string>} seats the connection at each slot
 * @property {boolean} points whether a point of order may be raised
 * @property {string[]} open_points the points of order on which nobody has ruled yet
 * @property {string} heard_point the point of order that is being heard; "" for none
 */
/** @typedef {MeetingView & SeatMore} SeatView */

/**
 * The additional data for those who run the meeting.
 *
 * @typedef {object} RoomMore
 * @property {number | null} free_since the time since which nobody has had the floor
 * @property {number} seq number of the last entry on the record
 */
/** @typedef {MeetingView & RoomMore} RoomView */

/**
 * The hearing's own words in a view: their original language, and the translations of each text by
 * language. `languages` has the language of each text that is in another one, such as the name of an
 * organization.
 *
 * @typedef {object} HearingWords
 * @property {string} language "" if unknown
 * @property {Record<string, string>} languages
 * @property {Record<string, Record<string, string>>} texts
 */

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);
const primary = (/** @type {string} */ tag) => tag.split("-")[0].toLowerCase();

/**
 * The text for a reader of `language`: its translation, or else the original. `lang` and `dir` are empty
 * if they are the same as the page's.
 * @param {string} text
 * @param {HearingWords | undefined} words
 * @param {string} language
 */
export function said(text, words, language) {
  const translations = words?.texts[text];
  if (!words || !translations) return { text, lang: "", dir: "" };
  const written = words.languages[text] ?? words.language;
  if (primary(written) === primary(language)) return { text, lang: "", dir: "" };
  const own = Object.keys(translations).find((tag) => primary(tag) === primary(language));
  if (own) return { text: translations[own], lang: "", dir: "" };
  const dir = RIGHT_TO_LEFT.has(primary(written)) ? "rtl" : "ltr";
  return { text, lang: written, dir: written && dir };
}

/**
 * The field of a view at a path such as "holder.name"; undefined if there is none.
 * @param {object | null} view
 * @param {string} path
 * @returns {unknown}
 */
export function at(view, path) {
  /** @type {unknown} */
  let found = view;
  for (const name of path.split(".")) {
    if (found === null || found === undefined) return undefined;
    found = /** @type {Record<string, unknown>} */ (found)[name];
  }
  return found;
}

/**
 * Whether the speaker keeps the floor while the meeting is suspended.
 * @param {MeetingView} view
 */
export function isHeld(view) {
  return view.holder !== null && view.meeting.phase === "suspended";
}

/**
 * The time since which the floor has been free; 0 while it is not free.
 * @param {RoomView | null} view
 */
export function freeSince(view) {
  return view?.standing === "free" ? (view.free_since ?? 0) : 0;
}
