"""An open feed ends within a second after the link or session that opened it, on a real server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.client import IncompleteRead
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from hemicycle.before.registration import changes, links, review
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people import actions, sessions
from hemicycle.hearing.people.models import Appointment, Role
from hemicycle.hearing.setup import actions as hearings
from tests.support.feed import Listener

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.browser import Pages
    from tests.support.lists import World
    from tests.support.site import Site

pytestmark = pytest.mark.alone

FEED = re.compile(r'data-feed="(/feed/[^"]+)"')
ANNOUNCED_S = 1.0


def feed_of(client: Client, path: str) -> str:
    """Return the address of the feed that a page follows."""
    page = client.get(path, follow=True)
    assert page.status_code == 200
    address: str = FEED.findall(page.content.decode())[0]
    return address.replace("&amp;", "&")


def opened(site: Site, address: str) -> ClientConnection:
    return connect(f"ws{site.url.removeprefix('http')}{address}", origin=Origin(site.url))


def ended_after(socket: ClientConnection, act: Callable[[], object]) -> float:
    """Return how many seconds after `act` a socket is closed."""
    act()
    began = time.monotonic()
    assert is_closed_within(socket, 5)
    return time.monotonic() - began


def is_closed_within(socket: ClientConnection, seconds: float) -> bool:
    """Return whether a socket is closed before this time has passed."""
    try:
        over = time.monotonic() + seconds
        while True:
            socket.recv(timeout=max(0.0, over - time.monotonic()))
    except ConnectionClosed:
        return True
    except TimeoutError:
        return False


def refused(site: Site, address: str) -> int:
    listener = Listener(f"{site.url}{address}")
    listener.close()
    return listener.status


def test_open_feeds_end_with_what_opened_them(site: Site, world: World) -> None:
    console, seat = f"/h/{world.hearing.slug}/console/", f"/h/{world.hearing.slug}/seat/"
    speaker, refused_one, replaced_one = (
        world.ngo(name, 0) for name in ("Open Doors", "Safe Harbour", "Late Voices")
    )
    technician = actions.staff_member(name="T", email="t@hearing.example")
    hearing_id = world.hearing.id
    for role in (Role.TECHNICIAN, Role.INTERPRETER):
        actions.appoint(person=technician, hearing_id=hearing_id, role=role, actor=world.office)

    def dismiss() -> None:
        for appointment in Appointment.every.filter(person=world.moderator):
            actions.dismiss(appointment=appointment, actor=world.office)

    def refuse() -> None:
        review.decide(
            hearing=world.hearing,
            chosen=[refused_one.pk],
            outcome=Registration.Status.REFUSED,
            reason="",
            decided_by=world.secretary,
            actor=world.office,
        )

    def replace() -> None:
        changes.replace_speaker(
            registration=replaced_one,
            name="Somebody Else",
            email="else@hearing.example",
            title="",
            actor=actor_of(replaced_one),
        )

    def renew() -> None:
        review.revoke_link(registration=speaker, reason="", send_new=True, actor=world.office)
        speaker.refresh_from_db()

    office, staff = world.client(), world.client(technician)
    by_link = world.client()
    by_link.logout()
    cases: dict[str, tuple[str, Callable[[], object]]] = {
        "dismissed": (feed_of(world.client(world.moderator), console), dismiss),
        "signed out": (feed_of(staff, console), lambda: staff.post("/sign-out/")),
        "session ended": (
            feed_of(office, console),
            lambda: sessions.end(sessions.of(world.secretary)),
        ),
        "link renewed": (feed_of(by_link, f"{seat}{links.secret_of(speaker)}/"), renew),
        "refused": (feed_of(by_link, f"{seat}{links.secret_of(refused_one)}/"), refuse),
        "replaced": (feed_of(by_link, f"{seat}{links.secret_of(replaced_one)}/"), replace),
    }
    with ExitStack() as open_feeds:
        sockets = {
            name: open_feeds.enter_context(opened(site, address))
            for name, (address, _) in cases.items()
        }
        time.sleep(ANNOUNCED_S * 1.2)
        took = {}
        for name, (address, act) in cases.items():
            assert not is_closed_within(sockets[name], 0.1), name  # others have ended
            took[name] = ended_after(sockets[name], act)
            assert refused(site, address) == 403, name
    assert [name for name, seconds in took.items() if seconds > ANNOUNCED_S] == []

    renewed = feed_of(by_link, f"{seat}{links.secret_of(speaker)}/")
    with opened(site, renewed) as socket:
        end = lambda: hearings.end(hearing=world.hearing, actor=world.office)  # noqa: E731
        assert not is_closed_within(socket, ANNOUNCED_S * 1.2)
        assert ended_after(socket, end) <= ANNOUNCED_S


def test_a_feed_lent_to_somebody_else_goes_with_its_owner(site: Site, world: World) -> None:
    """A feed's address can be copied from its page, and ends with the session that opened it."""
    address = feed_of(world.client(world.moderator), f"/h/{world.hearing.slug}/console/")
    listener = Listener(f"{site.url}{address}")
    assert (listener.status, listener.next().name) == (200, "room")
    sessions.end(sessions.of(world.moderator))
    began = time.monotonic()
    with pytest.raises(IncompleteRead) as cut:
        listener.response.read()
    assert b"event: ended" in cut.value.partial
    assert time.monotonic() - began <= ANNOUNCED_S
    listener.close()


def test_a_seat_in_a_browser_is_left_when_its_link_is_renewed(
    site: Site, world: World, pages: Pages
) -> None:
    speaker = world.ngo("Open Doors", 0)
    page = pages.open(base_url=site.url)
    page.goto(f"/h/{world.hearing.slug}/seat/{links.secret_of(speaker)}/")
    expect(page.locator("[data-feed]")).to_be_attached()
    pages.allow("410")
    page.wait_for_timeout(500)  # until the page follows the feed
    review.revoke_link(registration=speaker, reason="", send_new=True, actor=world.office)
    expect(page.get_by_role("heading", name="This link is not valid")).to_be_visible()
