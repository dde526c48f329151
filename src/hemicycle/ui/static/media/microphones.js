// Microphones that sound poorly and pictures that are left out, as the engine reports, with advice about
// each. The engine sends the whole list with each change, which replaces the list on the page.

import { t } from "../js/messages.js";

/** @import { Link } from "./link.js" */

/**
 * @param {Link} link
 * @param {HTMLElement | null} place a status, by which a screen reader says what is new
 * @param {{ named: boolean }} how whether to say whose microphone it is
 */
export function microphones(link, place, { named }) {
  const show = () => {
    const told = link.state === "up" ? (link.latest.microphones ?? []) : [];
    list(place, told.map(({ name, trouble }) => ({ name: named ? name : "", sentence: t(`microphone.${trouble}`) })));
  };
  for (const name of ["state", "microphones"]) link.addEventListener(name, show);
}

/**
 * Show which pictures of this seat are left out, also those that an encoder sends in place of the page.
 * @param {Link[]} links any of them that is up reports it
 * @param {HTMLElement | null} place a status, by which a screen reader says what is new
 */
export function pictures(links, place) {
  const show = () => {
    const told = links.find((link) => link.state === "up" && link.latest.pictures)?.latest.pictures ?? [];
    const own = told.filter(({ use }) => use === "publish");
    list(place, own.map(({ trouble }) => ({ name: "", sentence: t(`picture.${trouble}`) })));
  };
  for (const link of links) {
    for (const name of ["state", "pictures"]) link.addEventListener(name, show);
  }
}

/** @param {HTMLElement | null} place @param {{ name: string, sentence: string }[]} lines */
function list(place, lines) {
  const key = JSON.stringify(lines);
  if (!place || place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(...lines.map(line));
}

/** @param {{ name: string, sentence: string }} told */
function line({ name, sentence }) {
  const made = document.createElement("p");
  made.className = "notice";
  const words = document.createElement("div");
  if (name) {
    const who = document.createElement("bdi");
    who.textContent = name;
    words.append(who, " – ");
  }
  words.append(sentence);
  made.append(words);
  return made;
}
