"""Several people of one organization on one form; each is registered as on a form of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.several import MOST_PEOPLE
from hemicycle.hearing.people import limits
from hemicycle.hearing.people.models import TrackKind
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("transactions")

FORM = "/h/2021-trafficking/register/several/"
SINGLE = "/h/2021-trafficking/register/"
SHARED = ("organization", "country", "category")
type Typed = dict[str, Any]


@pytest.fixture
def people(world: World, stakeholder: Callable[..., Typed]) -> Callable[..., Typed]:
    """Return a function that makes the fields for several people, with changes for each of them."""

    def typed(*rows: Typed, **changes: Any) -> Typed:
        single = stakeholder()
        sent = {name: single[name] for name in SHARED}
        sent |= {"contact_email": "office@example.org", "row": list(range(1, len(rows) + 1))}
        for number, row in enumerate(rows, start=1):
            own = stakeholder(name=f"Person {number}", email=f"p{number}@example.org") | row
            sent |= {f"p{number}-{name}": own[name] for name in own if name not in SHARED}
        return sent | changes

    return typed


ATTENDS: Typed = {"wishes_to_intervene": "no", "segment": "", "consents_to_list": ""}


def test_each_person_becomes_a_registration_of_their_own(
    world: World, people: Callable[..., Typed]
) -> None:
    page = Client().post(FORM, people({}, ATTENDS | {"language": "fr"}))
    assert page.status_code == 200
    rows = list(Registration.objects.select_related("person", "organization").order_by("arrival"))
    assert [(row.person.name, row.wishes_to_intervene, row.language) for row in rows] == [
        ("Person 1", True, "en"),
        ("Person 2", False, "fr"),
    ]
    assert {row.organization.name for row in rows} == {"River Watch"}
    assert {row.contact_email for row in rows} == {"office@example.org"}
    assert [row.is_confirmed for row in rows] == [False, False]
    letters = Message.objects.filter(purpose=Message.Purpose.CONFIRMATION)
    assert {letter.address for letter in letters} == {"p1@example.org", "p2@example.org"}
    assert Entry.objects.filter(kind="registration.received").count() == 2
    for row in rows:
        assert row.reference in page.text
    shown = re.findall(r'href="(/received/[^"]+)"', page.text)
    assert [Client().get(address).status_code for address in shown] == [200, 200]


def test_the_form_leads_there_and_back_and_grows_without_scripts(
    world: World, people: Callable[..., Typed]
) -> None:
    assert FORM in Client().get(SINGLE).text
    page = Client().get(FORM).text
    assert (page.count('name="row"'), f'href="{SINGLE}"' in page) == (3, True)
    typed = people({}, {"name": "Second Person", "email": "not an address"}, add="1")
    grown = Client().post(FORM, typed)
    assert (grown.status_code, grown.text.count('name="row"')) == (200, 3)
    assert ("Second Person" in grown.text, "River Watch" in grown.text) == (True, True)
    assert 'class="summary-errors"' not in grown.text
    full = people(*[{}] * MOST_PEOPLE, add="1")
    assert Client().post(FORM, full).text.count('name="row"') == MOST_PEOPLE


def test_mistakes_stand_in_their_rows_and_nobody_is_registered(
    world: World, people: Callable[..., Typed]
) -> None:
    wrong: tuple[Typed, ...] = (
        {},
        {"email": "nowhere"},
        {"segment": ""},
        {"name": "", "email": ""},
    )
    page = Client().post(FORM, people(*wrong, contact_email=""))
    assert page.status_code == 422
    assert page.text.count('class="summary-errors"') == 3  # the contact, and two rows
    assert "Enter the e-mail address of the contact." in page.text
    assert "Choose the panel in which you wish to speak." in page.text
    assert not Registration.objects.exists()
    assert not Message.objects.exists()


def test_a_form_without_people_asks_for_one(world: World, people: Callable[..., Typed]) -> None:
    page = Client().post(FORM, people({"name": "", "email": ""}))
    assert page.status_code == 422
    assert "Enter the name of the person." in page.text


def test_an_address_in_two_rows_is_named(world: World, people: Callable[..., Typed]) -> None:
    page = Client().post(FORM, people({}, {"email": "P1@example.org"}))
    assert page.status_code == 422
    assert "You have already entered this address, for Person 1." in page.text
    assert not Registration.objects.exists()


def test_one_who_is_refused_keeps_nobody_else_out(
    world: World, people: Callable[..., Typed]
) -> None:
    world.hearing.max_per_organization = 2
    world.hearing.save(update_fields=("max_per_organization",))
    typed = people({}, ATTENDS, {"name": "One Too Many"})
    page = Client().post(FORM, typed)
    assert page.status_code == 409
    assert "already has its 2 representatives" in page.text
    assert (page.text.count('name="row"'), page.text.count('name="done"')) == (1, 2)
    assert 'value="One Too Many"' in page.text
    assert Registration.objects.count() == 2
    again = Client().post(FORM, typed)  # the same form again registers nobody twice
    assert (again.status_code, Registration.objects.count()) == (409, 2)
    done = re.findall(r'name="done" value="([^"]+)"', page.text)
    world.hearing.max_per_organization = 3
    world.hearing.save(update_fields=("max_per_organization",))
    rest = {name: value for name, value in typed.items() if not re.match(r"p[12]-", name)}
    whole = Client().post(FORM, rest | {"row": ["3"], "done": done})
    assert (whole.status_code, whole.text.count('href="/received/')) == (200, 3)


def test_one_who_is_registered_already_is_named_and_gets_the_link_again(
    world: World, people: Callable[..., Typed], stakeholder: Callable[..., Typed]
) -> None:
    Client().post(SINGLE, stakeholder(email="p2@example.org"))
    world.clock.advance(3_600_000)
    page = Client().post(FORM, people({}, {}))
    assert page.status_code == 409
    assert "This e-mail address is already registered for this organization." in page.text
    assert Message.objects.filter(address="p2@example.org").count() == 2
    assert Registration.objects.count() == 2


def test_people_of_one_form_count_as_many_against_the_limit(
    world: World, people: Callable[..., Typed], settings: Settings
) -> None:
    settings.LIMIT_FREE_NETWORKS = []
    limits.forget()
    home = Client(REMOTE_ADDR="203.0.113.7")
    first = [{"email": f"a{number}@example.org"} for number in range(MOST_PEOPLE)]
    assert home.post(FORM, people(*first)).status_code == 200
    more = [{"email": f"b{number}@example.org"} for number in range(MOST_PEOPLE)]
    page = home.post(FORM, people(*more, contact_email="other@example.org"))
    assert page.status_code == 409
    assert "Too many registrations have come from your network." in page.text
    count = Registration.objects.count()
    assert limits.MOST_REGISTRATIONS <= count <= limits.MOST_REGISTRATIONS + 1
    assert home.post(FORM, people({"email": "c@example.org"})).status_code == 429
    limits.forget()


def test_after_the_deadline_nobody_is_registered_and_the_text_is_shown(
    world: World, people: Callable[..., Typed]
) -> None:
    world.hearing.deadlines.filter(track=TrackKind.STAKEHOLDERS).update(at=clock.now())
    world.clock.advance(2000)
    late = Client().post(FORM, people({}, {"name": "Second Person"}))
    assert (late.status_code, "Second Person" in late.text) == (409, True)
    assert "Registration is closed" in Client().get(FORM).text
    assert not Registration.objects.exists()
