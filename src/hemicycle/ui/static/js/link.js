// <hc-link data-feed="/feed/…">: follows the feed and shows, by word and shape, whether it is connected.

import { Feed } from "./feed.js";
import { t } from "./messages.js";

/** @type {Record<import("./feed.js").LinkState, string>} */
const SHAPES = {
  connecting: '<circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="4"/>',
  live: '<circle cx="12" cy="12" r="9"/>',
  reconnecting: '<path d="M12 3a9 9 0 010 18z"/><circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="2.5"/>',
  lost: '<path d="M5 5l14 14M19 5L5 19" stroke="currentColor" stroke-width="4.5"/>',
};

export class Link extends HTMLElement {
  /** @type {Feed | undefined} */
  feed;

  connectedCallback() {
    this.setAttribute("role", "status");
    this.feed = new Feed(this.dataset.feed ?? "", (state) => this.#show(state));
    this.#show(this.feed.state);
  }

  disconnectedCallback() {
    this.feed?.close();
  }

  /** @param {import("./feed.js").LinkState} state */
  #show(state) {
    this.dataset.state = state;
    this.innerHTML = `<svg class="link__shape" viewBox="0 0 24 24" aria-hidden="true">${SHAPES[state]}</svg><span></span>`;
    /** @type {HTMLElement} */ (this.lastElementChild).textContent = t(`link.${state}`);
    if (state === "lost") this.append(this.#retry());
  }

  #retry() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn--small";
    button.textContent = t("link.retry");
    button.addEventListener("click", () => this.feed?.wake());
    return button;
  }
}

customElements.define("hc-link", Link);
