"""No public address is ahead of the public feed: the test reads each one in the URL table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.urls import reverse

from hemicycle.before.registration.models import Inscription
from hemicycle.before.statements.actions import hand_in, set_consent
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.people import limits
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of
from tests.support.addresses import patterns

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World

pytestmark = pytest.mark.any_database
DELAY_S = 60
PUBLIC = re.compile(
    r"^(h/<slug:slug>/|embed/<slug:slug>/|api/v1/hearings(?!.*office)|sitemap\.xml$|$)"
)
LIVE = {
    "registration:chain",
    "registration:chain-json",
    "api:v1-chain",
    *(f"hearing:log-{name}" for name in ("checkpoint", "tile", "entry", "key")),
    *(f"hearing:log-{name}" for name in ("inclusion", "timestamp", "consistency")),
    "hearing:log-cosignatures",
}
"""Addresses without a delay: they show only hashes, which cannot be reversed (decision 0026)."""
TOLD = {
    "api:v1-hearing",
    "api:v1-speakers",
    "api:v1-statement",
    "api:v1-statements",
    "hearing:page",
    "room:hall",
    "speakers:public",
    "statements:library",
    "statements:library-csv",
    "statements:published",
    "statements:published-file",
    "statements:sitemap",
    "webcast:chronicle",
    "webcast:embed",
    "webcast:embed-live",
    "webcast:live",
    "webcast:watch",
}
"""Addresses at which the public reads about the test's turn, once the delay is over."""
STOPPED = {"room:hall", "webcast:embed", "webcast:embed-live", "webcast:live"}
"""Addresses that show the notice that the feed is interrupted."""
CHANGING = re.compile(
    r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|token=[\w:.-]+|"token":\s*"[^"]*"'
    r'|data-screen-(?:id|pass)="[^"]*"|data-csrf="[^"]*"'
    r'|<span data-left="[^"]*">[^<]*'
)


@pytest.fixture
def spoken(panel: World) -> World:
    """A panel whose next speaker has submitted a statement that may be published."""
    panel.hearing.public_delay_s = DELAY_S
    panel.hearing.public_list = True
    panel.hearing.save()
    first = floor_of(panel.panels[0].meeting_id).order[0]
    place = Inscription.objects.get(pk=UUID(hex=first))
    result = hand_in(
        registration=place.registration,
        inscription=place,
        file_name="statement.txt",
        data=b"The river belongs to those who drink from it.",
        by=None,
        actor=panel.office,
    )
    set_consent(statement=result.version.statement, publish=True, actor=panel.office)
    panel.clock.advance(2 * DELAY_S * 1000)
    return panel


def _addresses(world: World) -> dict[str, str]:
    """Return each public address of the hearing by the name of its route."""
    ids = {
        "slug": world.hearing.slug,
        "meeting": world.panels[0].meeting_id,
        "pk": Statement.objects.get().pk,
        "language": "en",
        "path": "0/000.p/1",
        "seq": 1,
        "old": 1,
        "new": 2,
        "kind": "csv",
        "slot": "0" * 32,
        "person": "0" * 32,
    }
    found: dict[str, str] = {}
    for name, route in patterns().items():
        if PUBLIC.match(route) and "<secret:" not in route:
            wanted = re.findall(r"<\w+:(\w+)>", route)
            found[name] = reverse(name, kwargs={key: ids[key] for key in wanted})
    return found


def _read(client: Client, world: World) -> dict[str, tuple[int, str]]:
    return {name: _page(client, url) for name, url in _addresses(world).items()}


def _page(client: Client, url: str) -> tuple[int, str]:
    limits.forget()
    answer = client.get(url)
    body = answer.getvalue()
    return answer.status_code, CHANGING.sub("", body.decode("utf-8", "replace"))


def _differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name, page in before.items() if page != after[name]}


def test_no_public_address_is_ahead_of_the_delay(spoken: World, client: Client) -> None:
    """A turn, its statement and the end of panel and meeting reach the public after the delay."""
    before = _read(client, spoken)
    spoken.press(c.GiveFloor())
    spoken.clock.advance(20_000)
    spoken.press(c.EndFloor())
    spoken.press(c.CloseSegment())
    spoken.press(c.CloseMeeting())
    assert Statement.objects.get().release == Statement.Release.DELIVERED
    meanwhile = _read(client, spoken)
    assert _differing(before, meanwhile) <= LIVE
    assert _differing(before, meanwhile) >= {"registration:chain", "api:v1-chain"}
    spoken.clock.advance(DELAY_S * 1000)
    assert _differing(meanwhile, _read(client, spoken)) - LIVE == TOLD


def test_what_a_stop_dropped_is_at_no_public_address(spoken: World, client: Client) -> None:
    before = _read(client, spoken)
    spoken.press(c.GiveFloor())
    spoken.press(c.StopFeed())
    spoken.clock.advance(20_000)
    spoken.press(c.EndFloor())
    spoken.clock.advance(2 * DELAY_S * 1000)
    assert _differing(before, _read(client, spoken)) - LIVE <= STOPPED
    spoken.press(c.ResumeFeed(floor_of(spoken.panels[0].meeting_id).feed_seq))
    spoken.clock.advance(DELAY_S * 1000)
    name = "statements:published"
    assert _page(client, _addresses(spoken)[name]) != before[name]
