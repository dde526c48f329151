"""Draw the PNG icons and the preview picture for links to the site: `python -m tools.icons`.

Chromium draws them from the mark, and they are kept in the repository. Run this after a change to
`mark.svg` or to the colours below, and look at the results.
"""

from math import cos, pi, sin
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.support.browser import launch

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "src/hemicycle/ui/static/img"
PAPER, BRAND, FLOOR = "#fcfbf8", "#0a4a63", "#e0a030"
"""Colours as in tokens.css; the last one is for the seat that has the floor."""
ROWS = ((150, 7), (215, 11), (280, 15), (345, 19), (410, 23))
"""The radius and the number of seats of each row, in the preview picture."""


def icon(size: int, inset: float) -> str:
    """Return a page with the mark; `inset` is the margin as a fraction of `size`.

    Systems that mask icons may cut off the margin.
    """
    mark = (IMAGES / "mark.svg").read_text("utf-8")
    width = size * (1 - 2 * inset)
    return _page(size, size, PAPER, f'<div style="width:{width}px;display:flex">{mark}</div>')


def share() -> str:
    """Return a page with a hall and a speaker, for previews in messages and social media."""
    seats = "".join(_seats())
    hall = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" fill="{PAPER}">'
        f'{seats}<circle cx="600" cy="530" r="26" fill="{FLOOR}"/></svg>'
    )
    return _page(1200, 630, BRAND, hall)


def _seats() -> list[str]:
    seat = '<circle cx="{:.1f}" cy="{:.1f}" r="17"/>'
    return [
        seat.format(600 + radius * cos(angle), 530 - radius * sin(angle))
        for radius, count in ROWS
        for angle in (pi * (place + 0.5) / count for place in range(count))
    ]


def _page(width: int, height: int, background: str, body: str) -> str:
    return (
        f'<body style="margin:0;width:{width}px;height:{height}px;background:{background};'
        f'display:flex;align-items:center;justify-content:center">{body}</body>'
    )


def main() -> None:
    """Draw and write all pictures."""
    pictures = {
        "icon-180.png": (180, 180, icon(180, 0.12)),
        "icon-192.png": (192, 192, icon(192, 0.06)),
        "icon-512.png": (512, 512, icon(512, 0.06)),
        "icon-512-maskable.png": (512, 512, icon(512, 0.2)),
        "share.png": (1200, 630, share()),
    }
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        for name, (width, height, html) in pictures.items():
            _draw(page, IMAGES / name, width, height, html)
        browser.close()


def _draw(page: Page, file: Path, width: int, height: int, html: str) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.set_content(html)
    page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
