"""The people outside, with a name server, a mailbox, and browsers in their own network.

They know only the machine's address, and use only what its pages offer.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from smtplib import SMTP
from zoneinfo import ZoneInfo

from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session
from playwright.sync_api import Page, expect, sync_playwright

from tests.mail.incoming import dns_server
from tests.support.browser import Pages, launch
from tests.support.tones import open_page
from tools.installation.machine import ADDRESS, OUTSIDE
from tools.looking import plays

SITE = "https://hearing.example"
NAMES = {
    "hearing.example A": ADDRESS,
    "hearing.example MX": "10 hearing.example.",
    "town.example MX": "10 mail.town.example.",
    "mail.town.example A": OUTSIDE,
}
MODERATOR = "lea.brandt@town.example"
SPEAKER = ("Amina Otieno", "amina.otieno@town.example")
LISTENER = ("Tomas Silva", "tomas.silva@town.example")
PASSKEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
HERTZ = 600
LAPTOP = {"width": 1366, "height": 768}
LETTER_S, PAGE_MS = 180.0, 180_000
"""How long people wait for a letter (s) and for a page (ms): long, because the machine is busy."""
HEARING = """slug = "trees"
title = "Hearing on the town's trees"
theme = "Which trees the town plants, where, and who waters them."
convener = "The town council of Town"
venue = "Online"
time_zone = "{zone}"
languages = ["en"]

[mailboxes]
information = "information@hearing.example"

[floor]
time_limit_seconds = {limit}
warning_seconds = 30

[registration]
list_of_speakers = "first-come"

[[deadlines]]
track = "stakeholders"
closes = {day}T{starts}

[[categories]]
key = "residents"
label = "Residents' association"
track = "stakeholders"
eligibility = "An association of people who live in the town."
needs_review = false

[[meetings]]
title = "Meeting"
date = {day}
starts = {starts}
ends = {ends}

[[meetings.segments]]
kind = "panel"
title = "Panel: Streets and squares"
starts = {starts}
ends = {ends}
"""


class _Mailbox:
    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd looks for
        self, server: smtp.SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        letter: EmailMessage = message_from_bytes(content, policy=default)
        letter["X-To"] = ", ".join(envelope.rcpt_tos)
        self.letters.append(letter)
        return "250 2.0.0 taken"


class Outside:
    """All people outside, with their letters and browser windows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mailbox = _Mailbox()
        self._windows: list[Page] = []
        self.pages: Pages

    # ── Names and letters ─────────────────────────────────────────────────────────────────────
    @contextmanager
    def names_and_letters(self) -> Iterator[None]:
        """Run the name server, and receive letters for the town's addresses."""
        receiving = Controller(self.mailbox, hostname=OUTSIDE, port=25)
        with dns_server.serving(NAMES, (OUTSIDE, 53)):
            receiving.start()
            try:
                yield
            finally:
                receiving.stop()

    def letter(self, to: str, subject: str) -> EmailMessage:
        """Wait for a letter to an address, and return the newest with these words in its subject.

        A letter is returned only once. Raises AssertionError if none arrives in time.
        """
        limit = time.monotonic() + LETTER_S
        while True:
            found = [
                letter
                for letter in self.mailbox.letters
                if to in letter["X-To"] and subject.lower() in letter["Subject"].lower()
            ]
            if found:
                self.mailbox.letters.remove(found[-1])
                return found[-1]
            if time.monotonic() > limit:
                known = [f"{other['X-To']}: {other['Subject']}" for other in self.mailbox.letters]
                raise AssertionError(f"{to} got no letter “{subject}”, but {known}")
            time.sleep(0.2)

    def link(self, to: str, subject: str, path: str) -> str:
        """Return the link in a letter whose path begins with `path`."""
        body = self.letter(to, subject).get_body(("plain",))
        assert body is not None
        found = re.search(rf"{SITE}{path}\S*", body.get_content())
        assert found, body.get_content()
        return found[0].rstrip(".")

    def write(self, sender: str, to: str, subject: str, text: str) -> None:
        """Send a letter to the hearing, as the sender's mail server does."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = sender, to, subject
        letter.set_content(text)
        with SMTP(ADDRESS, 25, local_hostname="mail.town.example", timeout=60) as server:
            server.send_message(letter)

    # ── Browsers ──────────────────────────────────────────────────────────────────────────────
    @contextmanager
    def browsers(self, authority: Path) -> Iterator[None]:
        """Start a browser that trusts the site's certificate authority.

        If the trial fails, save a picture of every window.
        """
        store = self.folder / ".pki/nssdb"
        shutil.rmtree(store, ignore_errors=True)  # an earlier trial had another authority
        store.mkdir(parents=True)
        certutil = ["certutil", "-d", f"sql:{store}"]
        subprocess.run([*certutil, "-N", "--empty-password"], check=True)
        subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "town", "-i", authority], check=True)
        os.environ["HOME"] = str(self.folder)
        os.environ["SSL_CERT_FILE"] = str(authority)
        expect.set_options(timeout=PAGE_MS)
        with sync_playwright() as playwright:
            browser = launch(playwright)
            self.pages = Pages(browser)
            try:
                yield
            except BaseException:
                for number, window in enumerate(self._windows):
                    if not window.is_closed():
                        self.shoot(window, f"stopped-{number}")
                raise
            finally:
                browser.close()

    def window(self, hertz: int = 0) -> Page:
        """Open a window; its microphone has a tone of this frequency in Hz."""
        page = open_page(self.pages, hertz, viewport=LAPTOP, base_url=SITE)
        page.context.set_default_timeout(PAGE_MS)
        self._windows.append(page)
        return page

    def shoot(self, page: Page, name: str) -> None:
        """Save a picture of a window in the folder."""
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    # ── What they do before the meeting ───────────────────────────────────────────────────────
    def sign_in(self, link: str) -> Page:
        """Sign in with a link, and set up a passkey, which a public site requires."""
        page = self.window()
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEY})
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Name").fill("Office laptop")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("button", name="I have saved the codes").click()
        return page

    def convene(self, office: Page, minutes: int) -> None:
        """Convene a hearing that begins today, from a file, and publish it."""
        zone = "UTC" if 3 <= datetime.now(UTC).hour < 20 else "Asia/Tokyo"  # ends before midnight
        starts = datetime.now(ZoneInfo(zone)) + timedelta(minutes=45)  # registration closes then
        ends = starts + timedelta(hours=2)
        text = HEARING.format(
            zone=zone,
            day=f"{ends:%Y-%m-%d}",
            starts=f"{starts:%H:%M:%S}",
            ends=f"{ends:%H:%M:%S}",
            limit=60 * minutes,
        )
        file = self.folder / "trees.toml"
        file.write_text(text)
        office.goto("/office/")
        office.get_by_role("link", name="Convene a hearing").click()
        office.get_by_label("Concept note").set_input_files(file)
        office.get_by_role("button", name="Read the note").click()
        office.get_by_role("link", name="Publish", exact=True).click()
        office.get_by_role("button", name="Publish", exact=True).click()
        expect(office.get_by_text("The hearing has been published.")).to_be_visible()

    def appoint(self, office: Page) -> Page:
        """Appoint a moderator, who signs in with the link in the letter; return their window."""
        office.get_by_role("link", name="People").first.click()
        office.get_by_label("Name").fill("Lea Brandt")
        office.get_by_label("E-mail address").last.fill(MODERATOR)
        office.get_by_label("Role").select_option(label="Moderator")
        office.get_by_role("button", name="Appoint").click()
        office.get_by_role("button", name="Send Lea Brandt").click()
        return self.sign_in(self.link(MODERATOR, "", "/sign-in/"))

    def register(self, name: str, address: str) -> str:
        """Register for the panel, and confirm it; return the address of the personal page."""
        page = self.window()
        page.goto("/h/trees/register/")
        page.get_by_label("Organization", exact=True).fill("River Watch")
        page.get_by_label("Country where it is based").select_option("KE")
        page.get_by_label("Residents' association").check()
        page.get_by_label("Name of the person").fill(name)
        page.get_by_label("E-mail address", exact=True).fill(address)
        page.get_by_label("Yes, I wish to intervene").check()
        page.get_by_label("Panel: Streets and squares").first.check()
        page.get_by_role("button", name="Submit registration").click()
        page.wait_for_url("**/received/**")
        page.goto(self.link(address, "confirm", "/"))
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_url("**/my/*/?confirmed=1")
        page.close()
        return self.link(address, "", "/my/")

    # ── The meeting ───────────────────────────────────────────────────────────────────────────
    def take_seat(self, personal: str) -> Page:
        """Open the seat from the personal page, with microphone and camera; return the window."""
        page = self.window(HERTZ)
        page.goto(personal)
        page.get_by_role("link", name="Go to my seat").first.click()
        page.locator('[data-own] [data-do="open"]').click()
        expect(page.locator("[data-own-line]")).to_have_attribute(
            "data-line", re.compile("ready|good|fair")
        )
        hear_only(page)
        return page

    def open_meeting(self, console: Page, seat: Page) -> str:
        """Open the meeting and its panel, and give the floor; return the meeting's id."""
        console.goto("/h/trees/console/")
        hear_only(console)
        for key in ("o", "o", "Enter"):
            press(console, key)
        expect(seat.locator('[data-is="air"][data-value="on"]')).to_be_visible()
        return re.sub(r".*/console/([^/]+)/.*", r"\1", console.url)

    def close_meeting(self, console: Page) -> None:
        """End the intervention, close the panel and the meeting."""
        self.pages.allow(".m4s")  # players request the announced next part, which is never made
        press(console, "x")
        press(console, "c")
        console.get_by_role("button", name="Close the meeting").click()  # it has no key
        expect(console.locator("#holder")).to_contain_text("The meeting is closed")

    def watch(self, meeting: str) -> float:
        """Play the recording in a browser; return after how many seconds it was available."""
        begun = time.monotonic()
        page = self.window()
        page.goto(f"/h/trees/watch/{meeting}/")
        start = page.locator("[data-start]")
        expect(start).to_be_visible(timeout=120_000)
        waited = time.monotonic() - begun
        start.click()
        plays(page.locator("hc-webcast video"))
        self.shoot(page, f"watch-{len(self.pages.troubles)}")
        page.close()
        return waited


def hear_only(page: Page) -> None:
    """Turn off the program's picture: a machine that also runs the site cannot show it in three
    windows.
    """
    button = page.locator("[data-picture]")
    button.click()
    button.blur()  # otherwise Enter would press this button


def press(console: Page, key: str) -> None:
    """Press a key of the console, and wait until its act is complete."""
    button = console.locator(f'button[data-key="{key}"]:enabled')
    expect(button).to_have_count(1)
    seen = console.locator("#seen")
    before = seen.input_value()
    console.keyboard.press(key)
    expect(seen).not_to_have_value(before)
