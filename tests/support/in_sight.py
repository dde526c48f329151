"""Checks that text on a page can be read: in sight, whole, uncovered and large enough."""

from playwright.sync_api import Locator

SMALLEST_PX = 14
UNREADABLE = """(place, smallest) => {
  const found = [];
  const frame = place.getBoundingClientRect();
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
  if (!texts.length) found.push("there is no text");
  for (const text of texts) {
    const said = text.data.trim();
    const size = parseFloat(getComputedStyle(text.parentElement).fontSize);
    if (size < smallest) found.push(`${said}: ${size} px`);
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const row of range.getClientRects()) {
      const outside = (box) =>
        row.left < box.left - 1 || row.right > box.right + 1 ||
        row.top < box.top - 1 || row.bottom > box.bottom + 1;
      const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
      const at = JSON.stringify(row);
      if (outside(frame)) found.push(`${said}: beyond its place, at ${at}`);
      else if (outside(screen)) found.push(`${said}: beyond the screen, at ${at}`);
      else
        for (const part of [0.02, 0.5, 0.98]) {
          const [x, y] = [row.left + part * row.width, row.top + row.height / 2];
          const top = document.elementFromPoint(x, y);
          if (place.contains(top)) continue;
          found.push(`${said}: covered by ${top?.outerHTML.slice(0, 80)}`);
        }
    }
  }
  return found;
}"""


def unreadable(place: Locator) -> list[str]:
    """Return the texts of an element that cannot be read, each with the reason."""
    found: list[str] = place.evaluate(UNREADABLE, SMALLEST_PX)
    return found
