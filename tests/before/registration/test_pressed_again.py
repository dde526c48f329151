"""Going back in the browser and pressing again does nothing twice, and the page says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.before.training import actions as trainings
from hemicycle.before.training.actions import SessionPlan
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

    Typed = dict[str, Any]

pytestmark = pytest.mark.postgresql("locks")

BEFORE = "We had already received this form and have not registered you twice."


@pytest.fixture
def office(world: World) -> Client:
    return world.client()


def pages(world: World, part: str = "") -> str:
    return f"/office/{world.hearing.slug}/registrations/{part}"


def written() -> int:
    return Message.objects.count()


def recorded() -> int:
    return Entry.objects.count()


def test_a_form_that_was_changed_and_sent_again_says_that_the_change_was_not_taken(
    world: World, stakeholder: Callable[..., Typed]
) -> None:
    form, typed = f"/h/{world.hearing.slug}/register/", stakeholder()
    Client().post(form, typed)
    before = written(), recorded()
    said = Client().post(form, typed | {"name": "Somebody Else"}, follow=True).text
    assert (BEFORE in said, "your changes were not saved" in said) == (True, True)
    assert Registration.objects.get().person.name == typed["name"]
    assert (written(), recorded()) == before


def test_several_people_are_registered_once(
    world: World, stakeholder: Callable[..., Typed]
) -> None:
    own, form = stakeholder(), f"/h/{world.hearing.slug}/register/several/"
    shared = ("organization", "country", "category")
    typed = {name: own[name] for name in shared}
    typed |= {"row": "1", "contact_email": "office@example.org"}
    typed |= {f"p1-{name}": value for name, value in own.items() if name not in shared}
    assert BEFORE not in Client().post(form, typed).text
    before = written()
    assert BEFORE in Client().post(form, typed).text
    assert (Registration.objects.count(), written()) == (1, before)


def test_the_office_enters_nobody_twice(
    world: World, office: Client, stakeholder: Callable[..., Typed]
) -> None:
    form, typed = pages(world, "add/stakeholders/"), stakeholder(email="", way="telephone")
    office.post(form, typed)
    said = office.post(form, typed | {"name": "Somebody Else"}, follow=True).text
    assert "nothing was entered twice" in said
    assert Registration.objects.get().person.name == typed["name"]


@pytest.mark.parametrize("every", [False, True])
def test_what_has_been_decided_is_not_decided_again(
    world: World, office: Client, every: bool
) -> None:
    rows = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
    for row in rows:
        typed = {"chosen": str(row.pk), "outcome": "accepted"}
        office.post(pages(world, "decide/"), typed)
    before = written(), recorded()
    again = {"every": "?"} if every else {"chosen": [str(row.pk) for row in rows], "count": "2"}
    said = office.post(pages(world, "decide/"), again | {"outcome": "accepted"}, follow=True).text
    assert "the same decision had already been made" in said
    assert (written(), recorded()) == before


def test_a_link_is_replaced_once(world: World, office: Client) -> None:
    row = world.ngo("River Watch", 0)
    shown = office.get(pages(world, f"{row.pk}/")).text
    number = re.search(r'name="number"\s+value="(\d+)"', shown)
    assert number
    typed = {"number": number[1], "send_new": "yes"}
    office.post(pages(world, f"{row.pk}/link/"), typed)
    before = written(), recorded()
    said = office.post(pages(world, f"{row.pk}/link/"), typed, follow=True).text
    assert "revoked or replaced already" in said
    assert (written(), recorded()) == before


def test_the_office_withdraws_once(world: World, office: Client) -> None:
    row = world.ngo("River Watch", 0)
    page = pages(world, f"{row.pk}/withdraw/")
    office.post(page, {"what": "whole"})
    before = written(), recorded()
    assert "A withdrawal is final." in office.post(page, {"what": "whole"}).text
    assert (written(), recorded()) == before


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        ("address/", {"email": "new@example.org"}, "We have sent a link to new@example.org"),
        ("replace/", {"name": "Bo Adeyemi", "email": "bo@example.org"}, "bo@example.org"),
        ("details/", {"name": "Amina Otieno", "language": "en"}, "Nothing was changed."),
    ],
)
def test_a_participant_changes_nothing_twice(
    world: World, part: str, typed: Typed, said: str
) -> None:
    row = world.ngo("River Watch", 0)
    page = f"/my/{links.secret_of(row)}/{part}"
    Client().post(page, typed)
    before = written(), recorded()
    assert said in Client().post(page, typed, follow=True).text
    assert (written(), recorded()) == before


def test_a_question_and_a_place_in_a_training_are_taken_once(world: World) -> None:
    row = world.ngo("River Watch", 0)
    plan = SessionPlan(clock.now() + timedelta(days=1), minutes=30, language="en", capacity=9)
    session = trainings.schedule(hearing=world.hearing, plan=plan, actor=world.office)
    panel = str(world.panels[0].pk)
    for page, typed in (
        (f"/my/{links.secret_of(row)}/questions/", {"text": "Who pays?", "segment": panel}),
        (f"/my/{links.secret_of(row)}/training/{session.pk}/sign-up/", {}),
    ):
        first = Client().post(page, typed)
        assert first.status_code == 302, page
        before = written(), recorded()
        assert Client().post(page, typed).status_code == 302
        assert (written(), recorded()) == before
