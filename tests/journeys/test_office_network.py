"""A speaker in an office with a strict firewall: how they are heard, and what they read.

With the environment variable SHOTS set to a folder, pictures of the pages at the sizes of a phone
and a laptop are saved there.
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
    pytest.mark.test_all("deployment"),
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
"""The browser accepts the relay's self-signed certificate."""
CHAIR = 400
"""The tone of the moderator."""
HERTZ = (500, 700, 900, 1100, 1300, 1500)
"""The tone of each speaker."""
HEARD_S = 5.0
HEARD_AGAIN_S = 8.0
"""A page notices after three seconds that nothing arrives, and connects again."""
ASLEEP_S = 20.0
CLOCK_S = 1
BROKEN = {"poor", "connecting", "lost"}
"""The states in which the console may show a line that has been cut.

The engine counts a line as lost after two to four seconds; a page that is back sooner was poor.
"""
URLS = (
    f"turns:{office.RELAY}:443?transport=tcp",
    f"turn:{office.RELAY}:3478",
    f"turn:{office.RELAY}:3478?transport=tcp",
)
UDP_OUT = "meta l4proto udp accept"
MEDIA_TCP = f"ip daddr {office.SERVER} tcp dport {PORT} accept"
ONLY_443 = "tcp dport 443 accept"
NO_UDP = "meta l4proto udp drop"
NO_MEDIA_TCP = (f"tcp dport {PORT} drop", f"tcp sport {PORT} drop")

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
ONE_AFTER_ANOTHER: tuple[tuple[list[str], list[str]], ...] = (
    ([UDP_OUT], []),
    ([MEDIA_TCP], [NO_UDP]),
    ([ONLY_443], [NO_UDP, *NO_MEDIA_TCP]),
)
"""What a firewall lets out and what it drops of running calls, while it grows stricter."""

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
def meeting_on_air(folder: Path, pages: Pages, secret: str = SECRET) -> Iterator[Held]:
    """Run a panel on the air with a relay; `secret` is the one that the site has for it."""
    from tests.support.floor import ENGINE, FloorSite, held

    more = {
        **ENGINE,
        "HEMICYCLE_MEDIA_PORT": str(PORT),
        "HEMICYCLE_TURN_URLS": ",".join(URLS),
        "HEMICYCLE_TURN_SECRET": secret,
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
    """Each way out of the office has a speaker with their own tone; the hall hears only that."""
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


def test_a_running_call_takes_another_way_and_wakes_up_again(
    network: office.OfficeNetwork,
    browser: Browser,
    pages: Pages,
    tmp_path: Path,
) -> None:
    """During a turn, the speaker's laptop sleeps and wakes up, and the firewall grows stricter."""
    pages.allow("404 ", "/media/session/")  # a page asks again for a session that has ended
    with meeting_on_air(tmp_path, pages) as meeting:
        world = meeting.panel.world
        ear = heard(meeting.staff(world.moderator, "hall/"))
        console = meeting.staff(world.moderator, "console/", CHAIR, viewport=SCREENS["laptop"])
        console.locator("[data-own-key]").click()
        ear.hears(CHAIR)
        network.lets_out(*ONE_AFTER_ANOTHER[0][0])
        world.press(c.GiveFloor(meeting.panel.slots()[0]))
        with speaker_away(network, browser, meeting, 0) as speaker:
            speaker.locator('[data-own] [data-do="open"]').click()
            ear.hears(CHAIR, HERTZ[0])

            with network.asleep():
                fell_asleep = time.monotonic()
                gone = console.locator("#holder .floor__gone")
                expect(gone).to_contain_text("No one hears the speaker")
                lost = console.locator("#holder").get_by_text("connection lost", exact=True)
                expect(lost).to_have_count(1)
                picture(console, "console-asleep", "laptop")
                ear.hears(CHAIR)
                ear.page.wait_for_timeout((ASLEEP_S - time.monotonic() + fell_asleep) * 1000)
                ear.hears(CHAIR)
            woke_up = time.monotonic()
            ear.hears(CHAIR, HERTZ[0])
            assert time.monotonic() - woke_up < HEARD_S
            assert abs(seconds(speaker) - seconds(console)) <= CLOCK_S
            expect(gone).to_have_count(0)

            for rules, cut in ONE_AFTER_ANOTHER[1:]:
                console.evaluate(LOOK)
                network.lets_out(*rules, cut=cut)
                was_cut = time.monotonic()
                ear.hears(CHAIR)
                ear.hears(CHAIR, HERTZ[0])
                assert time.monotonic() - was_cut < HEARD_AGAIN_S, cut
                assert BROKEN & set(console.evaluate("saw")), cut

            network.lets_out(cut=["drop"])
            ear.hears(CHAIR)
            said = speaker.locator("[data-air] [data-show=air_said]:visible")
            expect(said).to_contain_text("Your network blocks live sound.")
            expect(gone).to_contain_text("No one hears the speaker")
            picture(speaker, "cut-off")
        pages.close()


LOOK = """() => {
  clearInterval(window.looking);
  window.saw = [];
  window.looking = setInterval(() => {
    const isGone = document.querySelector("#holder .floor__gone");
    const line = isGone ? "lost" : document.querySelector("#holder [data-line]")?.dataset.line;
    if (line && !saw.includes(line)) saw.push(line);
  }, 50);
}"""
"""Collects the states in which the console shows the line of the speaker who has the floor."""


def test_where_no_way_leads_out_the_page_says_so_and_what_to_do(
    network: office.OfficeNetwork,
    browser: Browser,
    pages: Pages,
    tmp_path: Path,
) -> None:
    """The site has a wrong secret for the relay, which matters once the relay can be reached."""
    network.lets_out()
    with ExitStack() as stack:
        meeting = stack.enter_context(meeting_on_air(tmp_path, pages, secret="not the relay's"))
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

        network.lets_out(ONLY_443)  # the relay can be reached, but refuses
        refuses = "The relay server of this site refused the connection"
        expect(said).to_contain_text(refuses, timeout=WITHIN_S * 1000)
        expect(notices).to_contain_text(f"{name} cannot connect: the relay server (TURN) refuses")
        picture(speaker, "relay-refused")

        network.lets_out(UDP_OUT)  # the firewall is open again: the page connects by itself
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
    """Write to the technician from a seat without sound, and answer as the technician."""
    line = speaker.locator("[data-help]")
    line.locator("summary").click()
    question, answer = "I cannot be heard here.", "Take your telephone as a hotspot."

    def sent() -> bool:
        """Send the question; return whether the line has accepted it."""
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
    """Open a speaker's seat in a separate browser on the office's computer."""
    with ExitStack() as stack:
        started = network.browser(browser.browser_type, meeting.panel.site.port, *IGNORING)
        away = stack.enter_context(closing(Pages(stack.enter_context(started))))
        away.allow("404 ", "/media/session/")  # the session has ended by itself
        speaker = open_page(away, HERTZ[number])
        speaker.goto(meeting.panel.seat(number))
        yield speaker


def finding(page: Page) -> str:
    """Press the check's button; return what it says about the network."""
    page.locator("[data-check] [data-run]").click()
    item = page.locator("[data-check] [data-of=network]")
    outcome = item.locator("[data-outcome]")
    expect(outcome).to_have_attribute("data-outcome", re.compile("passed|warned|failed"))
    return item.locator("[data-sentence]").inner_text()


def heard(page: Page) -> Ear:
    """Turn on the program's sound; return the page's ear."""
    expect(page.locator("hc-program [data-line]")).to_have_attribute(
        "data-line", re.compile("good|fair|poor")
    )
    sound = page.locator("hc-program [data-sound]")
    if sound.get_attribute("aria-pressed") == "false":
        sound.click()
    return Ear.of(page, (CHAIR, *HERTZ), "the hall", "hc-program video")


def seconds(page: Page) -> int:
    """Return what the page's clock shows, in seconds."""
    minutes, rest = page.locator(".clock__figures").first.inner_text().split(":")[-2:]
    return 60 * int(minutes) + int(rest)


def picture(page: Page, step: str, *screens: str) -> None:
    """Save pictures of the whole page if SHOTS is set."""
    if not SHOTS:
        return
    before = page.viewport_size
    for screen in screens or SCREENS:
        page.set_viewport_size(SCREENS[screen])
        page.screenshot(path=Path(SHOTS) / f"{step}-{screen}.png", full_page=True)
    if before:
        page.set_viewport_size(before)
