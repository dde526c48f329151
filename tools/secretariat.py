"""The whole work of a secretariat in a browser: `python -m tools.secretariat KIND FOLDER`.

KIND is `parliament` (a committee's hearing that is copied from last year's) or `council` (a
council's hearing from its concept note). The walk continues to the circulated summary, on a site
that `hemicycle init` sets up and whose clock the walk moves; `tools.cast` plays everyone else.
Presses and typed fields are counted by stage (`tools.laptop`). Pictures of each page are saved in
English and Arabic at three widths, unless `--no-pictures` is given. With `--write`, the figures are
written to docs/secretariat-walk.md.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from tests.support.browser import Pages, launch
from tools.laptop import VIEWPORT, Laptop, SetUp, Tally, site

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs/secretariat-walk.md"
WIDTHS = {390: 844, 1366: 768, 1920: 1080}
LANGUAGES = ("en", "ar")
WHO = {
    "parliament": ("Noor Haddad", "noor.haddad@parliament.example"),
    "council": ("Lea Brandt", "lea.brandt@town.example"),
}
FIRST_DAY = datetime.now(UTC).date() + timedelta(days=90)
FORMS = 24
WITHIN_MS = 60_000
NOTE = """# Concept note: public hearing on street trees

The Town Council will convene a public hearing on {day:%A}, {day.day} {day:%B} {day.year}, from
6 p.m. to 8.30 p.m. (Paris time), in the Town Hall.

## Programme

18:00 - 18:20 Opening
18:20 - 20:15 Panel: Which trees, and where
20:15 - 20:30 Closing

## Guiding questions

1. Which streets need trees first?
2. Who should water and prune them?

## Registration

Associations of residents are invited to register by {closes.day} {closes:%B} {closes.year} at
6 p.m. Paris time.
Interventions from the floor are limited to three minutes.
"""
INVITED = "\n".join(
    ["name,organization,address,language"]
    + [f"Chair {n},Residents of Street {n},chair{n}@street.example,en" for n in range(1, 11)]
)
BEGIN, MARK_END = "<!-- figures of {kind} -->", "<!-- end of {kind} -->"


@dataclass
class Walk:
    """One walk of one kind of hearing."""

    kind: str
    laptop: Laptop
    made: SetUp
    slug: str = ""

    @property
    def page(self) -> Page:
        """The page in the officer's window."""
        return self.laptop.page

    def others(self, step: str, *more: str) -> str:
        """Run a step of `tools.cast`, which plays everyone else; return its output."""
        python = str(Path(sys.executable))
        return self.made.run(
            python, "-m", "tools.cast", step, *([self.slug] if self.slug else []), *more
        )

    def go(self, name: str) -> None:
        """Press a link in the office's menu."""
        side = self.page.locator(".side").get_by_role("link", name=name, exact=True)
        self.laptop.press_on(side)

    def says(self, text: str | re.Pattern[str]) -> None:
        """Wait until the page shows this text."""
        expect(self.page.locator("main").get_by_text(text).first).to_be_visible(timeout=WITHIN_MS)

    # ── Setting up ────────────────────────────────────────────────────────────────────────────
    def set_up_parliament(self) -> None:
        """Copy last year's hearing, and give the copy its own panels and questions."""
        self.others("earlier")
        self.sign_in()
        self.laptop.begin("set up")
        self.laptop.press("Convene a hearing", "link")
        copy = self.page.locator("#copy")
        self.laptop.type(copy.get_by_label("Title of the new hearing"), "Hearing on clean rivers")
        self.laptop.type(copy.get_by_label("First day"), FIRST_DAY.isoformat())
        self.laptop.tick(
            copy.get_by_label("Secretariat, interpreters, captioners and technicians"),
            copy.get_by_label("Moderators and panellists"),
        )
        self.laptop.press("Make the copy")
        self.find_slug()
        self.go("Programme")
        self.laptop.press("Meetings and panels", "link")
        titles = self.page.locator("input[name$='-title']")
        for value, title in (
            ("First panel", "Who keeps rivers clean"),
            ("Second panel", "Who pays"),
        ):
            self.laptop.type(self.with_value(titles, value), title)
        self.laptop.press("Save")
        self.publish()

    def set_up_council(self) -> None:
        """Make a hearing from the council's note, and look at the result."""
        self.sign_in()
        self.laptop.begin("set up")
        self.laptop.press("Convene a hearing", "link")
        note = self.laptop.folder / "note.md"
        closes = FIRST_DAY - timedelta(days=10)
        note.write_text(NOTE.format(day=FIRST_DAY, closes=closes), "utf-8")
        self.laptop.give(self.page.get_by_label("Concept note"), note)
        self.laptop.press("Read the note")
        save = self.page.get_by_role("button", name="Save the draft")
        expect(save).to_be_visible(timeout=WITHIN_MS)
        self.laptop.look()
        self.laptop.press_on(save)
        self.find_slug()
        self.appoint("Sam Example", "sam@town.example", "Moderator")
        self.publish()

    def sign_in(self) -> None:
        """Sign in with the link that `hemicycle init` printed."""
        self.laptop.begin("sign in")
        self.page.goto(self.made.link)
        self.laptop.press("Sign in")

    def find_slug(self) -> None:
        """Take the hearing's slug from the address of the page."""
        found = re.search(r"/office/([^/]+)/", self.page.url)
        assert found, self.page.url
        self.slug = found[1]

    def with_value(self, fields: Locator, value: str) -> Locator:
        """Return the first field with this value. Raises AssertionError if there is none."""
        for one in fields.all():
            if one.input_value() == value:
                return one
        raise AssertionError(f"no field says {value}")

    def appoint(self, name: str, address: str, role: str) -> None:
        """Appoint a person to a role; the site sends them a sign-in link."""
        self.go("People")
        form = self.page.locator("form.form")
        self.laptop.type(form.get_by_label("Name"), name)
        self.laptop.type(form.get_by_label("E-mail address"), address)
        roles = form.get_by_label("Role")
        if roles.locator("option:checked").inner_text().strip() != role:
            self.laptop.choose(roles, role)
        self.laptop.press("Appoint")
        self.says(f"A sign-in link for {address} is in the outbox.")

    def publish(self) -> None:
        """Publish the hearing."""
        self.go("Overview")
        self.laptop.press("Publish", "link")
        self.laptop.press("Publish")
        self.says("The hearing has been published.")

    # ── While registration is open ────────────────────────────────────────────────────────────
    def invite(self) -> None:
        """Send the invitation to a list; for the council, import the list from a table first."""
        self.laptop.begin("invite")
        self.go("Letters")
        name = "Invited witnesses"
        if self.kind == "council":
            name = "Residents’ associations"
            self.make_list(name)
        form = self.page.locator("main form.form").last
        to = form.get_by_label("To", exact=True)
        if to.locator("option:checked").inner_text().strip() != name:
            self.laptop.choose(to, name)
        self.laptop.press("Preview")
        self.laptop.press(re.compile(r"^Send \d+ letters?$"))

    def make_list(self, name: str) -> None:
        """Create a distribution list, and import its lines from a table."""
        table = self.laptop.folder / "associations.csv"
        table.write_text(INVITED, "utf-8")
        self.laptop.press("Distribution lists", "link")
        self.laptop.type(self.page.get_by_label("Name of the list"), name)
        self.laptop.press("Create the list")
        self.laptop.give(self.page.locator("input[type=file]"), table)
        self.laptop.press("Read the table")
        importing = self.page.get_by_role("button", name=re.compile(r"^Import \d+ lines?$"))
        expect(importing).to_be_visible(timeout=WITHIN_MS)
        self.laptop.press_on(importing)
        self.go("Letters")

    def admit(self) -> None:
        """Accept all registrations that wait for a decision."""
        self.others("register", str(FORMS))
        self.laptop.begin("admit")
        self.go("Overview")
        waiting = self.page.get_by_role("link", name=re.compile(r"^\d+ registrations? to decide$"))
        if not waiting.count():
            return  # this hearing accepts all categories automatically
        self.laptop.press_on(waiting)
        self.laptop.tick(self.page.get_by_label("Select all on this page"))
        self.laptop.press("Accept selected")
        self.laptop.press(re.compile(r"^Accept \d+ registrations?$"))

    def lists(self) -> None:
        """Open a list of speakers, and move one speaker up, with a reason."""
        self.laptop.begin("lists")
        self.go("Lists of speakers")
        self.laptop.press_on(
            self.page.locator("main a[href*='/lists/']:not([href$='/rule/'])").first
        )
        self.laptop.press(re.compile(r"^Move .* up$"), "link")
        self.laptop.type(self.page.get_by_label("Reason", exact=True), "They have to leave early.")
        self.laptop.press("Move")

    def change_plan(self) -> None:
        """Let a panel end ten minutes earlier, see whom this concerns, and announce it."""
        self.laptop.begin("change the programme")
        self.go("Programme")
        self.laptop.press("Meetings and panels", "link")
        ends = self.page.locator("input[name*='segments'][name$='-ends']").nth(1)
        self.laptop.type(ends, self.earlier(ends.input_value()))
        self.laptop.press("Save")
        self.laptop.press("See whom it concerns", "link")
        self.laptop.press(re.compile(r"^Announce the changes: \d+ letters?$"))

    def earlier(self, value: str) -> str:
        """Return the value of a time field, ten minutes earlier, in the same format."""
        day = "" if "T" in value else "2000-01-01T"
        moment = datetime.fromisoformat(day + value) - timedelta(minutes=10)
        return moment.isoformat()[len(day) :][: len(value)]

    def remind(self) -> None:
        """Send reminders to the speakers whose statements are missing."""
        self.laptop.begin("statements")
        self.go("Statements")
        self.laptop.press(re.compile(r"^\d+ missing$"), "link")
        self.laptop.press("Send reminders to the chosen speakers")
        self.others("write")

    def the_day(self) -> None:
        """Open “The day” on the morning of the hearing."""
        self.others("morning")
        self.laptop.begin("the day")
        self.go("The day")

    # ── Afterwards ────────────────────────────────────────────────────────────────────────────
    def key_messages(self) -> None:
        """Draft the summary, and publish and send its key messages on the same day."""
        self.others("hold")
        self.laptop.begin("key messages")
        self.go("Summary")
        self.laptop.press("Draft the summary")
        self.laptop.press("Key messages", "link")
        self.laptop.press("Publish the key messages")
        self.laptop.press(re.compile(r"^Send it to \d+ recipients?$"))
        self.says("Entry of the record")

    def coverage(self) -> None:
        """Look at the statements that the summary does not reflect, and cite one of them."""
        self.laptop.begin("coverage")
        self.go("Summary")
        self.laptop.press_on(self.page.locator(".summary__cover a"))
        cite = self.page.get_by_role("link", name=re.compile("^Cite"))
        if cite.count():
            self.laptop.press_on(cite.first)
            self.laptop.press(re.compile("^Cite"))

    def summary(self) -> None:
        """Edit a sentence of the summary, publish and circulate it, and end the hearing."""
        self.laptop.begin("summary")
        self.go("Summary")
        self.laptop.press_on(self.page.get_by_role("link", name=re.compile("^Edit")).first)
        text = self.page.get_by_label("Sentence", exact=True).first
        self.laptop.type(text, text.input_value() + " This is agreed.")
        self.laptop.press("Save")
        self.says(re.compile("This is agreed"))
        self.laptop.press("Publish")
        self.says(re.compile("The summary is public"))
        self.laptop.begin("circulate")
        self.laptop.press("Circulate", "link")
        self.laptop.press(re.compile(r"^Send it to \d+ recipients?$"))
        self.says("Entry of the record")
        self.laptop.begin("end")
        self.go("Overview")
        self.laptop.press("End the hearing", "link")
        self.laptop.press("End the hearing")

    def steps(self) -> list[Callable[[], None]]:
        """Return all steps of the walk in their order."""
        begin = self.set_up_parliament if self.kind == "parliament" else self.set_up_council
        return [
            begin,
            self.invite,
            self.admit,
            self.lists,
            self.change_plan,
            self.remind,
            self.the_day,
            self.key_messages,
            self.coverage,
            self.summary,
        ]


class Camera:
    """Takes pictures of the officer's pages, in each language and width."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser, self._folder = browser, folder
        self._pages: list[tuple[str, Page]] = []

    def shoot(self, shown: Page, name: str) -> None:
        """Open a page of the office in windows with the same session, and take its pictures.

        Pages that cannot be opened again are left out.
        """
        if "/office/" not in shown.url or not shown.request.get(shown.url).ok:
            return
        if not self._pages:
            self._pages = list(self._opened(shown))
        for variant, page in self._pages:
            page.goto(shown.url)
            page.screenshot(path=self._folder / f"{name}-{variant}.png", full_page=True)

    def _opened(self, shown: Page) -> Iterator[tuple[str, Page]]:
        state = shown.context.storage_state()
        for language in LANGUAGES:
            for width, height in WIDTHS.items():
                viewport = ViewportSize(width=width, height=height)
                context = self._browser.new_context(
                    viewport=viewport, locale=language, storage_state=state
                )
                context.set_default_timeout(WITHIN_MS)
                yield f"{language}-{width}", context.new_page()


def table(stages: dict[str, Tally], total: Tally) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| stage | presses | typed fields | characters | pages |", "|---|---|---|---|---|"]
    rows = [*stages.items(), ("in all", total)]
    for name, row in rows:
        pages = str(len(row.pages)) if row.pages else ""
        lines.append(f"| {name} | {row.presses} | {row.fields} | {row.characters} | {pages} |")
    return "\n".join(lines)


def write(kind: str, figures: str) -> None:
    """Replace the figures of this kind of hearing in docs/secretariat-walk.md."""
    text = DOCUMENT.read_text("utf-8")
    first, last = BEGIN.format(kind=kind), MARK_END.format(kind=kind)
    before, _first, rest = text.partition(first)
    after = rest.partition(last)[2]
    DOCUMENT.write_text(f"{before}{first}\n{figures}\n{last}{after}", "utf-8")


def main() -> int:
    """Walk, and print the figures; return 0 if the summary was circulated."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=WHO)
    parser.add_argument("folder", type=Path, help="a new folder for the site and the pictures")
    parser.add_argument(
        "--pictures",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="in two languages and three widths",
    )
    parser.add_argument("--write", action="store_true", help="write the figures into the page")
    options = parser.parse_args()
    folder = options.folder.absolute()
    folder.mkdir(parents=True)
    (shift := folder / "shift").write_text("0", "ascii")
    clock = {
        "SHIFTED_CLOCK": str(shift),
        "HEMICYCLE_SESSION_HOURS": "8760",  # the walk takes weeks with one session
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tools/shifted_clock"), str(ROOT)]),
    }
    with site(folder, WHO[options.kind], **clock) as made, sync_playwright() as playwright:
        browser = launch(playwright)
        pages = Pages(browser)
        page = pages.open(viewport=VIEWPORT, locale="en")
        page.set_default_timeout(WITHIN_MS)
        camera = Camera(browser, folder)
        laptop = Laptop(page, folder, camera.shoot if options.pictures else None)
        walk = Walk(options.kind, laptop, made)
        try:
            for step in walk.steps():
                step()
                print(f"ok   {step.__name__}", flush=True)
        except BaseException:
            walk.laptop.look()
            print(table(walk.laptop.stages, walk.laptop.total))
            raise
        figures = table(walk.laptop.stages, walk.laptop.total)
        print(figures, flush=True)
        if options.write:
            write(options.kind, figures)
        pages.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
