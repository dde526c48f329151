// Sound and picture on the moderator's console. Its keys work without them.

import { t } from "../js/messages.js";
import { data, onView } from "../state/screen.js";
import { Air } from "../media/air.js";
import { attend } from "../media/attend.js";
import { drawAsks, drawBooths, stillSpeaking } from "../media/booths.js";
import { chat } from "../media/chat.js";
import { draw, lineOf } from "../media/line.js";
import { Link } from "../media/link.js";
import "../media/meter.js";
import { Own } from "../media/own.js";
import { Program } from "../media/program.js";
import { drawSeats } from "../media/seats.js";
import { ownState } from "./own_state.js";
import { publicFeed } from "./public_feed.js";

/** @type {{ pass: string, languages: Record<string, string> }} */
const engine = data("engine");

/** @param {string} name @returns {any} */
const find = (name) => document.querySelector(`[data-${name}]`);

const link = new Link({ pass: engine.pass, use: "attend", open: attend });
for (const name of ["state", "seats", "booths"]) link.addEventListener(name, show);
document.addEventListener("htmx:finally:request", show); // parts that were swapped in are empty
chat(find("chat"), link);
publicFeed(link);
link.start();

function show() {
  draw(find("engine"), lineOf({ state: link.state }));
  const said = link.state === "up" ? "" : `${link.sentence} ${t("console.keys_work")}`;
  if (find("engine-said").textContent !== said) find("engine-said").textContent = said;
  drawSeats(link.state === "up" ? (link.latest.seats ?? []) : []);
  const booths = link.state === "up" ? (link.latest.booths ?? {}) : {};
  drawBooths(find("booths"), booths, engine.languages);
  drawAsks(find("asks"), booths, engine.languages);
  const still = stillSpeaking(booths, engine.languages);
  if (find("booths-said").textContent !== still) find("booths-said").textContent = still;
}

/** Let the moderator speak; the microphone opens when its button is pressed. @param {HTMLElement} root */
function speak(root) {
  const own = new Own(root);
  const air = new Air(own, engine.pass);
  const line = find("own-line");
  let phase = find("own-bar").dataset.phase;
  const drawBar = () => bar(ownState(air.state, phase === "open"));
  onView((view) => {
    phase = view?.meeting.phase ?? phase;
    drawBar();
  });
  air.addEventListener("shown", () => {
    const program = document.querySelector("hc-program:not([data-channel])");
    if (program instanceof Program) program.hush(air.state === "on" && own.level.word !== "none");
    line.hidden = air.state === "closed";
    draw(line, lineOf({ ...air.link.latest.you, state: air.link.state }));
    own.say(air.link.sentence || Object.values(own.devices.trouble).join(" "));
    drawBar();
  });
  const key = find("own-key");
  key.addEventListener("click", () => (own.stream ? own.mute(!own.muted) : own.open()));
  key.disabled = false;
  air.want(true);
}

/** Show the state of the moderator's microphone in the bar at the top. @param {string} state */
function bar(state) {
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-own-is]"))) {
    part.hidden = !part.dataset.ownIs?.split(" ").includes(state);
  }
}

const root = find("own");
if (root) speak(root);
