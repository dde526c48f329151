// Messages between the booth, its partners, the technician and the moderator.

import { language as pageLanguage, t } from "../js/messages.js";
import { pageZone } from "../js/page-zone.js";
import { timeOfDay } from "../js/time-format.js";

/** @typedef {{ id: string, from: string, name: string, to: string, text: string, at: number }} Message */

const MOST = 200;

export class Talk {
  /** @type {Set<string>} */
  #known = new Set();

  /**
   * @param {HTMLElement} log
   * @param {HTMLFormElement} form
   * @param {string} language of this booth
   * @param {Record<string, string>} names of the hearing's languages
   * @param {(to: string, text: string) => Promise<boolean>} send resolves to whether it was sent
   */
  constructor(log, form, language, names, send) {
    this.log = log;
    this.form = form;
    this.language = language;
    this.names = names;
    this.send = send;
    form.addEventListener("submit", (event) => this.#submit(event));
    this.#field.addEventListener("keydown", (event) => event.key === "Escape" && this.#field.blur());
  }

  /** Focus the field for a new message. */
  write() {
    this.#field.focus();
  }

  /** @param {Message} message */
  take(message) {
    const key = `${message.at} ${message.id}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.log.querySelector("[data-no-messages]")?.remove();
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    this.log.append(this.#drawn(message));
    while (this.log.children.length > MOST) this.log.firstElementChild?.remove();
    if (near) this.log.scrollTop = this.log.scrollHeight;
  }

  /** @returns {HTMLInputElement} */
  get #field() {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem("text"));
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const to = /** @type {HTMLSelectElement} */ (this.form.elements.namedItem("to")).value;
    const text = this.#field.value;
    if (text.trim() && (await this.send(to, text)) && this.#field.value === text) this.#field.value = "";
  }

  /** @param {Message} message */
  #drawn({ from, name, to, text, at }) {
    const row = document.createElement("p");
    row.className = "talk__row";
    row.toggleAttribute("data-own", from === `booth:${this.language}`);
    const head = document.createElement("span");
    head.className = "talk__head";
    const who = document.createElement("bdi");
    who.textContent = name || this.#room(from);
    const when = document.createElement("time");
    when.textContent = timeOfDay(at, pageLanguage, pageZone());
    const way = from === to ? this.#room(to) : `${this.#room(from)} → ${this.#room(to)}`;
    head.append(who, ` · ${way} · `, when);
    const said = document.createElement("bdi");
    said.className = "talk__text";
    said.textContent = text;
    row.append(head, said);
    return row;
  }

  /** @param {string} room */
  #room(room) {
    const [kind, tag] = room.split(":");
    if (kind !== "booth") return t(`console.talk.${kind}`);
    return tag === this.language ? t("console.talk.partner") : t("console.talk.booth", { language: this.names[tag] ?? tag });
  }
}
