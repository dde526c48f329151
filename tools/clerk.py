"""A clerk's first hour: `python -m tools.clerk FOLDER` goes from nothing to a published hearing.

It presses only what docs/getting-started.md and docs/secretariat.md name, in a real browser, on a
site that `hemicycle init` sets up. It counts the words that a reader has before them, the presses
and the characters typed, and says how long that takes. Pictures of every page are in the folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.support.browser import Pages, launch

ROOT = Path(__file__).parents[1]
GUIDES = {"getting-started.md": "", "secretariat.md": "## While registration is open"}
"""The pages that a clerk reads, and the heading at which they stop."""
READ_PER_MINUTE, TYPED_PER_MINUTE, PRESS_S = 200, 150, 3.0
"""Words read; characters typed, as 30 words of five; a press, with the look for its place."""
NOTE = """# Concept note: public hearing on street trees

The Town Council will convene a public hearing on Tuesday, 7 May 2030, from 10 a.m. to 1 p.m.
(Geneva time), in the Town Hall.

## Programme

10:00 - 10:20 Opening
10:20 - 12:45 Panel: Which trees, and where
12:45 - 13:00 Closing

## Registration

Associations of residents are invited to register by 22 April 2030 at 6 p.m. Geneva time.
Interventions from the floor are limited to two minutes.
"""
LAPTOP = {"width": 1366, "height": 768}
START_S = 400.0


class Clerk:
    """Somebody at a laptop who has the guide beside them."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self._folder = page, folder
        self.words, self.presses, self.typed = 0, 0, 0
        self._read: set[str] = set()
        self._shots = 0

    def press(self, name: str, role: str = "button") -> None:
        """Press a button or a link that the guide names."""
        self.presses += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]
        self.look()

    def type(self, field: Locator, text: str) -> None:
        """Type into a field."""
        self.presses += 1
        self.typed += len(text)
        field.fill(text)

    def choose(self, field: Locator, label: str) -> None:
        """Choose from a list."""
        self.presses += 2
        field.select_option(label=label)

    def look(self) -> None:
        """Read what is new on the page, and keep a picture of it."""
        self.page.wait_for_load_state()
        lines = self.page.locator("main").inner_text().splitlines()
        new = [line for line in map(str.strip, lines) if line and line not in self._read]
        self._read.update(new)
        self.words += sum(len(line.split()) for line in new)
        self._shots += 1
        self.page.screenshot(path=self._folder / f"{self._shots:02d}.png", full_page=True)


def guides() -> int:
    """Return how many words the guide has, as far as a clerk reads it."""
    count = 0
    for name, end in GUIDES.items():
        text = (ROOT / "docs" / name).read_text("utf-8")
        count += len((text.partition(end)[0] if end else text).split())
    return count


@contextmanager
def site(folder: Path) -> Iterator[tuple[str, int]]:
    """Set up a site as the guide says; yield the sign-in link, and the characters typed for it."""
    commands = ["mkdir my-hearings && cd my-hearings", "hemicycle init", "hemicycle up"]
    answers = "\nNoor Haddad\nnoor.haddad@town.example\n"
    home = folder / "my-hearings"
    home.mkdir()
    program = Path(sys.executable).with_name("hemicycle")
    environment = {"HOME": str(folder), "PATH": os.defpath, "PYTHONUNBUFFERED": "1"}
    init = subprocess.run(
        [program, "init"],
        cwd=home,
        env=environment,
        input=answers,
        capture_output=True,
        text=True,
        check=True,
    )
    link = re.search(r"http://\S+/sign-in/\S+", init.stdout)
    assert link, init.stdout
    with (folder / "up.log").open("w") as log:
        up = subprocess.Popen([program, "up"], cwd=home, env=environment, stdout=log, stderr=log)
    try:
        limit = time.monotonic() + START_S
        while "Hemicycle is at" not in (folder / "up.log").read_text():
            assert time.monotonic() < limit, (folder / "up.log").read_text()
            time.sleep(0.2)
        yield link[0], sum(map(len, commands)) + len(answers)
    finally:
        up.terminate()
        up.wait(30)


def convene(clerk: Clerk, link: str, folder: Path) -> None:
    """What “Convene your first hearing” says, and “Before registration opens”."""
    page = clerk.page
    page.goto(link)
    clerk.look()
    clerk.press("Sign in")
    clerk.press("Convene a hearing", "link")
    note = folder / "note.md"
    note.write_text(NOTE)
    clerk.presses += 3  # the file's button, the file, “Open”
    page.get_by_label("Concept note").set_input_files(note)
    clerk.press("Read the note")
    expect(page.get_by_role("button", name="Save the draft")).to_be_visible(timeout=60_000)
    clerk.look()
    clerk.press("Save the draft")
    clerk.press("Programme", "link")
    clerk.press("People", "link")
    clerk.type(page.get_by_label("Name"), "Lea Brandt")
    clerk.type(page.get_by_label("E-mail address").last, "lea.brandt@town.example")
    clerk.choose(page.get_by_label("Role"), "Moderator")
    clerk.press("Appoint")
    clerk.press("Send Lea Brandt")
    clerk.press("Overview", "link")
    clerk.press("Publish", "link")
    clerk.press("Publish")
    expect(page.get_by_text("The hearing has been published.")).to_be_visible()
    clerk.press("Public page", "link")
    expect(page).to_have_url(re.compile("/h/"))


def main() -> int:
    """Walk, and print the figures; 0 when the hearing is public."""
    folder = Path(sys.argv[1]).absolute()
    folder.mkdir(parents=True)
    with site(folder) as (link, typed), sync_playwright() as playwright:
        browser = launch(playwright)
        pages = Pages(browser)
        clerk = Clerk(pages.open(viewport=LAPTOP), folder)
        clerk.typed += typed
        try:
            convene(clerk, link, folder)
        except BaseException:
            clerk.look()
            raise
        pages.close()
        browser.close()
    words = guides()
    minutes = {
        "reading the guide": words / READ_PER_MINUTE,
        "reading the pages": clerk.words / READ_PER_MINUTE,
        "typing": clerk.typed / TYPED_PER_MINUTE,
        "pressing": clerk.presses * PRESS_S / 60,
    }
    print(f"{words} words in the guide, {clerk.words} on the pages, {clerk.presses} presses,")
    print(f"{clerk.typed} characters typed")
    for what, took in minutes.items():
        print(f"{took:5.1f} minutes {what}")
    print(f"{sum(minutes.values()):5.1f} minutes in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
