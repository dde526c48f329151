"""Compares a page's clock with the clock of this machine, which the server uses, too."""

from statistics import median
from typing import Any

from playwright.sync_api import Page

WATCH = """() => {
  const figures = document.querySelector("hc-clock .clock__figures");
  window.seen = [];
  new MutationObserver(() => window.seen.push([figures.textContent, Date.now()]))
    .observe(figures, {childList: true, characterData: true, subtree: true});
}"""


def begin(page: Page) -> None:
    """Note from now on when each figure appears on the page's clock."""
    page.evaluate(WATCH)


def errors_ms(page: Page, ends_at: float) -> list[float]:
    """Return the error of each figure in ms; `ends_at` is when the time is up, in ms since 1970."""
    seen: list[tuple[str, int]] = page.evaluate("window.seen")
    return [abs(at - (ends_at - _left_ms(text))) for text, at in seen]


def typical_ms(page: Page, ends_at: float) -> float:
    """Return the median error in ms, since a busy machine may draw single figures late."""
    return median(errors_ms(page, ends_at))


def _left_ms(text: str) -> int:
    minutes, seconds = text.lstrip("+").split(":")
    size = int(minutes) * 60_000 + int(seconds) * 1000
    return -size if text.startswith("+") else size


def shown(page: Page) -> dict[str, Any]:
    """Return the clock's figures and phase as the page shows them now."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const clock = document.querySelector("hc-clock");
          return {
            figures: clock.querySelector(".clock__figures").textContent,
            phase: clock.dataset.phase,
            word: clock.querySelector(".clock__word").textContent.trim(),
          };
        }"""
    )
    return found
