"""Many at once, in threads with connections of their own: nobody lost, nobody twice, in order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.registration.actions import Submitted, submit
from hemicycle.registration.cleaned import Cleaned
from hemicycle.registration.facts import facts_of
from hemicycle.registration.links import new_key
from hemicycle.registration.models import FloorRequest, Registration
from hemicycle.registration.refusals import Refused

if TYPE_CHECKING:
    from tests.support.lists import World

THREADS = 8


@pytest.fixture
def crowd(transactional_db: None) -> object:
    from tests.support.lists import reference_world

    with reference_world() as world:
        yield world


def form(world: World, number: int, key: str = "", organization: str = "") -> Cleaned:
    return Cleaned(
        track="stakeholders",
        form_key=key or new_key(),
        category=world.hearing.categories.get(key="civil-society").id,
        organization=organization or f"Body {number}",
        country="KE",
        name=f"Person {number}",
        title="",
        email=f"person{number}@example.org",
        language="en",
        segments=(world.panels[0].id,),
    )


def together(world: World, forms: list[Cleaned]) -> list[Submitted | Refused]:
    def send(what: Cleaned) -> Submitted | Refused:
        try:
            facts = facts_of(world.hearing)
            return submit(facts=facts, cleaned=what, received_at=clock.now())
        except Refused as refused:
            return refused
        finally:
            connection.close()

    def in_context(what: Cleaned) -> Callable[[], Submitted | Refused]:
        context = copy_context()
        return lambda: context.run(send, what)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(lambda job: job(), [in_context(each) for each in forms]))


def test_places_follow_the_order_of_commits(crowd: World) -> None:
    done = together(crowd, [form(crowd, number) for number in range(40)])
    assert all(isinstance(each, Submitted) for each in done)
    rows = FloorRequest.objects.order_by("seq").values_list("place", flat=True)
    assert list(rows) == list(range(1, 41))
    entries = Entry.objects.filter(hearing=crowd.hearing.id).order_by("seq")
    assert [entry.seq for entry in entries] == list(range(1, entries.count() + 1))


def test_the_last_places_are_never_sold_twice(crowd: World) -> None:
    crowd.hearing.meetings.get(ordinal=1).segments.update(max_inscriptions=10)
    done = together(crowd, [form(crowd, number) for number in range(30)])
    assert sum(isinstance(each, Submitted) for each in done) == 10
    assert FloorRequest.objects.count() == 10


def test_an_organization_never_exceeds_its_representatives(crowd: World) -> None:
    crowd.hearing.max_per_organization = 2
    crowd.hearing.save()
    done = together(crowd, [form(crowd, number, organization="Hope") for number in range(16)])
    assert sum(isinstance(each, Submitted) for each in done) == 2
    assert Registration.objects.count() == 2


def test_one_form_sent_by_eight_tabs_at_once_is_one_registration(crowd: World) -> None:
    key = new_key()
    done = together(crowd, [form(crowd, 1, key) for _ in range(8)])
    assert all(isinstance(each, Submitted) for each in done)
    assert {each.secret for each in done if isinstance(each, Submitted)} == {
        done[0].secret if isinstance(done[0], Submitted) else ""
    }
    assert Registration.objects.count() == 1
