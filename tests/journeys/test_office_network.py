"""A speaker in an office whose firewall lets little out: how they are heard, and what they read.

With SHOTS set to a folder, the pages leave their pictures there, as on a phone and on a laptop.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, ViewportSize, expect

from hemicycle.hearing.people.models import Role
from hemicycle.procedure import commands as c
from tests.support import database
from tests.support import office_network as office
from tests.support.browser import Pages
from tests.support.coturn import SECRET, coturn
from tests.support.tones import WITHIN_S, Ear, open_page, until

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [
    pytest.mark.alone,
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.usefixtures("transactional_db"),
    pytest.mark.skipif(
        not office.is_possible() or not shutil.which("turnserver"),
        reason="it needs root, nftables and coturn",
    ),
]

PORT = 20_000
IGNORING = ("--ignore-certificate-errors",)
"""The relay's certificate is of its own making."""
HERTZ = (500, 700, 900, 1100, 1300, 1500)
"""The tone of each speaker."""
HEARD_S = 5.0
URLS = (
    f"turns:{office.RELAY}:443?transport=tcp",
    f"turn:{office.RELAY}:3478",
    f"turn:{office.RELAY}:3478?transport=tcp",
)
UDP_OUT = "meta l4proto udp accept"
MEDIA_TCP = f"ip daddr {office.SERVER} tcp dport {PORT} accept"
ONLY_443 = "tcp dport 443 accept"

DIRECT = "Your connection works (round trip"
RELAYED = "Your connection works through a relay"
WAYS = {
    "udp": ([UDP_OUT], False, DIRECT),
    "symmetric NAT": ([UDP_OUT], True, DIRECT),
    "tcp": ([MEDIA_TCP], False, "Your connection works by TCP"),
    "relay by udp": ([f"ip daddr {office.RELAY} udp dport 3478 accept"], False, RELAYED),
    "relay by tcp": ([f"ip daddr {office.RELAY} tcp dport 3478 accept"], False, RELAYED),
    "relay by tls": ([ONLY_443], False, RELAYED),
}

SHOTS = os.environ.get("SHOTS", "")
SCREENS: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "laptop": {"width": 1366, "height": 768},
}


@pytest.fixture
def network() -> Iterator[office.OfficeNetwork]:
    with office.office_network() as network:
        yield network


@contextmanager
def meeting_on_air(folder: Path, pages: Pages) -> Iterator[Held]:
    """A panel on the air, beside a relay that answers by each way."""
    from tests.support.floor import ENGINE, FloorSite, held

    more = {
        **ENGINE,
        "HEMICYCLE_MEDIA_PORT": str(PORT),
        "HEMICYCLE_TURN_URLS": ",".join(URLS),
        "HEMICYCLE_TURN_SECRET": SECRET,
    }
    name = str(settings.DATABASES["default"]["NAME"])
    with coturn(folder, relay=office.RELAY, engine=office.SERVER):
        site = FloorSite(folder, database.url_of(name), engine=more)
        with held(site, pages, speakers=len(WAYS), floor_time_limit_s=3600) as meeting:
            meeting.panel.world.open_panel()
            yield meeting


def test_a_speaker_is_heard_and_reads_by_which_way(
    network: office.OfficeNetwork,
    browser: Browser,
    pages: Pages,
    tmp_path: Path,
) -> None:
    """Each way has a speaker with a tone of their own; the hall hears that one alone."""
    with meeting_on_air(tmp_path, pages) as meeting:
        ear = heard(meeting.staff(meeting.panel.world.moderator, "hall/"))
        for number, way in enumerate(WAYS):
            rules, random_ports, words = WAYS[way]
            network.lets_out(*rules, random_ports=random_ports)
            with speaker_away(network, browser, meeting, number) as speaker:
                assert finding(speaker).startswith(words), way
                picture(speaker, f"check-{way}")
                meeting.panel.world.press(c.GiveFloor(meeting.panel.slots()[number]))
                speaker.reload()
                picture(speaker, f"called-{way}")
                began = time.monotonic()
                speaker.locator('[data-own] [data-do="open"]').click()
                ear.hears(HERTZ[number])
                assert time.monotonic() - began < HEARD_S, way
                picture(speaker, f"on-the-floor-{way}")
        pages.close()


def test_where_no_way_leads_out_the_page_says_so_and_what_to_do(
    network: office.OfficeNetwork,
    browser: Browser,
    pages: Pages,
    tmp_path: Path,
) -> None:
    """The technician reads who is cut off, and answers what they write."""
    network.lets_out()
    with ExitStack() as stack:
        meeting = stack.enter_context(meeting_on_air(tmp_path, pages))
        technician = meeting.staff(meeting.panel.staff(Role.TECHNICIAN), "technician/")
        engine = technician.locator("[data-engine]").first
        expect(engine).to_have_attribute("data-line", "good", timeout=WITHIN_S * 1000)
        name = meeting.panel.speakers[0].person.name
        speaker = stack.enter_context(speaker_away(network, browser, meeting, 0))
        said = speaker.locator("hc-program [data-said]")
        expect(said).to_contain_text("Your network blocks live sound.")
        notices = technician.locator("[data-notices]")
        expect(notices).to_contain_text(f"The network of {name} blocks live sound.")
        assert finding(speaker).startswith("Your network blocks live sound.")
        requirements = speaker.get_by_role("link", name="Network requirements").first
        address = requirements.get_attribute("href")
        expect(speaker.get_by_role("link", name="Go to the webcast").first).to_be_visible()
        picture(speaker, "blocked")
        ask_the_technician(speaker, technician)
        picture(speaker, "blocked-help")
        picture(technician, "technician", "laptop")

        network.lets_out(UDP_OUT)  # the IT department has opened it: the page comes back by itself
        expect(speaker.locator("hc-program [data-line]")).to_have_attribute(
            "data-line", re.compile("good|fair|poor")
        )
        speaker.goto(f"{meeting.panel.site.url}{address}")
        table = speaker.get_by_role("table")
        expect(table).to_contain_text(f"UDP {PORT}")
        expect(table).to_contain_text("TCP (TLS) 443")
        picture(speaker, "requirements")
        pages.close()


def ask_the_technician(speaker: Page, technician: Page) -> None:
    """Somebody whom no sound reaches writes to the technician, who answers."""
    line = speaker.locator("[data-help]")
    line.locator("summary").click()
    question, answer = "I cannot be heard here.", "Take your telephone as a hotspot."

    def sent() -> bool:
        """Say it, once the line is connected."""
        line.locator("#chat-text").fill(question)
        line.get_by_role("button", name="Send").click()
        speaker.wait_for_timeout(500)
        return line.locator("#chat-text").input_value() == ""

    until(speaker, sent, line.inner_text)
    chat = technician.locator("[data-chat]")
    expect(chat.locator("[data-said-so-far]")).to_contain_text(question)
    menu = chat.locator("#chat-to")
    seat = menu.locator("option[value^='seat:']").first.get_attribute("value")
    menu.select_option(seat)
    chat.locator("#chat-text").fill(answer)
    chat.get_by_role("button", name="Send").click()
    expect(line.locator("[data-said-so-far]")).to_contain_text(answer)


@contextmanager
def speaker_away(
    network: office.OfficeNetwork, browser: Browser, meeting: Held, number: int
) -> Iterator[Page]:
    """A speaker's seat, opened in a browser of its own on the office's computer."""
    with ExitStack() as stack:
        started = network.browser(browser.browser_type, meeting.panel.site.port, *IGNORING)
        away = stack.enter_context(closing(Pages(stack.enter_context(started))))
        away.allow("404 ", "/media/session/")  # the session has ended by itself
        speaker = open_page(away, HERTZ[number])
        speaker.goto(meeting.panel.seat(number))
        yield speaker


def finding(page: Page) -> str:
    """Press the check's key, and return what it says of the network."""
    page.locator("[data-check] [data-run]").click()
    item = page.locator("[data-check] [data-of=network]")
    outcome = item.locator("[data-outcome]")
    expect(outcome).to_have_attribute("data-outcome", re.compile("passed|warned|failed"))
    return item.locator("[data-sentence]").inner_text()


def heard(page: Page) -> Ear:
    """What a page plays, with the program's sound on."""
    expect(page.locator("hc-program [data-line]")).to_have_attribute(
        "data-line", re.compile("good|fair|poor")
    )
    sound = page.locator("hc-program [data-sound]")
    if sound.get_attribute("aria-pressed") == "false":
        sound.click()
    return Ear.of(page, HERTZ, "the hall", "hc-program video")


def picture(page: Page, step: str, *screens: str) -> None:
    """Leave pictures of the whole page, when they are wanted."""
    if not SHOTS:
        return
    before = page.viewport_size
    for screen in screens or SCREENS:
        page.set_viewport_size(SCREENS[screen])
        page.screenshot(path=Path(SHOTS) / f"{step}-{screen}.png", full_page=True)
    if before:
        page.set_viewport_size(before)
