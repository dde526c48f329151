// The booths as those who run the meeting see them: who interprets, who is still speaking, who asks
// for something. Each booth is shown by the letters of its language, a shape and words.

import { t } from "../js/messages.js";

/** @import { Booth } from "./news.js" */

/** @type {Record<string, string>} */
const SHAPES = {
  on: '<circle cx="12" cy="12" r="7" fill="currentColor"/>',
  silent: '<circle cx="12" cy="12" r="7"/>',
  ending: '<path d="M12 5a7 7 0 010 14z" fill="currentColor"/><circle cx="12" cy="12" r="7"/>',
  lost: '<path d="M6 6l12 12M18 6L6 18"/>',
};
/** @type {Record<string, string>} */
const TONES = { on: "ok", silent: "quiet", ending: "warn", lost: "bad" };

/** @param {Booth} booth */
export function stateOf(booth) {
  if (booth.lost) return "lost";
  if (!booth.on) return "silent";
  return booth.ending === null || booth.ending === undefined ? "on" : "ending";
}

/**
 * @param {string} tone @param {string} shape @param {string} text @param {string} [more] for screen readers
 */
export function badge(tone, shape, text, more = "") {
  const made = document.createElement("span");
  made.className = `badge tone-${tone}`;
  made.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg><span></span><span class="visually-hidden"></span>`;
  const [, word, rest] = made.children;
  word.textContent = text;
  rest.textContent = more;
  return made;
}

/**
 * Draw the booths as a row of badges; the page stays untouched if nothing has changed.
 * @param {HTMLElement} place
 * @param {Record<string, Booth>} booths by language
 * @param {Record<string, string>} names of the languages
 */
export function drawBooths(place, booths, names) {
  const all = Object.entries(booths);
  const told = JSON.stringify(all.map(([language, booth]) => [language, stateOf(booth), booth.name]));
  if (place.dataset.told === told) return;
  place.dataset.told = told;
  place.replaceChildren(
    ...all.map(([language, booth]) => {
      const state = stateOf(booth);
      const more = ` ${names[language] ?? ""}: ${t(`booth.${state}`)}`;
      const made = badge(TONES[state], SHAPES[state], language.slice(0, 2).toUpperCase(), more);
      made.title = `${names[language] ?? language}: ${t(`booth.${state}`)}${booth.name ? ` · ${booth.name}` : ""}`;
      return made;
    }),
  );
}

/**
 * A sentence that says which booths still interpret after the end of an intervention; "" for none.
 * @param {Record<string, Booth>} booths
 * @param {Record<string, string>} names
 */
export function stillSpeaking(booths, names) {
  const ending = Object.entries(booths).filter(([, booth]) => stateOf(booth) === "ending");
  if (!ending.length) return "";
  return t("booth.still", { languages: listed(ending.map(([language]) => names[language] ?? language)) });
}

/**
 * Sentences that say what booths ask for, and which have lost their interpreter.
 * @param {Record<string, Booth>} booths
 * @param {Record<string, string>} names
 */
export function asksOf(booths, names) {
  return Object.entries(booths).flatMap(([language, booth]) =>
    /** @type {const} */ (["lost", "slow", "trouble"])
      .filter((what) => booth[what])
      .map((what) => `${names[language] ?? language}: ${t(what === "lost" ? "booth.vanished" : `booth.${what}`)}`),
  );
}

/**
 * Draw the sentences of `asksOf` as badges.
 * @param {HTMLElement} place
 * @param {Record<string, Booth>} booths
 * @param {Record<string, string>} names
 */
export function drawAsks(place, booths, names) {
  const asks = asksOf(booths, names);
  const told = asks.join("\n");
  if (place.dataset.told === told) return;
  place.dataset.told = told;
  const shape = '<path d="M12 3.5L22 20.5H2z"/><path d="M12 10v5M12 17.6v.2"/>';
  place.replaceChildren(...asks.map((ask) => badge("warn", shape, ask)));
}

/** @param {string[]} names */
function listed(names) {
  return new Intl.ListFormat(document.documentElement.lang || "en", { type: "conjunction" }).format(names);
}
