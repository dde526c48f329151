// The newest posts beside the meeting, on the hall screen and on the live page, from the feed.
//
// A post that was hidden disappears with the next frame. Nothing is announced to screen readers,
// because their users listen to the meeting.

/** @typedef {{ id: string, name: string, text: string, from: string, at: number }} NewestPost */
/** @typedef {{ hall: boolean, live: boolean, posts: NewestPost[] }} WallSnapshot */

const section = /** @type {HTMLElement | null} */ (document.querySelector("[data-wall-screen]"));

/** @param {Element} item @param {NewestPost} post */
function fill(item, post) {
  const put = (/** @type {string} */ name, /** @type {string} */ text) => {
    const place = item.querySelector(`[data-of="${name}"]`);
    if (place && place.textContent !== text) place.textContent = text;
  };
  put("name", post.name);
  put("from", post.from);
  put("text", post.text);
  item.querySelector('[data-of="nobody"]')?.toggleAttribute("hidden", Boolean(post.name));
}

/** @param {HTMLElement} place @param {WallSnapshot | null} wall */
function show(place, wall) {
  place.toggleAttribute("hidden", !wall?.[place.dataset.wallScreen === "hall" ? "hall" : "live"]);
  const posts = wall?.posts ?? [];
  const list = /** @type {HTMLElement} */ (place.querySelector(".wall-posts__list"));
  const template = /** @type {HTMLTemplateElement} */ (place.querySelector("template"));
  const known = new Map([...list.children].map((item) => [item.getAttribute("data-post"), item]));
  const items = posts.map((post) => {
    const item = known.get(post.id) ?? /** @type {Element} */ (template.content.firstElementChild?.cloneNode(true));
    item.setAttribute("data-post", post.id);
    fill(item, post);
    return item;
  });
  if (items.some((item, place) => item !== list.children[place]) || items.length !== list.childElementCount) {
    list.replaceChildren(...items);
  }
  place.querySelector("[data-no-post]")?.toggleAttribute("hidden", posts.length > 0);
}

if (section) {
  document.addEventListener("floor", (event) => {
    const { detail } = /** @type {CustomEvent<{ wall: WallSnapshot | null } | null>} */ (event);
    show(section, detail?.wall ?? null);
  });
}

export {};
