// The moderator's console: the parts that htmx does not load.
//
// While the floor is free, a running figure shows the changeover so far. The console may send a
// press while its earlier presses have no answer yet, or while an older pane is shown after them.
// Such a press counts as made on their result, so that only another person's act makes it stale.

import { serverNow } from "../js/clock-sync.js";
import { mSs } from "../js/duration.js";
import { onView } from "../state/screen.js";
import { freeSince } from "../state/snapshot.js";

/** @import { RoomView } from "../state/snapshot.js" */

const clock = /** @type {HTMLElement} */ (document.querySelector("[data-clock]"));
const changing = /** @type {HTMLElement} */ (document.querySelector("[data-changing]"));
const figure = /** @type {HTMLElement} */ (changing.querySelector(".changing__figure"));
let since = Number(changing.dataset.changing) || 0;

function draw() {
  changing.hidden = !since || !clock.hidden;
  if (changing.hidden) return;
  const seconds = Math.max(0, Math.floor((serverNow() - since) / 1000));
  figure.textContent = mSs(seconds);
}

onView((/** @type {RoomView | null} */ view) => {
  since = freeSince(view);
  clock.hidden = !view?.clock;
  draw();
});
setInterval(draw, 250);
draw();

/**
 * Whether an update is older than what is shown: it was requested before a press, but the answer to the
 * press came first. It would disable the keys of the new holder.
 * @param {{ headers: Headers }} response
 */
function isOlder(response) {
  const seen = /** @type {HTMLInputElement | null} */ (document.getElementById("seen"));
  return seen !== null && Number(response.headers.get("X-Act-Seq")) < Number(seen.value);
}

/** For the act on which each own press was made, the act that it became. @type {Map<string, string>} */
const became = new Map();

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx.sourceElement.id !== "press") return;
  let seen = ctx.request.body.get("seen");
  while (became.has(seen)) seen = became.get(seen);
  ctx.request.body.set("seen", seen);
});

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx.sourceElement.id === "updates" && isOlder(ctx.response)) event.preventDefault();
  if (ctx.sourceElement.id !== "press") return;
  const seen = ctx.request.body.get("seen");
  const act = ctx.response.headers.get("X-Act-Seq");
  if (Number(act) > Number(seen)) became.set(seen, act);
});

let current = "";

/** Scroll a long list to the new speaker once; afterwards it stays where the moderator puts it. */
function bringCurrent() {
  const list = document.getElementById("list");
  const row = /** @type {HTMLElement | null} */ (list?.querySelector("tr[aria-current]"));
  if (!list || !row || row.id === current) return;
  current = row.id;
  list.scrollTo({ top: row.offsetTop - 2 * row.offsetHeight });
}
document.addEventListener("htmx:finally:request", bringCurrent);
bringCurrent();
