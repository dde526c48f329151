// <textarea data-words="120" data-limit-s="180" data-words-say="ID">: counts words while
// someone types, the time they take at that many a minute, and how many are too many for the time.

import { mSs } from "./duration.js";
import { language, t } from "./messages.js";

const segmenter = new Intl.Segmenter(language, { granularity: "word" });

/** @param {string} text */
export function countWords(text) {
  let words = 0;
  for (const part of segmenter.segment(text)) if (part.isWordLike) words += 1;
  return words;
}

/** @param {HTMLTextAreaElement} area */
function attach(area) {
  const place = document.getElementById(area.dataset.wordsSay ?? "");
  const rate = Number(area.dataset.words) || 120;
  const allowed = (Number(area.dataset.limitS) / 60) * rate || Infinity;
  const tell = () => {
    const n = countWords(area.value);
    const takes = t("words.takes", { time: mSs(Math.round((n / rate) * 60)), rate });
    const over = n - Math.floor(allowed);
    if (!place) return;
    place.textContent = `${t("words.count", { n })} · ${over > 0 ? t("words.over", { n: over }) : takes}`;
    place.classList.toggle("field__error", over > 0);
  };
  area.addEventListener("input", tell);
  tell();
}

for (const area of document.querySelectorAll("textarea[data-words]")) {
  attach(/** @type {HTMLTextAreaElement} */ (area));
}
