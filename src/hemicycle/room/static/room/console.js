// The moderator's console: what is its own beside htmx, which brings its panes.
//
// The figure that runs while the floor is free is the changeover as it grows. And a press made
// while this console's own press before it is still on its way counts as made on that one's sight:
// only somebody else's act in between makes it stale.

import { serverNow } from "../js/clock-sync.js";

const clock = /** @type {HTMLElement} */ (document.querySelector("[data-clock]"));
const changing = /** @type {HTMLElement} */ (document.querySelector("[data-changing]"));
const figure = /** @type {HTMLElement} */ (changing.querySelector(".changing__figure"));
let since = Number(changing.dataset.changing) || 0;

function draw() {
  changing.hidden = !since || !clock.hidden;
  if (changing.hidden) return;
  const seconds = Math.max(0, Math.floor((serverNow() - since) / 1000));
  figure.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

document.addEventListener("floor", (event) => {
  const sight = /** @type {CustomEvent} */ (event).detail ?? {};
  since = sight.standing === "free" ? (sight.free_since ?? 0) : 0;
  clock.hidden = !sight.clock;
  draw();
});
setInterval(draw, 250);
draw();

/** @type {{ on: string | null, became: string | null }} */
let own = { on: null, became: null };

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx.sourceElement.id !== "press") return;
  const seen = ctx.request.body.get("seen");
  if (seen === own.on && own.became) ctx.request.body.set("seen", own.became);
  else own = { on: seen, became: null };
});

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx.sourceElement.id === "press") own.became = ctx.response.headers.get("X-Act-Seq");
});

let current = "";

/** Whoever takes the floor comes into sight on a long list; from then on it stays where it is put. */
function bringCurrent() {
  const list = document.getElementById("list");
  const row = /** @type {HTMLElement | null} */ (list?.querySelector("tr[aria-current]"));
  if (!list || !row || row.id === current) return;
  current = row.id;
  list.scrollTo({ top: row.offsetTop - 2 * row.offsetHeight });
}
document.addEventListener("htmx:finally:request", bringCurrent);
bringCurrent();
