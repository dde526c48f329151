// The interpreters' console: its keys, and what the engine reports about the booth.

import { mSs } from "../js/duration.js";
import { t } from "../js/messages.js";
import { data, onView, show } from "../state/screen.js";
import { showCaptions } from "../media/captions.js";
import { fill } from "../media/devices.js";
import { draw, lineOf } from "../media/line.js";
import "../media/meter.js";
import { microphones } from "../media/microphones.js";
import { Refusal } from "../media/pass.js";
import { Lines } from "./lines.js";
import { boothViewOf, note } from "./booth_view.js";
import { Talk } from "./talk.js";
import { Text } from "./text.js";

const SAID_MS = 15_000;
const TOLD_MS = 1_000;
const SOON_S = 20 * 60;
const NOW_S = 30 * 60;
const B_KEY = "hemicycle-booth-b";

const { language, names, pass } = data("booth");
const page = /** @type {HTMLElement} */ (document.getElementById("main"));
const find = (/** @type {string} */ selector) => /** @type {any} */ (page.querySelector(selector));
const every = (/** @type {string} */ selector) =>
  /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll(selector));

const lines = new Lines(find(".booth__frame video"), pass, language);
const text = new Text(find("#text"), find("[data-pace]"));
const talk = new Talk(find("[data-messages]"), find("[data-talk]"), language, names, (to, words) => ask("say", { to, text: words }));
const menuB = /** @type {HTMLSelectElement} */ (find("[data-b]"));

/** @type {Record<string, any>} */
let view = {};
let said = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let unsaid;
/** The requested state of the microphone while it is not confirmed, otherwise null. @type {boolean | null} */
let wished = null;
/** When the microphone changed hands, by this page's clock; null if it is off. @type {number | null} */
let since = null;

/** @param {string} sentence */
function say(sentence) {
  said = sentence;
  clearTimeout(unsaid);
  unsaid = setTimeout(() => say(""), SAID_MS);
  render();
}

/** Send a request to the engine; show a refusal. @param {string} act @param {Record<string, unknown>} [more] */
async function ask(act, more = {}) {
  try {
    await lines.control(act, more);
    return true;
  } catch (error) {
    say(error instanceof Refusal ? error.message : String(error));
    return false;
  }
}

function known() {
  const { booths, channels } = lines.hear.latest;
  const connected = lines.voice.state === "up";
  return { language, names, own: lines.own, connected, booths: booths ?? {}, channels: channels ?? {} };
}

// Display.

function render() {
  const now = known();
  view = boothViewOf(now);
  if (isOn() === wished) wished = null;
  show({ ...view, ...timed(), opened: lines.opened, trouble: lines.trouble, said, b_name: names[menuB.value] ?? "" }, page);
  find(".booth__mic").setAttribute("aria-pressed", String(isOn()));
  find(".booth__cough").setAttribute("aria-pressed", String(view.mic === "cough"));
  find("[data-do=offer]").toggleAttribute("data-waiting", Boolean(view.waiting));
  find("[data-do=slow]").toggleAttribute("data-sent", Boolean(view.slow));
  find("[data-do=trouble]").toggleAttribute("data-sent", Boolean(view.trouble_signal));
  page.dataset.mic = view.mic;
  renderChoices(now);
  renderMembers(now);
  renderLines();
}

/** @param {import("./booth_view.js").Known} now */
function renderChoices(now) {
  const booth = now.booths[language];
  for (const key of every("[data-incoming]")) {
    const channel = key.dataset.incoming ?? "";
    key.setAttribute("aria-pressed", String(channel === (booth?.chosen ?? "floor")));
    key.toggleAttribute("data-fallen", channel === booth?.chosen && channel !== booth?.incoming);
    const place = key.querySelector("[data-note]");
    const words = note(channel, now);
    if (place && place.textContent !== words) place.textContent = words;
    key.toggleAttribute("data-silent", now.channels[channel]?.from === "floor");
  }
  const output = booth?.output ?? language;
  find("[data-output=A]").setAttribute("aria-pressed", String(output === language));
  find("[data-output=B]").setAttribute("aria-pressed", String(output !== language));
  if (output !== language && menuB.value !== output) menuB.value = output;
}

/** @param {import("./booth_view.js").Known} now */
function renderMembers(now) {
  const list = find("[data-members]");
  const members = now.booths[language]?.members ?? [];
  const rows = members.map((member) => {
    const word = member.microphone ? "live" : member.connected ? "here" : "not_here";
    const name = now.own.has(member.session) ? `${member.name} (${t("console.you")})` : member.name;
    return { name, word };
  });
  const key = JSON.stringify(rows);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...rows.map(({ name, word }) => memberRow(name, word)));
}

/** @param {string} name @param {string} word */
function memberRow(name, word) {
  const row = document.createElement("li");
  row.dataset.word = word;
  const who = document.createElement("bdi");
  who.textContent = name;
  const how = document.createElement("span");
  how.className = "muted";
  how.textContent = t(`console.${word}`);
  row.append(who, " ", how);
  return row;
}

function renderLines() {
  for (const [name, link] of /** @type {const} */ ([["hear", lines.hear], ["voice", lines.voice]])) {
    const badge = /** @type {HTMLElement} */ (document.querySelector(`[data-line-of="${name}"]`));
    draw(badge, lineOf({ ...link.latest.you, state: link.state }));
  }
  find(".booth__top").toggleAttribute("data-shown", lines.hear.state === "up");
}

/** The time since the microphone changed hands, and a sentence when it is time to hand over. */
function timed() {
  if (since === null) return { since: "", since_said: "" };
  const seconds = Math.max(0, Math.floor((performance.now() - since) / 1_000));
  const late = seconds >= NOW_S ? "now" : seconds >= SOON_S ? "soon" : "";
  find(".booth__time").className = `booth__time tone-${late === "now" ? "bad" : late ? "warn" : "quiet"}`;
  return {
    since: mSs(seconds),
    since_said: late ? t(`console.hand_over_${late}`) : "",
  };
}

// Events of the engine.

showCaptions(page, lines.hear);
microphones(lines.hear, find("[data-microphones]"), { named: true });
lines.addEventListener("shown", render);
lines.addEventListener("booths", (event) => {
  const booth = /** @type {CustomEvent} */ (event).detail[language];
  const live = booth?.members.find((/** @type {import("../media/news.js").Member} */ member) => member.microphone);
  since = live ? performance.now() - live.since_s * 1_000 : null;
});
lines.addEventListener("message", (event) => talk.take(/** @type {CustomEvent} */ (event).detail));
lines.addEventListener("signal", (event) => {
  const { booth, what } = /** @type {CustomEvent} */ (event).detail;
  say(t(`console.signal.${what}`, { language: names[booth] ?? booth }));
});
lines.addEventListener("handover", (event) => {
  const { what, name } = /** @type {CustomEvent} */ (event).detail;
  if (what !== "offered" && what !== "asked") say(t(`console.handover.${what}`, { name }));
});
lines.addEventListener("spoken", (event) => {
  find("[data-spoken]").value = /** @type {CustomEvent} */ (event).detail.language;
});
lines.addEventListener("stream", (event) => {
  find("[data-level=hear]").follow(/** @type {CustomEvent} */ (event).detail);
});
lines.devices.addEventListener("changed", () => {
  find("[data-level=voice]").follow(lines.devices.stream);
  fill(find("[data-device]"), "microphone", lines.devices.inUse("microphone"));
});
lines.devices.addEventListener("trouble", (event) => say(/** @type {CustomEvent} */ (event).detail));

// Keys.

/** Whether this interpreter is on the microphone, according to the engine. */
function isOn() {
  return view.mic === "on" || view.mic === "cough";
}

/** Switch the microphone. A second press before the engine confirms the first one reverses it. */
async function microphone() {
  const on = !(wished ?? isOn());
  wished = on;
  await ask("microphone", { on });
  setTimeout(() => {
    if (wished === on) wished = null;
  }, TOLD_MS);
}

/** @type {Record<string, () => unknown>} */
const ACTS = {
  open: () => lines.open(),
  microphone,
  offer: () => ask(view.waiting ? "decline" : "offer"),
  accept: () => ask("accept"),
  decline: () => ask("decline"),
  slow: () => ask("signal", { what: "slow" }),
  trouble: () => ask("signal", { what: "trouble" }),
  follow: () => following(true),
  write: () => talk.write(),
  "mark-next": () => text.move(1),
  "mark-before": () => text.move(-1),
};
for (const key of every("[data-do]")) {
  const act = ACTS[key.dataset.do ?? ""];
  if (act) key.addEventListener("click", act);
  key.removeAttribute("disabled"); // the page disables keys until now, so that no press is lost
}
for (const key of every("[data-incoming]")) {
  key.addEventListener("click", () => ask("incoming", { from: key.dataset.incoming }));
}
for (const key of every("[data-output]")) {
  key.addEventListener("click", () => ask("output", { to: key.dataset.output === "A" ? "A" : menuB.value }));
}
menuB.value = localStorage.getItem(B_KEY) ?? menuB.value;
if (!menuB.value) menuB.selectedIndex = 0;
menuB.addEventListener("change", () => {
  localStorage.setItem(B_KEY, menuB.value);
  if (find("[data-output=B]").getAttribute("aria-pressed") === "true") ask("output", { to: menuB.value });
  render();
});
find("[data-spoken]").addEventListener("change", (/** @type {Event} */ event) =>
  ask("spoken", { language: /** @type {HTMLSelectElement} */ (event.target).value }),
);
find("[data-volume]").addEventListener("input", (/** @type {Event} */ event) => {
  lines.video.volume = Number(/** @type {HTMLInputElement} */ (event.target).value) / 100;
});
find("[data-device]").addEventListener("change", (/** @type {Event} */ event) =>
  lines.devices.choose("microphone", /** @type {HTMLSelectElement} */ (event.target).value),
);

/** Mute the microphone while the cough key is held. @param {boolean} on */
function cough(on) {
  lines.hush(on);
  ask("cough", { on });
}
const coughing = /** @type {HTMLElement} */ (find("[data-do=cough]"));
let held = false;
/** @param {boolean} on */
function hold(on) {
  if (on === held) return;
  held = on;
  cough(on);
}
coughing.addEventListener("click", (event) => event.detail === 0 && hold(true)); // a click by keyboard
coughing.addEventListener("release", () => hold(false));
coughing.addEventListener("pointerdown", (event) => {
  coughing.setPointerCapture(event.pointerId);
  hold(true);
});
for (const name of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
  coughing.addEventListener(name, () => hold(false));
}
coughing.addEventListener("keydown", (event) => {
  if (event.key !== " " && event.key !== "Enter") return;
  event.preventDefault();
  hold(true);
});
coughing.addEventListener("keyup", (event) => {
  if (event.key === " " || event.key === "Enter") hold(false);
});
window.addEventListener("blur", () => hold(false));

// The text follows the floor.

/** @param {boolean} on */
function following(on) {
  text.following = on;
  find("[data-do=follow]").setAttribute("aria-pressed", String(on));
  if (on) followFloor();
}

function followFloor() {
  const holder = /** @type {HTMLElement} */ (document.getElementById("holder"));
  text.follow(holder.dataset.slot || holder.dataset.next || "");
}
page.addEventListener("click", (event) => {
  const key = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button[data-text]"));
  if (!key) return;
  following(false);
  text.show(key.dataset.text ?? "");
});
/** @param {import("../state/snapshot.js").MeetingView | null} view */
function takeFloor(view) {
  text.clock = view?.clock ?? null;
  find("[data-clock]").hidden = !view?.clock;
  text.draw();
}
onView(takeFloor);
document.addEventListener("htmx:finally:request", followFloor);
takeFloor(data("snapshot"));
followFloor();

setInterval(() => since !== null && render(), 1_000);
render();
if (await Lines.may()) await lines.open();
