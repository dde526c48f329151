"""Take the handbook's pictures from a hearing in progress: `make pictures`.

This runs `hemicycle demo` on a temporary folder, opens each page with the link that the command
prints, waits until the page shows its main content, and writes `docs/pictures/*.webp`. Look at each
picture before you commit it.
"""

import base64
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import launch

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/pictures"
PROGRAM = Path(sys.executable).with_name("hemicycle")
START_S = 300.0
WITHIN_MS = 120_000
AS_WEBP = """async png => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"),
    { width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.85).split(",")[1];
}"""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its file, the role and the path of the page, and what the page must contain.

    `press` is the name of a button to press first, which plays the webcast.
    """

    name: str
    role: str
    path: str
    shows: str
    height: int = 768
    press: str = ""


SHOTS = (
    Shot("console", "moderator", "h/{slug}/console/", "hc-clock"),
    Shot("live", "", "h/{slug}/live/", "video", 820, "Watch live"),
    Shot("office", "secretariat", "office/{slug}/", "main h1"),
    Shot("hearing", "", "h/{slug}/", "main h1", 900),
)
PLAYS = "() => document.querySelector('video').currentTime > 2"
SPEAKS = "() => !!document.querySelector('hc-clock')?.textContent.match(/[1-9]:\\d\\d/)"


def main() -> int:
    """Take all pictures, or those that the arguments name."""
    wanted = [shot for shot in SHOTS if not sys.argv[1:] or shot.name in sys.argv[1:]]
    with (
        tempfile.TemporaryDirectory() as folder,
        _demo(Path(folder)) as said,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for shot in wanted:
            _take(browser, shot, said())
        browser.close()
    return 0


@contextmanager
def _demo(folder: Path) -> Iterator[Callable[[], str]]:
    """Run the demonstration; yield a function that returns its output so far."""
    log = folder / "log"
    environment = os.environ | {
        "HEMICYCLE_DATA_DIR": str(folder / "data"),
        "PYTHONUNBUFFERED": "1",
    }
    with log.open("w") as written:
        process = subprocess.Popen(
            [PROGRAM, "demo"],
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + START_S
        while "The first panel is under way" not in log.read_text():
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"The demonstration did not start:\n{log.read_text()}")
            time.sleep(0.5)
        time.sleep(20)  # until the speakers' cameras have connected
        yield log.read_text
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def _take(browser: Browser, shot: Shot, said: str) -> None:
    site = re.search(r"^Hemicycle is at (\S+?)/?$", said, re.MULTILINE)
    slug = re.search(r"/h/([\w-]+)/", said)
    assert site, said
    assert slug, said
    context = browser.new_context(viewport={"width": 1366, "height": shot.height}, locale="en")
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    if shot.role:
        _sign_in(page, shot.role, said)
    page.goto(f"{site[1]}/{shot.path.format(slug=slug[1])}")
    page.wait_for_selector(shot.shows)
    if shot.shows in {"hc-clock", "video"}:
        page.wait_for_function(SPEAKS)
    if shot.press:
        page.get_by_role("button", name=shot.press).click()
        page.wait_for_function(PLAYS)
    page.wait_for_timeout(3000)
    picture = base64.b64encode(page.screenshot()).decode()
    made = base64.b64decode(context.new_page().evaluate(AS_WEBP, picture))
    context.close()
    file = PICTURES / f"{shot.name}.webp"
    file.write_bytes(made)
    print(f"{file.relative_to(ROOT)}: {len(made) // 1024} KB", flush=True)


def _sign_in(page: Page, role: str, said: str) -> None:
    link = re.search(rf"^\s*{role}\b.*?(https?://\S+)$", said, re.MULTILINE | re.IGNORECASE)
    assert link, f"no link for the {role} in:\n{said}"
    page.goto(link[1])
    page.locator("main form button").first.click()
    page.wait_for_load_state()


if __name__ == "__main__":
    sys.exit(main())
