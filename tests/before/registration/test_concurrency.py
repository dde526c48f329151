"""Many registrations at once, from threads with their own connections: none is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from hemicycle import security_log
from hemicycle.before.registration import changes, confirming
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.actions import Submitted, submit
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.links import new_key
from hemicycle.before.registration.models import Inscription, Registration, Waiting
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("locks")

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


def together(world: World, forms: list[Cleaned]) -> list[Submitted | RegistrationRefused]:
    def send(what: Cleaned) -> Submitted | RegistrationRefused:
        try:
            facts = facts_of(world.hearing)
            return submit(facts=facts, cleaned=what, received_at=clock.now())
        except RegistrationRefused as refused:
            return refused
        finally:
            connection.close()

    def in_context(what: Cleaned) -> Callable[[], Submitted | RegistrationRefused]:
        context = copy_context()
        return lambda: context.run(send, what)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(lambda job: job(), [in_context(form) for form in forms]))


def test_places_follow_the_order_of_commits(crowd: World) -> None:
    done = together(crowd, [form(crowd, number) for number in range(40)])
    assert all(isinstance(answer, Submitted) for answer in done)
    rows = Inscription.objects.order_by("seq").values_list("place", flat=True)
    assert list(rows) == list(range(1, 41))
    entries = Entry.objects.filter(hearing=crowd.hearing.id).order_by("seq")
    assert [entry.seq for entry in entries] == list(range(1, entries.count() + 1))


def test_the_last_places_are_never_sold_twice(crowd: World) -> None:
    crowd.hearing.meetings.get(ordinal=1).segments.update(max_inscriptions=10)
    done = together(crowd, [form(crowd, number) for number in range(30)])
    assert sum(isinstance(answer, Submitted) for answer in done) == 10
    assert Inscription.objects.count() == 10


def test_an_organization_never_exceeds_its_representatives(crowd: World) -> None:
    crowd.hearing.max_per_organization = 2
    crowd.hearing.save()
    done = together(crowd, [form(crowd, number, organization="Hope") for number in range(16)])
    assert sum(isinstance(answer, Submitted) for answer in done) == 2
    assert Registration.objects.count() == 2


def test_one_form_sent_by_eight_tabs_at_once_is_one_registration(crowd: World) -> None:
    key = new_key()
    done = together(crowd, [form(crowd, 1, key) for _ in range(8)])
    assert all(isinstance(answer, Submitted) for answer in done)
    found = {answer.registration.pk for answer in done if isinstance(answer, Submitted)}
    assert found == {Registration.objects.get().pk}
    assert Registration.objects.count() == 1


def test_rivals_for_few_places_wait_in_the_order_of_commits_and_move_up(crowd: World) -> None:
    crowd.hearing.meetings.get(ordinal=1).segments.update(max_inscriptions=5, waiting_list=True)
    done = together(crowd, [form(crowd, number) for number in range(24)])
    rows = [answer.registration for answer in done if isinstance(answer, Submitted)]
    assert len(rows) == 24
    order = list(Registration.objects.order_by("arrival").values_list("pk", flat=True))
    assert _seated() == order[:5]
    leaving = list(Registration.objects.order_by("arrival")[:4])
    _all_at_once([partial(_withdraw, registration) for registration in leaving])
    assert _seated() == order[4:9]
    waits = Waiting.objects.order_by("registration__arrival").values_list("registration", flat=True)
    assert list(waits) == order[9:]


def test_some_leave_while_others_come(crowd: World) -> None:
    crowd.hearing.categories.filter(key="civil-society").update(
        max_registrations=6, waiting_list=True
    )
    together(crowd, [form(crowd, number) for number in range(8)])
    leaving = list(Registration.objects.order_by("arrival")[:5])
    coming = [partial(_send, crowd, form(crowd, number)) for number in range(8, 16)]
    acts: list[Callable[[], None]] = [
        *(partial(_withdraw, registration) for registration in leaving),
        *coming,
    ]
    _all_at_once([*acts[::2], *acts[1::2]])
    order = Registration.objects.exclude(status="withdrawn").order_by("arrival")
    assert list(order.values_list("status", flat=True)) == ["submitted"] * 6 + ["waiting-list"] * 5
    assert Inscription.objects.filter(state="inscribed").count() == 6


def _seated() -> list[object]:
    live = Inscription.objects.filter(state="inscribed").order_by("registration__arrival")
    return list(live.values_list("registration", flat=True))


def _withdraw(registration: Registration) -> None:
    changes.withdraw(
        registration=registration, segments=(), reason="", actor=actor_of(registration)
    )


def _send(world: World, what: Cleaned) -> None:
    submit(facts=facts_of(world.hearing), cleaned=what, received_at=clock.now())


def _all_at_once(acts: list[Callable[[], None]]) -> None:
    def run(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        jobs = [threads.submit(copy_context().run, run, act) for act in acts]
    for job in jobs:
        job.result()


@pytest.mark.django_db(transaction=True)
def test_confirmations_at_once_are_each_written_once(
    crowd: World, security_lines: list[dict[str, Any]]
) -> None:
    rows = [crowd.ngo(f"Body {number}", 0, confirmed=False) for number in range(THREADS)]

    def press(row: Registration) -> Registration:
        try:
            with security_log.coming_from(f"192.0.2.{row.arrival}"):
                return confirming.confirm(registration=row)
        finally:
            connection.close()

    with ThreadPoolExecutor(2 * THREADS) as threads:
        pressed = [threads.submit(copy_context().run, press, row) for row in rows * 2]
        confirmed = [done.result() for done in pressed]
    assert [row.id for row in confirmed] == [row.id for row in rows * 2]
    assert all(row.is_confirmed for row in confirmed)
    entries = Entry.objects.filter(kind="registration.confirmed")
    assert sorted(entry.fields()["registration"] for entry in entries) == sorted(
        row.id.hex for row in rows
    )
    assert {entry.actor for entry in entries} == {row.person_id.hex for row in rows}
    letters = Message.objects.filter(purpose=Message.Purpose.RECEIPT)
    assert sorted(letters.values_list("address", flat=True)) == sorted(
        row.person.email for row in rows
    )
    told = [line for line in security_lines if line["event"] == "identity.confirmed"]
    assert sorted((line["person"], line["network"]) for line in told) == sorted(
        (row.person_id.hex, f"192.0.2.{row.arrival}") for row in rows
    )
