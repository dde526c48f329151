// The console's sentences about its booth, as a pure function of the engine's events.

import { t } from "../js/messages.js";

/** @import { Booth, Carried, Member } from "../media/news.js" */

/**
 * @typedef {object} Known
 * @property {string} language of this booth
 * @property {Record<string, string>} names of the hearing's languages
 * @property {Set<string | undefined>} own the ids of this page's sessions
 * @property {boolean} connected whether the line of the interpreter's own voice is up
 * @property {Record<string, Booth>} booths
 * @property {Record<string, Carried>} channels
 */

const FLOOR = "floor";

/** @param {Known} known */
export function boothViewOf(known) {
  const booth = known.booths[known.language];
  if (!booth) {
    const keys = { mic_key: t("console.turn_on"), offer_key: t("console.offer.ask") };
    return { mic: "unconnected", mic_said: t("console.unconnected"), ...keys };
  }
  const me = booth.members.find((member) => known.own.has(member.session));
  const mic = micOf(booth, me, known.connected);
  return {
    ...offerOf(booth, known.own, mic),
    mic,
    mic_said: micSaid(mic, booth, known),
    mic_key: t(mic === "on" || mic === "cough" ? "console.turn_off" : mic === "lost" ? "console.take" : "console.turn_on"),
    unheard: booth.on ? unheard(booth, known) : "",
    incoming: incomingOf(booth, known),
    slow: booth.slow,
    trouble_signal: booth.trouble,
  };
}

/** @param {Booth} booth @param {Member | undefined} me @param {boolean} connected */
function micOf(booth, me, connected) {
  if (me?.microphone) return me.cough ? "cough" : "on";
  if (booth.on) return "partner";
  if (!connected) return "unconnected";
  return booth.lost ? "lost" : "off";
}

/** @param {string} mic @param {Booth} booth @param {Known} known */
function micSaid(mic, booth, known) {
  return t(`console.${mic}`, { name: booth.name, language: known.names[booth.output] ?? booth.output });
}

/** Why the channel does not carry the booth's voice, or "". @param {Booth} booth @param {Known} known */
function unheard(booth, known) {
  const carried = known.channels[booth.output];
  if (!carried || carried.from === known.language) return "";
  if (carried.from === FLOOR) return t("console.floor_wins");
  return t("console.other_wins", { language: known.names[carried.from] ?? carried.from });
}

/** @param {Booth} booth @param {Set<string | undefined>} own @param {string} mic */
function offerOf(booth, own, mic) {
  const mine = mic === "on" || mic === "cough";
  if (!booth.offer) return { offered: false, waiting: false, offer_said: "", offer_key: t(mine ? "console.offer.give" : "console.offer.ask") };
  if (own.has(booth.offer)) {
    const said = t(mine ? "console.offer.waits" : "console.offer.waits_asked");
    return { offered: false, waiting: true, offer_said: said, offer_key: t("console.offer.withdraw") };
  }
  const from = booth.members.find((member) => member.session === booth.offer);
  const said = t(from?.microphone ? "console.offer.gives" : "console.offer.asks", { name: from?.name ?? "" });
  return { offered: true, waiting: false, offer_said: said, offer_key: t(mine ? "console.offer.give" : "console.offer.ask") };
}

/** @param {Booth} booth @param {Known} known */
function incomingOf(booth, known) {
  const name = (/** @type {string} */ tag) => known.names[tag] ?? tag;
  if (booth.chosen === FLOOR) return t("console.incoming.floor");
  if (booth.incoming === booth.chosen) {
    return t("console.incoming.relay", { language: name(booth.incoming), depth: depth(booth.depth) });
  }
  if (booth.incoming === FLOOR) {
    const why = spoken(booth.chosen, known) ? "spoken" : "fell_to_floor";
    return t(`console.incoming.${why}`, { language: name(booth.chosen) });
  }
  return t("console.incoming.fell", { language: name(booth.incoming) });
}

/**
 * Whether a channel carries the floor because its language is spoken there: a booth speaks into the
 * channel, but the channel does not carry the booth.
 * @param {string} channel @param {Known} known
 */
function spoken(channel, known) {
  return Object.values(known.booths).some((booth) => booth.on && booth.output === channel);
}

/** In words, how many interpretations lie between the speaker and the listener. @param {number} n */
export function depth(n) {
  if (n < 1) return "";
  return n < 3 ? t(`console.depth.${n}`) : t("console.depth.more", { n });
}

/**
 * The note on the key of a channel: what listeners of the channel hear.
 * @param {string} channel @param {Known} known
 */
export function note(channel, known) {
  const carried = known.channels[channel];
  if (!carried) return "";
  if (carried.from === FLOOR) return t(`console.channel.${spoken(channel, known) ? "spoken" : "silent"}`);
  const by = carried.from === channel ? "" : t("console.channel.by", { language: known.names[carried.from] ?? carried.from });
  return [depth(carried.depth + 1), by].filter(Boolean).join(" · ");
}
