// The captioner's console. Enter sends the line in the field, or, if the field is empty, the marked
// line of the speaker's statement. The lines sent are listed above with their status.

import { serverNow } from "../js/clock-sync.js";
import { language, t } from "../js/messages.js";
import { written } from "../js/time-format.js";
import "../media/program.js";
import { expand, read } from "./forms.js";
import { Prompter } from "./prompter.js";
import { Sender } from "./sender.js";
import { data, onView, show } from "../state/screen.js";

/** @typedef {import("./sender.js").Line} Line */

const MOST_SHOWN = 400;
const TONES = { sending: "info", sent: "ok", waiting: "warn", refused: "bad" };
const where = data("captioner");
const FORMS_KEY = `hemicycle-short-forms-${where.language}`;

/** @template {HTMLElement} T @param {string} name @returns {T} */
const part = (name) => /** @type {T} */ (document.querySelector(`[data-${name}]`));
const input = /** @type {HTMLTextAreaElement} */ (part("write"));
const said = part("note");
const sent = part("sent");
const formsField = /** @type {HTMLTextAreaElement} */ (part("forms"));
const columns = Number(input.dataset.columns);

const sender = new Sender(where);
const prompter = new Prompter(part("offered"), part("text-said"), where.text);
/** @type {Map<Line, HTMLElement>} */
const shown = new Map();
/** @type {Line | null} */
let last = null;
/** @type {Line | null} the line that is being corrected */
let correcting = null;
let begun = 0;
let forms = read("").forms;

// ── The line that is being written ──────────────────────────────────────────────────────────────
function send() {
  const text = expand(input.value, forms).replace(/\s+/g, " ").trim();
  if (text) sendText(text, begun);
  else sendOffered();
}

/** @param {string} text @param {number} at when the captioner began the line, ms since the epoch; 0 for now */
function sendText(text, at) {
  const start_ms = correcting?.start_ms ?? (at || Math.round(serverNow()));
  if (correcting) shown.get(correcting)?.setAttribute("data-corrected", t("captions.corrected"));
  /** @type {Line} */
  const line = { text, start_ms, state: "sending", sentence: "" };
  last = line;
  clear();
  sender.send(line);
}

function sendOffered() {
  if (!prompter.line) return;
  sendText(prompter.line, 0);
  prompter.pass();
}

function takeOffered() {
  if (!prompter.line) return;
  write(prompter.line);
  prompter.pass();
}

function correct() {
  if (!last) return say(t("captions.none"));
  correcting = last;
  write(last.text);
  say(t("captions.correcting"));
}

function clear() {
  correcting = null;
  begun = 0;
  input.value = "";
  say("");
  input.focus();
}

/** @param {string} text */
function write(text) {
  input.value = text;
  begun = Math.round(serverNow());
  input.focus();
  input.setSelectionRange(text.length, text.length);
}

/** @param {string} sentence */
function say(sentence) {
  said.textContent = sentence;
}

// ── The lines sent ──────────────────────────────────────────────────────────────────────────────
/** @param {Line} line */
function draw(line) {
  const item = shown.get(line) ?? add(line);
  item.dataset.state = line.state;
  const state = /** @type {HTMLElement} */ (item.lastElementChild);
  const arrived = line.replaced ? t("captions.replaced") : "";
  state.textContent = line.state === "sent" ? arrived : line.sentence || t(`captions.${line.state}`);
  const badge = part("arrival");
  badge.className = `badge tone-${TONES[line.state]}`;
  part("arrival-word").textContent = t(`captions.${line.state}`);
  for (const shape of /** @type {NodeListOf<HTMLElement>} */ (badge.querySelectorAll("[data-shape]"))) {
    shape.hidden = shape.dataset.shape !== line.state;
  }
}

/** @param {Line} line */
function add(line) {
  const item = document.createElement("p");
  const time = document.createElement("time");
  const text = document.createElement("span");
  const state = document.createElement("span");
  time.textContent = written(line.start_ms, "second", language, where.zone);
  text.textContent = line.text;
  text.dir = "auto";
  state.className = "captioner__state small";
  item.append(time, text, state);
  shown.set(line, item);
  sent.append(item);
  if (sent.children.length > MOST_SHOWN) sent.firstElementChild?.remove();
  sent.scrollTop = sent.scrollHeight;
  return item;
}

// ── Short forms ─────────────────────────────────────────────────────────────────────────────────
function readForms() {
  const found = read(formsField.value);
  forms = found.forms;
  part("forms-count").textContent = t("captions.short_forms", { n: forms.size });
  part("forms-said").textContent = found.bad.length ? t("captions.bad_line", { n: found.bad[0] ?? 0 }) : "";
  localStorage.setItem(FORMS_KEY, formsField.value);
}

/** Replace a short form as soon as a space or a punctuation mark follows it. */
function expandTyped() {
  const at = input.selectionStart;
  const before = input.value.slice(0, at);
  if (!/[\s.,;:!?،؛؟。，；：！？]$/u.test(before)) return;
  const long = expand(before.slice(0, -1), forms) + before.slice(-1);
  if (long === before) return;
  input.value = long + input.value.slice(at);
  input.setSelectionRange(long.length, long.length);
}

/** The width of a text in columns: a wide character fills two, as on the screen. @param {string} text */
function width(text) {
  const wide = text.match(/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/gu)?.length ?? 0;
  return [...text].length + wide;
}

/** @param {Event} event */
function typed(event) {
  if (!begun && input.value) begun = Math.round(serverNow());
  if (!input.value && !correcting) begun = 0;
  if (!(event instanceof InputEvent) || !event.isComposing) expandTyped();
  if (correcting) return;
  const n = width(input.value);
  say(n > columns ? t("captions.wide", { n, most: columns }) : "");
}

// ── Keys ────────────────────────────────────────────────────────────────────────────────────────
/** @type {Record<string, () => void>} */
const ANYWHERE = { F2: correct, F4: takeOffered };
/** @type {Record<string, () => void>} */
const EMPTY = { ArrowDown: () => prompter.move(1), ArrowUp: () => prompter.move(-1) };

document.addEventListener("keydown", (event) => {
  const act = ANYWHERE[event.key];
  if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
});
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return; // in an input method, Enter chooses a word
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape") clear();
  else if (!input.value && EMPTY[event.key]) {
    event.preventDefault();
    EMPTY[event.key]?.();
  }
});
input.addEventListener("input", typed);
part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
part("correct").addEventListener("click", correct);
part("send-offered").addEventListener("click", sendOffered);
part("take-offered").addEventListener("click", takeOffered);
part("previous").addEventListener("click", () => prompter.move(-1));
part("next").addEventListener("click", () => prompter.move(1));
prompter.addEventListener("marked", () => {
  for (const name of ["send-offered", "take-offered", "previous", "next"]) {
    part(name).toggleAttribute("disabled", !prompter.line && name !== "previous");
  }
});
sender.addEventListener("line", (event) => draw(/** @type {CustomEvent<Line>} */ (event).detail));
formsField.addEventListener("input", readForms);

// ── The room ────────────────────────────────────────────────────────────────────────────────────
/** @param {import("../state/snapshot.js").MeetingView | null} view */
function follow(view) {
  show(view);
  prompter.follow(view?.holder?.slot ?? "");
}

onView(follow);
formsField.value = localStorage.getItem(FORMS_KEY) ?? "";
readForms();
follow(data("snapshot"));
input.focus();
