"""The interpreters' console: who may open it, what it shows of the meeting, and the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.before.registration.access import actor_of
from hemicycle.before.statements import actions as statements
from hemicycle.engine.control import passes
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.meeting.interpretation.console import Passage, booth_console, text_of
from hemicycle.procedure import commands as c
from tests.meeting.interpretation.house import House, assign

if TYPE_CHECKING:
    from uuid import UUID

    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = pytest.mark.django_db
SPEECH = "Thank you, Chair.\n\nWe call for shelters near the border.\n\n我们需要更多庇护所。"


def hand_in(world: World, registration: Registration, text: str = SPEECH) -> UUID:
    place = world.inscription(registration)
    statements.hand_in(
        registration=registration,
        inscription=place,
        file_name="speech.txt",
        data=text.encode(),
        by=registration.person,
        actor=actor_of(registration),
    )
    return place.id


def get(house: House, person: Person, more: str = "") -> Any:
    return house.world.client(person).get(house.url + more)


def test_the_door_leads_to_ones_own_booth(house: House) -> None:
    door = house.url.removesuffix("fr/")
    assert house.world.client(house.ada.person).get(door)["Location"] == house.url
    stranger = Person.objects.create(name="Eve", email="eve@hearing.example")
    Appointment.objects.create(
        person=stranger, hearing_id=house.world.hearing.id, role=Role.INTERPRETER
    )
    said = house.world.client(stranger).get(door).content.decode()
    assert "You work in no booth of this hearing yet." in said
    refused = get(house, stranger)
    assert (refused.status_code, "You work in no booth" in refused.content.decode()) == (
        403,
        True,
    )


def test_another_booths_desk_stays_shut(house: House) -> None:
    answer = get(house, assign(house.world, "Cid", "es").person)
    assert answer.status_code == 403
    said = answer.content.decode()
    assert "You work in another booth: Spanish." in said
    assert f'href="{house.url.replace("/fr/", "/es/")}"' in said


def test_the_desk_before_the_meeting(house: House) -> None:
    said = get(house, house.ada.person).content.decode()
    assert "The meeting has not begun" in said
    assert "Booth: French" in said
    assert 'data-incoming="en"' in said
    assert 'data-incoming="fr"' not in said


def test_the_desk_shows_who_speaks_which_language_now_and_next(house: House) -> None:
    world = house.world
    for segment in world.panels:
        segment.members.filter(role=Role.PANELLIST).delete()
    first = world.mission("Examplia", 0, language="ar")
    later = [world.ngo(name, 0, language="es") for name in ("Doors", "Harbour", "Voices", "Last")]
    slot = hand_in(world, later[0])
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(first).id.hex))
    seen = booth_console(world.hearing)
    assert seen is not None
    assert seen.holder is not None
    assert (seen.holder.speaker.organization, seen.holder.languages) == ("Examplia", ["Arabic"])
    assert [row.speaker.organization for row in seen.upcoming] == ["Doors", "Harbour", "Voices"]
    assert seen.texts == {slot.hex}
    said = get(house, house.ada.person, "updates/").content.decode()
    assert said.count("<strong>Spanish</strong>") == 3
    assert said.count("data-text=") == 1


def test_the_text_is_confidential_until_delivered(house: House) -> None:
    world = house.world
    for segment in world.panels:
        segment.members.filter(role=Role.PANELLIST).delete()
    registration = world.mission("Examplia", 0)
    slot = hand_in(world, registration)
    found = text_of(world.hearing, slot)
    assert found is not None
    assert found.passages == (
        Passage("Thank you, Chair.", 0),
        Passage("We call for shelters near the border.", 3),
        Passage("我们需要更多庇护所。", 10),
    )
    assert found.words == 16
    said = get(house, house.ada.person, f"text/{slot.hex}/").content.decode()
    assert "confidential until delivered" in said
    assert 'data-words="16"' in said
    world.open_panel()
    world.press(c.GiveFloor(slot.hex))
    world.press(c.EndFloor())
    said = get(house, house.ada.person, f"text/{slot.hex}/").content.decode()
    assert "confidential until delivered" not in said


def test_a_place_without_a_text_and_an_address_without_a_place(house: House) -> None:
    slot = house.world.inscription(house.world.mission("Examplia", 0)).id
    said = get(house, house.ada.person, f"text/{slot.hex}/").content.decode()
    assert "No text was handed in that could be read." in said
    assert get(house, house.ada.person, "text/nobody/").status_code == 404


def test_an_interpreters_pass_names_the_booth(house: House) -> None:
    from django.conf import settings

    world = house.world
    client = world.client(house.ada.person)
    for use in ("publish", "listen"):
        answer = client.post(f"/h/{world.hearing.slug}/pass/", {"use": use, "booth": "en"})
        given = passes.read(answer.json()["token"], settings.MEDIA_ENGINE.secret)
        assert (given.role, given.booth, given.name) == ("interpreter", "fr", "Ada")
