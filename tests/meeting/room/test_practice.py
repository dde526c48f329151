"""The practice room: who may enter it, and what remains of a check that the engine measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.engine.control.passes import Pass, sign
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.meeting.room.audiences import slot_states
from hemicycle.meeting.room.models import Check
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

GOOD = {"level_db": -21, "echo_db": -99, "rtt_ms": 84, "loss": 1, "camera": True}


def speaker(name: str) -> Registration:
    return Registration.objects.select_related("hearing", "person").get(organization__name=name)


def room(registration: Registration) -> str:
    return reverse("room:practice", args=(links.secret_of(registration),))


def told(world: World, person: Person, /, **instead: Any) -> int:
    """Report a passed check as the engine does, and return the status of the answer."""
    hearing = world.hearing.id.hex
    given = Pass(hearing=hearing, use="service", role="technician", seat="engine")
    token = sign(given, settings.MEDIA_ENGINE.secret)
    answer = Client().post(
        f"/media-api/{hearing}/check",
        {"person": person.id.hex, "good_ms": 1400, **GOOD, **instead},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    return answer.status_code


def passes(world: World) -> list[dict[str, object]]:
    entries = Entry.objects.filter(hearing=world.hearing.id, kind="practice.passed")
    return [json.loads(entry.body) for entry in entries]


def test_a_passed_check_is_on_the_record_on_the_personal_page_and_at_the_console(
    panel: World, client: Client
) -> None:
    own = speaker("Open Doors")
    personal = reverse("registration:personal", args=(links.secret_of(own),))
    assert "Test your microphone" in client.get(personal).content.decode()
    assert told(panel, own.person) == 200
    assert passes(panel) == [{"person": own.person_id.hex, **GOOD, "camera": 1}]
    page = client.get(personal).content.decode()
    assert "check passed" in page
    assert "Test your microphone" not in page
    console = reverse("room:console-updates", args=(panel.hearing.slug, panel.panels[0].meeting_id))
    shown = panel.client(panel.moderator).get(console).content.decode()
    assert shown.count("check passed") == 1


def test_what_a_page_says_of_itself_is_no_pass(panel: World, client: Client) -> None:
    own = speaker("Open Doors")
    assert client.post(room(own), GOOD).status_code == 405
    assert passes(panel) == []


def test_a_later_check_takes_the_place_of_an_earlier_one(panel: World) -> None:
    own = speaker("Open Doors")
    told(panel, own.person)
    told(panel, own.person, rtt_ms=30, camera=False)
    assert len(passes(panel)) == 2
    check = Check.objects.get(person_id=own.person_id)
    assert (check.rtt_ms, check.camera) == (30, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"level_db": 3},
        {"level_db": "loud"},
        {"level_db": None},
        {"echo_db": None},
        {"rtt_ms": -1},
        {"rtt_ms": 10**400},
        {"loss": 101},
        {"loss": True},
        {"person": "nobody"},
    ],
)
def test_figures_that_no_check_finds_are_refused(panel: World, wrong: dict[str, Any]) -> None:
    assert told(panel, speaker("Open Doors").person, **wrong) == 400
    assert passes(panel) == []


def test_erasing_a_person_drops_what_their_check_found(panel: World) -> None:
    own = speaker("Open Doors")
    told(panel, own.person)
    erasure.erase(hearing=panel.hearing.id, person=own.person_id, actor=panel.office)
    assert not Check.objects.exists()
    assert passes(panel)[0]["person"] == own.person_id.hex


def panellist(world: World) -> Person:
    """A panellist of the first panel who can sign in."""
    person = Person.objects.create(name="Nora Panel", email="nora@hearing.example")
    member = PanelMember.objects.filter(segment=world.panels[0], role=Role.PANELLIST)[0]
    member.person = person
    member.save()
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=Role.PANELLIST)
    return person


def test_staff_and_panellists_practise_by_name_and_others_are_told_how(world: World) -> None:
    url, sitting = reverse("room:own-practice", args=(world.hearing.slug,)), panellist(world)
    nobody = Person.objects.create(name="Nobody", email="nobody@hearing.example")
    for person, said in (
        (world.moderator, "Only you see and hear"),
        (sitting, "Only you see and hear"),
        (nobody, "The practice room is for participants"),
    ):
        assert said in world.client(person).get(url).content.decode()
    assert "Participants open it from their personal page" in Client().get(url).content.decode()


def test_the_seat_offers_the_check_and_the_screen_to_those_who_present(world: World) -> None:
    own = world.ngo("Open Doors", 0)
    page = Client().get(reverse("room:seat", args=(world.hearing.slug, links.secret_of(own))))
    assert "data-run" in page.content.decode()
    assert "Share my screen" not in page.content.decode()
    seat = reverse("room:own-seat", args=(world.hearing.slug,))
    assert "Share my screen" in world.client(panellist(world)).get(seat).content.decode()


def test_a_muted_holder_is_told_at_the_seat(panel: World) -> None:
    panel.press(c.GiveFloor())
    floor = floor_of(panel.panels[0].meeting_id)
    assert floor.holder is not None
    panel.press(c.Mute(floor.holder.slot))
    shown = slot_states(panel.hearing.id, floor_of(panel.panels[0].meeting_id))[floor.holder.slot]
    assert (shown["muted"], shown["stopped"]) == (True, "")
