"""A chair other than the moderator: their seat, the console, and what others see and read."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hemicycle.hearing.people.models import Appointment, Person, Role, SignInSession
from hemicycle.hearing.setup import panel_seats
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.meeting.room import engine, seats
from hemicycle.meeting.room.access import welcome_at_seats
from hemicycle.meeting.room.audiences import slot_states
from hemicycle.meeting.room.console import console
from hemicycle.meeting.room.passes import SEATED
from hemicycle.meeting.room.presses import press
from hemicycle.meeting.state import chronicle
from hemicycle.meeting.state.display_names import display_names
from hemicycle.meeting.state.meeting_view import view_of
from hemicycle.outcome.summary import actions, queries
from hemicycle.outcome.summary.participation import chair_turns
from hemicycle.procedure import commands as c
from hemicycle.procedure.clock import UNLIMITED_MS
from hemicycle.procedure.state import Floor
from hemicycle.record.floor import floor_of
from tests.support.lists import World

pytestmark = pytest.mark.django_db

NAME = "Ada Presides"


@pytest.fixture
def chaired(world: World) -> World:
    """The first panel, open, with two organizations on its list and a chair with a seat."""
    segment = world.panels[0]
    segment.members.filter(role=Role.PANELLIST).delete()
    chair = segment.members.create(role=PanelMember.CHAIR, name=NAME, title="Senator", ordinal=9)
    world.panels[0].members.filter(pk=chair.pk).update(original_language="en")
    panel_seats.seat(
        hearing=world.hearing, member=chair, email="chair@hearing.example", actor=world.office
    )
    for name in ("Open Doors", "Safe Harbour"):
        world.ngo(name, 0)
    world.open_panel()
    return world


def chair_of(world: World) -> PanelMember:
    return world.panels[0].members.get(role=PanelMember.CHAIR)


def floor(world: World) -> Floor:
    return floor_of(world.panels[0].meeting_id)


def pressed(world: World, name: str) -> Floor:
    meeting = world.panels[0].meeting
    return press(hearing=world.hearing, meeting=meeting, data={"press": name}, actor=world.chair)


def test_the_chair_has_a_seat_as_a_panellist_has(chaired: World) -> None:
    member = chair_of(chaired)
    person = Person.objects.get(email="chair@hearing.example")
    assert member.person == person
    held = Appointment.objects.filter(person=person).values_list("role", flat=True)
    assert list(held) == [Role.PANELLIST]
    found = seats.of_person(chaired.hearing, person)
    assert [(seat.slot, seat.role) for seat in found.assignments] == [
        (member.id.hex, Role.PANELLIST)
    ]
    assert SEATED[found.assignments[0].role] == "panellist"
    panel_seats.unseat(
        hearing=chaired.hearing, person=person, role=Role.PANELLIST, actor=chaired.office
    )
    assert chair_of(chaired).person is None


def test_the_console_gives_the_chair_the_floor_between_two_speakers(chaired: World) -> None:
    slot = chair_of(chaired).id.hex
    first, second = floor(chaired).order
    pressed(chaired, f"give_floor:{slot}")
    pressed(chaired, "give_floor")
    given = pressed(chaired, f"give_floor:{slot}")
    assert given.holder is not None
    assert (given.holder.slot, given.holder.limit_ms) == (slot, UNLIMITED_MS)
    assert pressed(chaired, "give_floor").holder is not None
    history = pressed(chaired, "end_floor").history
    assert [held.slot for held in history] == [slot, first, slot, second]
    closed = pressed(chaired, "close_segment")
    assert closed.past[-1].slots[second].state == "delivered"


def test_the_console_names_the_chair_beside_the_list(chaired: World) -> None:
    slot = chair_of(chaired).id.hex
    seen = console(chaired.hearing, chaired.panels[0].meeting)
    assert [row.slot.id for row in seen.chairs] == [slot]
    assert slot not in [row.slot.id for row in (*seen.rows, *seen.upcoming)]
    client = chaired.client(chaired.moderator)
    meeting = chaired.panels[0].meeting_id
    page = client.get(reverse("room:console-of", args=(chaired.hearing.slug, meeting))).text
    assert f'value="give_floor:{slot}"' in page
    assert "Chair · Senator" in page
    pressed(chaired, f"give_floor:{slot}")
    seen = console(chaired.hearing, chaired.panels[0].meeting)
    assert seen.holder is not None
    assert seen.holder.speaker.name == NAME


def test_a_limit_of_the_segment_is_the_chairs(world: World) -> None:
    segment = world.panels[0]
    segment.chair_limit_s = 240
    segment.save(update_fields=("chair_limit_s",))
    chair = segment.members.create(role=PanelMember.CHAIR, name=NAME)
    world.open_panel()
    given = pressed(world, f"give_floor:{chair.id.hex}")
    assert given.holder is not None
    assert given.holder.limit_ms == 240_000


def test_screens_and_plate_say_chair(chaired: World) -> None:
    member = chair_of(chaired)
    slot = member.id.hex
    now = pressed(chaired, f"give_floor:{slot}")
    view = view_of(chaired.panels[0].meeting, now)
    assert (view["holder"]["name"], view["holder"]["chairs"]) == (NAME, True)
    assert view["clock"]["limit_ms"] == UNLIMITED_MS
    assert engine._places(now)[slot]["line"] == "Chair, Senator"
    chaired.clock.advance(60_000)
    pressed(chaired, "give_floor")
    names = display_names(now.slots.values())
    lines = chronicle.lines(floor(chaired))
    texts = chronicle.ChronicleTexts.of(lines, floor(chaired), chaired.panels, names)
    spoke = [texts.as_data(line) for line in lines if line.kind == "floor"]
    assert [(line["name"] == NAME, line["chairs"]) for line in spoke] == [
        (False, False),
        (True, True),
    ]
    hall = chaired.client(chaired.moderator).get(reverse("room:hall", args=(chaired.hearing.slug,)))
    assert 'data-when="holder.chairs"' in hall.text


def shown(world: World) -> str:
    """Return what the chair's seat shows about its slot."""
    states = slot_states(world.hearing.id, floor(world))
    return str(states[chair_of(world).id.hex]["show"])


def test_the_seat_says_what_the_chair_can_do(chaired: World) -> None:
    slot = chair_of(chaired).id.hex
    assert shown(chaired) == "chair"
    person = Person.objects.get(email="chair@hearing.example")
    client = chaired.client(person)
    page = client.get(reverse("room:own-seat", args=(chaired.hearing.slug,)))
    assert "You chair this segment." in page.text
    (session,) = SignInSession.objects.filter(person=person)
    holders = frozenset({session.pk.hex})
    assert welcome_at_seats(chaired.hearing.id, holders) == holders
    pressed(chaired, f"give_floor:{slot}")
    assert shown(chaired) == "speaking"
    pressed(chaired, "end_floor")
    assert shown(chaired) == "chair"
    pressed(chaired, "close_segment")
    assert shown(chaired) == "delivered"


def test_a_chair_who_did_not_speak_is_not_missed(chaired: World) -> None:
    pressed(chaired, "close_segment")
    assert shown(chaired) == ""


def test_coverage_counts_what_the_chair_said(chaired: World) -> None:
    slot = chair_of(chaired).id.hex
    given = pressed(chaired, f"give_floor:{slot}")
    chaired.clock.advance(90_000)
    chaired.press(c.CloseSegment())
    chaired.press(c.CloseMeeting())
    turns = chair_turns(chaired.hearing)
    assert [(turn.name, turn.used_ms) for turn in turns] == [(NAME, 90_000)]
    found = queries.interventions_covered([], [], turns)
    assert (found.made, found.with_text, found.chaired) == (1, 0, tuple(turns))
    actions.draft(hearing=chaired.hearing, actor=chaired.office)
    page = chaired.client().get(reverse("summary:coverage", args=(chaired.hearing.slug,))).text
    assert given.holder is not None
    assert "Spoken from the chair" in page
    assert f"#c-floor-{given.holder.giving}" in page
