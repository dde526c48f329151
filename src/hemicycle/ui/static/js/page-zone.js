// The time zone of the page's clock, for the times beside it.

/** A zone's name, such as "America/New_York"; undefined (the reader's own) on a page without a clock. */
export function pageZone() {
  return /** @type {HTMLElement | null} */ (document.querySelector("[data-now]"))?.dataset.zone;
}
