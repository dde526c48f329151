// Short messages between booths, seats, technician and moderator, over any link to the engine.

import { language } from "../js/messages.js";
import { pageZone } from "../js/page-zone.js";
import { timeOfDay } from "../js/time-format.js";
import { Refusal } from "./pass.js";

const KEPT = 60;

/** @typedef {{ id: string, from: string, name: string, to: string, text: string, at: number }} Message */

/**
 * @param {HTMLElement} root the element that `room/_chat.html` writes
 * @param {import("./link.js").Link} link
 */
export function chat(root, link) {
  const list = /** @type {HTMLElement} */ (root.querySelector("[data-said-so-far]"));
  const form = /** @type {HTMLFormElement} */ (root.querySelector("[data-say]"));
  const trouble = /** @type {HTMLElement} */ (root.querySelector("[data-chat-trouble]"));
  const menu = /** @type {HTMLSelectElement} */ (form.elements.namedItem("to"));
  link.addEventListener("message", (event) => {
    const message = /** @type {Message} */ (/** @type {CustomEvent} */ (event).detail);
    if ([...list.children].some((line) => line instanceof HTMLElement && line.dataset.id === message.id)) return;
    if ("answers" in root.dataset) offer(menu, message.from, message.name);
    const ends = new Map([...menu.options].map((option) => [option.value, option.text]));
    list.append(line(message, ends));
    while (list.childElementCount > KEPT) list.firstElementChild?.remove();
    list.scrollTo({ top: list.scrollHeight });
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [to, text] = [form.elements.namedItem("to"), form.elements.namedItem("text")];
    if (!(to instanceof HTMLSelectElement) || !(text instanceof HTMLInputElement)) return;
    try {
      await link.control("say", { to: to.value, text: text.value });
      [text.value, trouble.textContent] = ["", ""];
    } catch (error) {
      trouble.textContent = error instanceof Refusal ? error.message : String(error);
    }
  });
}

/**
 * Add a seat to the menu of recipients, unless it is there already.
 * @param {HTMLSelectElement} menu @param {string} seat as messages name it @param {string} name
 */
export function offer(menu, seat, name) {
  if (!seat.startsWith("seat:") || [...menu.options].some((option) => option.value === seat)) return;
  menu.add(new Option(name, seat));
}

/** @param {Message} message @param {Map<string, string>} ends */
function line({ id, name, from, to, text, at }, ends) {
  const item = document.createElement("li");
  item.dataset.id = id;
  const when = document.createElement("time");
  when.textContent = timeOfDay(at, language, pageZone());
  const who = document.createElement("strong");
  // A seat that is not in the menu is the reader's own, and needs no name here.
  const whom = ends.get(to) ?? (to.startsWith("seat:") ? "" : to);
  who.textContent = [name || ends.get(from) || from, whom].filter(Boolean).join(" → ");
  who.dir = "auto";
  const said = document.createElement("bdi");
  said.textContent = text;
  item.append(when, " ", who, " ", said);
  return item;
}
