// The types of the engine's events, by the name of the event. docs/media.md describes them;
// `engine/control/status_events.py` sends them.

/**
 * This session, as the engine has it.
 *
 * @typedef {object} You
 * @property {string} kind the pass's use
 * @property {string} state
 * @property {boolean} heard
 * @property {boolean} speaking in a discussion, judged by its sound
 * @property {boolean} silenced by a technician
 * @property {boolean} preview seen by moderator and technician, not heard
 * @property {number} level dBFS
 * @property {number} loss percent
 * @property {number} rtt_ms
 * @property {string} listening the channel that is heard
 * @property {"whole" | "small" | "none"} seen how much of the program picture is received
 * @property {number} [camera_bps] the bit rate that a camera may send, for a session that publishes
 */

/**
 * A participant's session, for those who run the meeting.
 *
 * @typedef {object} SeatMore
 * @property {string} session
 * @property {string} seat
 * @property {string} slot "" for none
 * @property {string} role
 * @property {string} name
 * @property {string} booth its language; "" for none
 */
/** @typedef {SeatMore & You} Seat */

/** What a channel carries: "floor" or a booth's language. @typedef {{ from: string, depth: number }} Carried */

/**
 * Somebody in a booth.
 *
 * @typedef {object} Member
 * @property {string} session
 * @property {string} name
 * @property {boolean} connected
 * @property {boolean} microphone
 * @property {boolean} cough
 * @property {number} since_s
 */

/**
 * A booth.
 *
 * @typedef {object} Booth
 * @property {string} live the session; "" for none
 * @property {boolean} on
 * @property {string} name
 * @property {boolean} lost
 * @property {string} output
 * @property {string} chosen
 * @property {string} incoming
 * @property {string} from
 * @property {number} depth
 * @property {number | null} ending seconds
 * @property {boolean} slow
 * @property {boolean} trouble
 * @property {Member[]} members
 * @property {string} offer the session; "" for none
 */

/**
 * A line of captions, or its correction, which has the same start and language.
 *
 * @typedef {object} Caption
 * @property {string} language
 * @property {number} start_ms since the Unix epoch, as `end_ms`
 * @property {number} end_ms
 * @property {string} text in rows
 */

/**
 * The measurements so far of a participant's check.
 *
 * @typedef {object} Measured
 * @property {number} level_db the loudest, in dBFS
 * @property {number} good_ms for how long the level was good
 * @property {number | null} echo_db null until measured
 * @property {boolean} echo whether others would hear an echo
 * @property {number} loss percent
 * @property {number} rtt_ms
 * @property {boolean} returns whether packets reach this page too
 * @property {boolean} camera
 * @property {boolean} passed
 * @property {boolean} noted whether the site has saved that
 */

/**
 * A microphone that is heard and sounds poorly; `trouble` is a code of `engine.audio.input_verdict`.
 *
 * @typedef {{ session: string, name: string, trouble: string }} Microphone
 */

/**
 * A picture from one's own seat that is left out, while the sound beside it is accepted; `trouble` is a
 * code of `engine.refusals.NOTICES`.
 *
 * @typedef {{ session: string, use: import("./pass.js").Use, trouble: "no_picture_codec" | "too_large" }} LeftOut
 */

/** The state of the public feed. @typedef {{ state: "live" | "returning" | "stopped", delay_s: number }} PublicFeed */

/**
 * The newest data of each event; an event that has not arrived yet is missing.
 *
 * @typedef {object} News
 * @property {You} [you]
 * @property {Record<string, Carried>} [channels] by language
 * @property {Record<string, Booth>} [booths] by language
 * @property {Seat[]} [seats]
 * @property {PublicFeed} [feed]
 * @property {Measured} [check]
 * @property {Microphone[]} [microphones] only one's own, except in booths and for those who run the meeting
 * @property {LeftOut[]} [pictures]
 * @property {{ on: boolean }} [hold] whether a technician shows a card in place of the program
 */

export {};
