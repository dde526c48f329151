// The statement of the present speaker, line by line. One line is marked; when the captioner sends
// or takes it, the next line is marked.

import { t } from "../js/messages.js";

/** @typedef {{ lines: string[], language: string, language_name: string, fits: boolean }} Statement */

/** @type {Statement} */
const NONE = { lines: [], language: "", language_name: "", fits: true };

export class Prompter extends EventTarget {
  #slot = "";
  #at = 0;
  /** @type {string[]} */
  #lines = [];

  /**
   * @param {HTMLElement} list @param {HTMLElement} said
   * @param {string} address the address that returns the statement for a place on the list
   */
  constructor(list, said, address) {
    super();
    this.list = list;
    this.said = said;
    this.address = address;
    this.nobody = said.textContent ?? "";
    list.addEventListener("click", (event) => {
      const item = /** @type {Element} */ (event.target).closest("li");
      if (item) this.mark([...list.children].indexOf(item));
    });
  }

  /** The marked line, or "" after the last line. */
  get line() {
    return this.#lines[this.#at] ?? "";
  }

  /** Show the statement of the speaker. @param {string} slot the speaker's slot, "" if nobody has the floor */
  async follow(slot) {
    if (slot === this.#slot) return;
    this.#slot = slot;
    this.#show(NONE, slot ? "" : this.nobody);
    if (!slot) return;
    const answer = await fetch(`${this.address}?slot=${slot}`).catch(() => null);
    const found = answer?.ok ? await answer.json() : NONE;
    if (slot === this.#slot) this.#show(found, sentence(found));
  }

  /** Mark the next line after the captioner has sent or taken the marked one. */
  pass() {
    if (this.line) this.list.children[this.#at]?.setAttribute("data-sent", "");
    this.mark(this.#at + 1);
  }

  /** Mark a line. @param {number} at its index, from 0 */
  mark(at) {
    this.#at = Math.max(0, Math.min(at, this.#lines.length));
    [...this.list.children].forEach((item, index) => {
      if (index === this.#at) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    });
    const marked = /** @type {HTMLElement | undefined} */ (this.list.children[this.#at]);
    marked?.scrollIntoView({ block: "center" });
    if (this.#lines.length) this.said.textContent = this.line ? "" : t("captions.over");
    this.said.hidden = !this.said.textContent;
    this.dispatchEvent(new Event("marked"));
  }

  /** Move the mark by a number of lines. @param {number} by negative to move back */
  move(by) {
    this.mark(this.#at + by);
  }

  /** @param {Statement} found @param {string} said */
  #show({ lines, language }, said) {
    this.#lines = lines;
    if (language) this.list.lang = language;
    else this.list.removeAttribute("lang");
    this.list.replaceChildren(...lines.map((line) => item(line)));
    this.mark(0);
    if (said) this.said.textContent = said;
    this.said.hidden = !this.said.textContent;
  }
}

/** @param {string} line */
function item(line) {
  const element = document.createElement("li");
  element.textContent = line;
  element.dir = "auto";
  return element;
}

/** @param {Statement} found */
function sentence({ lines, language_name, fits }) {
  if (!lines.length) return t("captions.no_text");
  if (fits) return "";
  return t("captions.other_language", { language: language_name });
}
