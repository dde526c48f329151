"""The captioner's console: who may open it, and the text that it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.before.registration import links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.statements import actions as statements
from hemicycle.hearing.people.actions import appoint, staff_member
from hemicycle.hearing.people.models import Person, Role
from hemicycle.meeting.interpretation.actions import assign_new
from hemicycle.record.writer import Actor

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def captioner(world: World) -> Person:
    person = staff_member(name="Cap Tioner", email="captions@hearing.example", language="fr")
    appoint(person=person, hearing_id=world.hearing.id, role=Role.CAPTIONER, actor=world.office)
    return person


def hand_in(registration: Registration, world: World, text: str) -> str:
    """Submit a statement, and return the id of its place."""
    place = world.inscription(registration)
    statements.hand_in(
        registration=registration,
        inscription=place,
        file_name="statement.txt",
        data=text.encode(),
        by=registration.person,
        actor=actor_of(registration),
    )
    return place.pk.hex


def test_the_door_leads_to_ones_own_language(world: World, captioner: Person) -> None:
    door = f"/h/{world.hearing.slug}/captioner/"
    assert world.client(captioner).get(door)["Location"] == f"{door}fr/"
    Person.objects.filter(pk=captioner.pk).update(language="tlh")
    captioner.refresh_from_db()
    first = world.hearing.languages[0]
    assert world.client(captioner).get(door)["Location"] == f"{door}{first}/"


def test_the_console_knows_the_hearings_languages_only(world: World, captioner: Person) -> None:
    client, door = world.client(captioner), f"/h/{world.hearing.slug}/captioner/"
    page = client.get(f"{door}en/").content.decode()
    assert f"/media/captions/{world.hearing.id.hex}" in page
    assert client.get(f"{door}tlh/").status_code == 404


def test_the_statement_comes_in_lines(world: World, captioner: Person) -> None:
    text = "Madam President, thank you.\n\nWe ask for shelters. We ask for interpreters."
    slot = hand_in(world.ngo("Open Doors", 0), world, text)
    address = f"/h/{world.hearing.slug}/captioner/en/text/"
    lines = ["Madam President, thank you.", "We ask for shelters. We ask for interpreters."]
    client = world.client(captioner)
    assert client.get(address, {"slot": slot}).json() == {
        "lines": lines,
        "language": "en",
        "language_name": "English",
        "fits": True,
    }
    french = address.replace("/en/", "/fr/")
    assert client.get(french, {"slot": slot}).json()["fits"] is False


@pytest.mark.parametrize("slot", ["", "nothing", "0" * 32])
def test_a_place_without_a_statement_has_no_lines(
    world: World, captioner: Person, slot: str
) -> None:
    answer = world.client(captioner).get(
        f"/h/{world.hearing.slug}/captioner/en/text/", {"slot": slot}
    )
    assert answer.json() == {
        "lines": [],
        "language": "",
        "language_name": "",
        "fits": True,
    }


def test_a_statement_of_another_hearing_is_not_given(world: World, captioner: Person) -> None:
    from hemicycle.hearing.setup import actions as hearings
    from tests.support.lists import REFERENCE

    slot = hand_in(world.ngo("Open Doors", 0), world, "Confidential.")
    other = hearings.convene(REFERENCE, slug="another", publish=True)
    by = Actor.system("test")  # an appointment by the secretariat would have to be accepted first
    appoint(person=captioner, hearing_id=other.id, role=Role.CAPTIONER, actor=by)
    answer = world.client(captioner).get("/h/another/captioner/en/text/", {"slot": slot})
    assert answer.json()["lines"] == []


def test_seat_hall_console_and_booth_have_captions(world: World) -> None:
    speaker = world.ngo("Open Doors", 0)
    world.open_panel()
    booth = assign_new(
        hearing=world.hearing,
        language="fr",
        name="Ada",
        email="ada@hearing.example",
        actor=world.office,
    )
    base = f"/h/{world.hearing.slug}"
    meeting = world.panels[0].meeting_id
    pages = {
        reverse("room:seat", args=(world.hearing.slug, links.secret_of(speaker))): world.moderator,
        f"{base}/hall/": world.moderator,
        reverse("room:console-of", args=(world.hearing.slug, meeting)): world.moderator,
        f"{base}/booth/fr/": booth.person,
    }
    for address, person in pages.items():
        page = world.client(person).get(address).content.decode()
        assert page.count("data-caption-rows") == 1, address
        assert page.count("<select data-captions>") == 1, address
