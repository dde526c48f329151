// Calls a speaker to the page when their turn comes: by sound, by vibration and, if the page is not
// visible, by a notification of the browser.

import { beep } from "../js/beep.js";
import { t } from "../js/messages.js";
import { callOf } from "./seat_state.js";

/** @import { SlotView } from "../state/snapshot.js" */

const NEXT_MS = [200, 100, 200];
const SPEAKING_MS = [600];
const NEXT_HERTZ = 880;

export class Calling {
  /** @type {string | undefined} */
  #before;

  /** @param {HTMLElement | null} key the button that asks the browser to allow notifications */
  constructor(key) {
    this.key = key;
    key?.addEventListener("click", async () => {
      await Notification.requestPermission();
      this.#showKey();
    });
    this.#showKey();
  }

  /** @param {SlotView | null} me the present state of the seat's slot */
  follow(me) {
    const call = callOf(this.#before, me?.show);
    this.#before = me?.show ?? "";
    if (!call) return;
    // A tone would be heard by everyone while the speaker has the floor.
    if (call === "next") beep(2, NEXT_HERTZ);
    // Before a person has touched the page, browsers refuse and report an error in the console.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(call === "next" ? NEXT_MS : SPEAKING_MS);
    if (document.visibilityState === "hidden") notify(t(`seat.call.${call}`));
  }

  #showKey() {
    const mayAsk = "Notification" in window && Notification.permission === "default";
    this.key?.toggleAttribute("hidden", !mayAsk);
  }
}

/** @param {string} sentence */
function notify(sentence) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  try {
    const notice = new Notification(sentence, { body: document.title, tag: "call", requireInteraction: true });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  } catch {
    // Browsers on phones do not let a page show notifications; the phone vibrates instead.
  }
}
