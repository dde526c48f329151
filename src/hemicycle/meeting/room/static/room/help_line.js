// A seat's line to the technician. It works without sound and picture, since these may have failed.

import { attend } from "../media/attend.js";
import { chat } from "../media/chat.js";
import { Link } from "../media/link.js";
import { Program } from "../media/program.js";

/**
 * Connect when the person opens the line, or when the technician writes.
 * @param {HTMLDetailsElement} root @param {string} pass the address for requests for passes
 */
export function helpLine(root, pass) {
  const link = new Link({ pass, use: "attend", open: attend });
  chat(/** @type {HTMLElement} */ (root.querySelector("[data-chat]")), link);
  root.addEventListener("toggle", () => root.open && link.start());
  const program = document.querySelector("hc-program");
  if (program instanceof Program) program.link?.addEventListener("message", () => (root.open = true));
}
