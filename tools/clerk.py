"""A clerk's first hour: `python -m tools.clerk FOLDER` goes from nothing to a published hearing.

It presses only what docs/getting-started.md and docs/secretariat.md name, in a real browser, on a
site that `hemicycle init` sets up. It counts the words to read, the presses and the characters
typed, and prints how long a person takes for them. It saves pictures of all pages in the folder.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.support.browser import Pages, launch
from tools.laptop import VIEWPORT, Laptop, site

ROOT = Path(__file__).parents[1]
GUIDES = {"getting-started.md": "", "secretariat.md": "## While registration is open"}
"""The pages that a clerk reads, each with the heading at which the clerk stops; "" for none."""
READ_PER_MINUTE, TYPED_PER_MINUTE, PRESS_S = 200, 150, 3.0
"""Words read per minute; characters typed per minute (30 words of five); seconds for a press, with
the time to find the button.
"""
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
WHO = ("Noor Haddad", "noor.haddad@town.example")


def guides() -> int:
    """Return the number of words in the parts of the guides that a clerk reads."""
    count = 0
    for name, end in GUIDES.items():
        text = (ROOT / "docs" / name).read_text("utf-8")
        count += len((text.partition(end)[0] if end else text).split())
    return count


def convene(clerk: Laptop, link: str, folder: Path) -> None:
    """Follow “Convene your first hearing” and “Before registration opens” in the guides."""
    page = clerk.page
    page.goto(link)
    clerk.look()
    clerk.press("Sign in")
    clerk.press("Convene a hearing", "link")
    note = folder / "note.md"
    note.write_text(NOTE)
    clerk.give(page.get_by_label("Concept note"), note)
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
    clerk.press("Overview", "link")
    clerk.press("Publish", "link")
    clerk.press("Publish")
    expect(page.get_by_text("The hearing has been published.")).to_be_visible()
    clerk.press("Public page", "link")
    expect(page).to_have_url(re.compile("/h/"))


def main() -> int:
    """Walk through the first hour and print the figures. Return 0 if the hearing is public."""
    folder = Path(sys.argv[1]).absolute()
    folder.mkdir(parents=True)
    with site(folder, WHO) as made, sync_playwright() as playwright:
        browser = launch(playwright)
        pages = Pages(browser)
        clerk = Laptop(pages.open(viewport=VIEWPORT), folder)
        clerk.begin("all")
        try:
            convene(clerk, made.link, folder)
        except BaseException:
            clerk.look()
            raise
        pages.close()
        browser.close()
    total = clerk.total
    presses, typed = total.presses + total.fields, total.characters + made.characters
    words = guides()
    minutes = {
        "reading the guide": words / READ_PER_MINUTE,
        "reading the pages": total.words / READ_PER_MINUTE,
        "typing": typed / TYPED_PER_MINUTE,
        "pressing": presses * PRESS_S / 60,
    }
    print(f"{words} words in the guide, {total.words} on the pages, {presses} presses,")
    print(f"{typed} characters typed")
    for what, took in minutes.items():
        print(f"{took:5.1f} minutes {what}")
    print(f"{sum(minutes.values()):5.1f} minutes in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
