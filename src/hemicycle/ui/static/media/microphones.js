// Microphones that sound poorly, as the engine finds, and what to do about each. The engine sends the
// whole list with each change, so nothing repeats and nothing has to be cleared away.

import { t } from "../js/messages.js";

/** @import { Microphone } from "./news.js" */

/**
 * @param {import("./link.js").Link} link
 * @param {HTMLElement | null} place a status, by which a screen reader says what is new
 * @param {{ named: boolean }} how whether to say whose microphone it is
 */
export function microphones(link, place, { named }) {
  const show = () => {
    const told = link.state === "up" ? (link.latest.microphones ?? []) : [];
    const key = JSON.stringify(told.map(({ name, trouble }) => [name, trouble]));
    if (!place || place.dataset.key === key) return;
    place.dataset.key = key;
    place.replaceChildren(...told.map((microphone) => line(microphone, named)));
  };
  for (const name of ["state", "microphones"]) link.addEventListener(name, show);
}

/** @param {Microphone} microphone @param {boolean} named */
function line({ name, trouble }, named) {
  const made = document.createElement("p");
  made.className = "notice";
  const words = document.createElement("div");
  if (named && name) {
    const who = document.createElement("bdi");
    who.textContent = name;
    words.append(who, " – ");
  }
  words.append(t(`microphone.${trouble}`));
  made.append(words);
  return made;
}
