// The practice room: the check, and an echo of one's own voice.

import { checkedBy } from "./checking.js";
import { draw, lineOf } from "../media/line.js";
import { Link } from "../media/link.js";
import "../media/meter.js";
import { microphones } from "../media/microphones.js";
import { Own } from "../media/own.js";
import { listen } from "../media/whep.js";
import { publish, replace } from "../media/whip.js";

const pass = document.body.dataset.pass ?? "";
const own = new Own(/** @type {HTMLElement} */ (document.querySelector("[data-own]")));
const key = /** @type {HTMLButtonElement} */ (document.querySelector("[data-echo]"));
const sound = /** @type {HTMLAudioElement} */ (document.querySelector("[data-echo-sound]"));
const line = /** @type {HTMLElement} */ (document.querySelector("[data-echo-line]"));
const said = /** @type {HTMLElement} */ (document.querySelector("[data-echo-said]"));
const masked = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-masked]"));
const check = checkedBy(own, pass);
/** @type {Record<string, string>} */
const more = {};

const going = new Link({
  pass,
  use: "practice",
  more,
  open: (given) => publish(given, own.stream ?? new MediaStream()),
});
const coming = new Link({
  pass,
  use: "practice",
  open: async (given) => {
    const peer = await listen(given, { channel: "practice", picture: false });
    sound.srcObject = peer.stream;
    await sound.play().catch(() => {});
    return peer;
  },
});

/** @param {boolean} on */
async function echo(on) {
  if (on && !own.stream) await own.open();
  if (on && own.stream && !check.running) going.start();
  else going.stop();
}

going.addEventListener("state", () => {
  if (going.state === "up") coming.start();
  else coming.stop();
});
microphones(going, own.root.querySelector("[data-microphones]"), { named: false });
for (const link of [going, coming]) link.addEventListener("state", show);

function show() {
  const state = going.state === "up" ? coming.state : going.state;
  key.setAttribute("aria-pressed", String(going.state !== "idle" && going.state !== "closed"));
  draw(line, lineOf({ ...going.latest.you, state }));
  said.textContent = going.sentence || coming.sentence;
}

key.addEventListener("click", () => echo(key.getAttribute("aria-pressed") !== "true"));
key.disabled = false; // the page disables the button until now, so that no press is lost
masked?.addEventListener("change", () => {
  more.voice = masked.checked ? "changed" : "";
  if (going.state !== "idle" && going.state !== "closed") going.restart();
});
check.addEventListener("changed", () => check.running && going.stop());
own.addEventListener("changed", () => {
  const pc = going.peer?.pc;
  if (!own.stream) going.stop();
  else if (pc) replace(pc, own.stream).then((fits) => fits || going.restart());
});
