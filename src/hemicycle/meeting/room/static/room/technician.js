// The technician's page: the state of every line, as the engine reports it.

import { language, t } from "../js/messages.js";
import { pageZone } from "../js/page-zone.js";
import { written } from "../js/time-format.js";
import { data, follow } from "../state/screen.js";
import { attend } from "../media/attend.js";
import { drawAsks, drawBooths } from "../media/booths.js";
import { chat, offer } from "../media/chat.js";
import { draw, lineOf } from "../media/line.js";
import { Link } from "../media/link.js";
import { Refusal } from "../media/pass.js";
import "../media/program.js";
import { microphones } from "../media/microphones.js";
import { level, light, stateBadge } from "../media/seats.js";
import { Gathered } from "./gathered.js";
import { publicFeed } from "./public_feed.js";

/** @import { Seat } from "../media/news.js" */

const KEPT = 80;
const gathered = new Gathered();
/** The kinds of lines, the most important first. */
const ORDER = ["publish", "screen", "practice", "captions", "listen", "attend"];

/** @type {{ pass: string, languages: Record<string, string> }} */
const engine = data("engine");

/** @param {string} name @returns {any} */
const find = (name) => document.querySelector(`[data-${name}]`);

const link = new Link({ pass: engine.pass, use: "attend", open: attend });
for (const name of ["state", "seats", "booths", "hold"]) link.addEventListener(name, show);
link.addEventListener("notice", (event) => notice(/** @type {CustomEvent} */ (event).detail));
chat(find("chat"), link);
publicFeed(link);
microphones(link, find("microphones"), { named: true });
find("hold")?.addEventListener("click", () => order("hold", { on: !link.latest.hold?.on }));
follow();
link.start();

function show() {
  const up = link.state === "up";
  draw(find("engine"), lineOf({ state: link.state }));
  const said = up ? "" : link.sentence;
  if (find("engine-said").textContent !== said) find("engine-said").textContent = said;
  const booths = up ? (link.latest.booths ?? {}) : {};
  drawBooths(find("booths"), booths, engine.languages);
  drawAsks(find("asks"), booths, engine.languages);
  rows(up ? (link.latest.seats ?? []) : []);
  const held = Boolean(up && link.latest.hold?.on);
  find("hold")?.setAttribute("aria-pressed", String(held));
  for (const shown of document.querySelectorAll("[data-hold-on]")) shown.toggleAttribute("hidden", !held);
  for (const shown of document.querySelectorAll("[data-hold-off]")) shown.toggleAttribute("hidden", held);
}

/** Send an order to the engine; show a refusal. @param {string} act @param {Record<string, unknown>} more */
async function order(act, more) {
  try {
    await link.control(act, more);
  } catch (error) {
    find("engine-said").textContent = error instanceof Refusal ? error.message : String(error);
  }
}

/** @param {Seat} seat */
function write(seat) {
  const menu = /** @type {HTMLSelectElement} */ (document.getElementById("chat-to"));
  const room = seat.booth ? `booth:${seat.booth}` : seat.role === "moderator" ? "moderator" : `seat:${seat.seat}`;
  offer(menu, room, seat.name);
  menu.value = room;
  document.getElementById("chat-text")?.focus();
}

/** @param {string} word @param {() => void} act */
function key(word, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--small";
  button.textContent = t(word);
  button.addEventListener("click", act);
  return button;
}

/** @param {Seat[]} seats */
function rows(seats) {
  const body = /** @type {HTMLElement} */ (find("seats"));
  find("seats-count").textContent = String(seats.length);
  body.querySelector("[data-none]")?.toggleAttribute("hidden", seats.length > 0);
  const known = new Map([...body.querySelectorAll("[data-session]")].map((row) => [row.getAttribute("data-session"), row]));
  for (const [place, seat] of sorted(seats).entries()) {
    const row = known.get(seat.session) ?? made(seat);
    known.delete(seat.session);
    const before = body.querySelectorAll("[data-session]")[place];
    if (before !== row) body.insertBefore(row, before ?? null);
    fill(/** @type {HTMLElement} */ (row), seat);
  }
  for (const row of known.values()) row.remove();
}

/** @param {Seat[]} seats */
function sorted(seats) {
  const rank = (/** @type {Seat} */ seat) => (seat.heard ? -2 : seat.preview ? -1 : ORDER.indexOf(seat.kind));
  return [...seats].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** @param {Seat} seat */
function made(seat) {
  const row = document.createElement("tr");
  row.dataset.session = seat.session;
  for (let cell = 0; cell < 8; cell += 1) row.append(document.createElement("td"));
  const [who, what, line, , bars, loss, rtt, keys] = /** @type {HTMLElement[]} */ ([...row.children]);
  keys.className = "keys";
  if (seat.kind === "publish") {
    const silence = key("key.silence", () => order("silence", { seat: seat.seat, on: silence.getAttribute("aria-pressed") !== "true" }));
    silence.dataset.silence = "";
    keys.append(silence);
  }
  if (seat.kind !== "attend") keys.append(key("key.restart", () => order("restart", { session: seat.session })));
  if (seat.role !== "technician") keys.append(key("key.write", () => write(seat)));
  const name = document.createElement("bdi");
  name.textContent = seat.name;
  const role = document.createElement("span");
  role.className = "small muted";
  role.textContent = [t(`role.${seat.role}`), engine.languages[seat.booth] ?? ""].filter(Boolean).join(" · ");
  who.append(name, document.createElement("br"), role);
  what.textContent = t(`use.${seat.kind}`);
  line.append(document.createElement("span"));
  bars.append(level());
  loss.className = rtt.className = "num";
  return row;
}

/** @param {HTMLElement} row @param {Seat} seat */
function fill(row, seat) {
  const [, , line, state, bars, loss, rtt] = /** @type {HTMLElement[]} */ ([...row.children]);
  draw(/** @type {HTMLElement} */ (line.firstElementChild), lineOf(seat));
  stateBadge(state, seat);
  const sends = seat.kind !== "listen" && seat.kind !== "attend";
  bars.firstElementChild?.toggleAttribute("hidden", !sends);
  light(/** @type {HTMLElement} */ (bars.firstElementChild), seat.level);
  loss.textContent = seat.kind === "attend" ? "" : String(seat.loss);
  rtt.textContent = seat.kind === "attend" ? "" : String(seat.rtt_ms);
  const silence = row.querySelector("[data-silence]");
  silence?.setAttribute("aria-pressed", String(seat.silenced));
  if (silence) silence.textContent = t(seat.silenced ? "key.unsilence" : "key.silence");
}

/** @param {{ code: string, values?: Record<string, string>, at: number }} told */
function notice({ code, values = {}, at }) {
  const list = /** @type {HTMLElement} */ (find("notices"));
  const { key, count } = gathered.take({ code, values, at });
  const known = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("li"))].find((line) => line.dataset.key === key);
  const item = (count > 1 && known) || document.createElement("li");
  item.dataset.key = key;
  const when = document.createElement("time");
  when.textContent = written(at, "second", language, pageZone());
  const times = count > 1 ? ` × ${count}` : "";
  item.replaceChildren(when, ` ${t(`notice.${code}`, values)}${times}`);
  if (item !== known || count === 1) list.prepend(item);
  while (list.childElementCount > KEPT) list.lastElementChild?.remove();
  find("no-notice").hidden = true;
}
