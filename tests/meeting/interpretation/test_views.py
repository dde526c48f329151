"""The interpreters' console: who may open it, what it shows of the meeting, and the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils.safestring import SafeString

from hemicycle.before.registration.access import actor_of
from hemicycle.before.statements import actions as statements
from hemicycle.engine.control import passes
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.meeting.interpretation.console import Passage, booth_console, text_of
from hemicycle.procedure import commands as c
from tests.meeting.interpretation.booth_world import BoothWorld, assign
from tests.support.markup import compact

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


def get(booths: BoothWorld, person: Person, more: str = "") -> Any:
    return booths.world.client(person).get(booths.url + more)


def test_the_door_leads_to_ones_own_booth(booths: BoothWorld) -> None:
    door = booths.url.removesuffix("fr/")
    assert booths.world.client(booths.ada.person).get(door)["Location"] == booths.url
    stranger = Person.objects.create(name="Eve", email="eve@hearing.example")
    Appointment.objects.create(
        person=stranger, hearing_id=booths.world.hearing.id, role=Role.INTERPRETER
    )
    said = booths.world.client(stranger).get(door).content.decode()
    assert "You have not been assigned to a booth yet." in said
    refused = get(booths, stranger)
    assert (refused.status_code, "You have not been assigned" in refused.content.decode()) == (
        403,
        True,
    )


def test_another_booths_console_stays_shut(booths: BoothWorld) -> None:
    answer = get(booths, assign(booths.world, "Cid", "es").person)
    assert answer.status_code == 403
    said = answer.content.decode()
    assert "You work in another booth: Spanish." in said
    assert f'href="{booths.url.replace("/fr/", "/es/")}"' in said


def test_the_console_before_the_meeting(booths: BoothWorld) -> None:
    said = get(booths, booths.ada.person).content.decode()
    assert "The meeting has not begun" in said
    assert "Booth: French" in said
    assert 'data-incoming="en"' in said
    assert 'data-incoming="fr"' not in said


def test_the_console_shows_who_speaks_which_language_now_and_next(booths: BoothWorld) -> None:
    world = booths.world
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
    said = compact(get(booths, booths.ada.person, "updates/").content.decode())
    assert said.count("<strong>Spanish</strong>") == 3
    assert said.count("data-text=") == 1


def test_the_text_is_confidential_until_delivered(booths: BoothWorld) -> None:
    world = booths.world
    for segment in world.panels:
        segment.members.filter(role=Role.PANELLIST).delete()
    registration = world.mission("Examplia", 0)
    slot = hand_in(world, registration)
    found = text_of(world.hearing, slot, "fr")
    assert found is not None
    assert found.passages == (
        Passage(SafeString("Thank you, Chair."), 0),
        Passage(SafeString("We call for shelters near the border."), 3),
        Passage(SafeString("我们需要更多庇护所。"), 10),
    )
    assert found.words == 16
    said = get(booths, booths.ada.person, f"text/{slot.hex}/").content.decode()
    assert "confidential until delivered" in said
    assert 'data-words="16"' in said
    world.open_panel()
    world.press(c.GiveFloor(slot.hex))
    world.press(c.EndFloor())
    said = get(booths, booths.ada.person, f"text/{slot.hex}/").content.decode()
    assert "confidential until delivered" not in said


def test_a_place_without_a_text_and_an_address_without_a_place(booths: BoothWorld) -> None:
    slot = booths.world.inscription(booths.world.mission("Examplia", 0)).id
    said = get(booths, booths.ada.person, f"text/{slot.hex}/").content.decode()
    assert "There is no statement, or its text could not be read." in said
    assert get(booths, booths.ada.person, "text/nobody/").status_code == 404


def test_an_interpreters_pass_names_the_booth(booths: BoothWorld) -> None:
    from django.conf import settings

    world = booths.world
    client = world.client(booths.ada.person)
    for use in ("publish", "listen"):
        answer = client.post(f"/h/{world.hearing.slug}/pass/", {"use": use, "booth": "en"})
        given = passes.read(answer.json()["token"], settings.MEDIA_ENGINE.secret)
        assert (given.role, given.booth, given.name) == ("interpreter", "fr", "Ada")
