"""The moderator adds people in the room to the open list, if the hearing's rule allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.before.registration import walk_ups
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.setup.models import Segment
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.support.lists import accept

if TYPE_CHECKING:
    from tests.support.lists import World

WHY = "The chair agreed in the room."


@pytest.fixture
def mission(world: World) -> Registration:
    """A mission without a place, while a panel with one speaker is open."""
    set_rule(world, walk_ups=True)
    world.ngo("Open Doors", 0)
    world.ngo("Aardvark Trust", accepted=False)
    found = world.mission("Sylvania")
    world.open_panel()
    return found


def panel_of(world: World) -> Segment:
    """Return the open panel as it is stored now, with its hearing."""
    return Segment.objects.select_related("meeting__hearing").get(pk=world.panels[0].pk)


def set_rule(world: World, *, walk_ups: bool) -> None:
    world.hearing.walk_ups = walk_ups
    world.hearing.save()


def add(world: World, registration: Registration, reason: str = WHY) -> str:
    row = walk_ups.add(
        registration=registration, segment=panel_of(world), reason=reason, actor=world.chair
    )
    return row.id.hex


def path(world: World) -> str:
    return reverse("room:walk-up", args=(world.hearing.slug, world.panels[0].meeting_id))


def order(world: World) -> tuple[str, ...]:
    return floor_of(world.panels[0].meeting_id).order


def test_who_is_in_the_room_comes_after_everybody_on_the_list(
    world: World, mission: Registration
) -> None:
    before = order(world)
    slot = add(world, mission)
    assert order(world) == (*before, slot)
    entry = Entry.objects.get(hearing=world.hearing.id, kind="speaker.admitted_late")
    assert (entry.role, entry.fields()["inscription"]) == ("moderator", slot)
    assert world.inscription(mission).is_late
    world.press(c.GiveFloor(slot))
    assert floor_of(world.panels[0].meeting_id).microphones == {slot}


def test_the_console_offers_who_is_connected_first_and_adds_them(
    world: World, mission: Registration
) -> None:
    other = Registration.objects.get(organization__name="Aardvark Trust")
    accept(other)
    world.press(c.Join("c" * 32, mission.person_id.hex))
    client = world.client(world.moderator)
    updates = reverse("room:console-updates", args=(world.hearing.slug, world.panels[0].meeting_id))
    assert f'href="{path(world)}"' in client.get(updates).content.decode()
    asked = client.get(path(world), headers={"HX-Request": "true"}).content.decode()
    here, absent = asked.index(str(mission.id)), asked.index(str(other.id))
    assert here < absent
    assert asked.count("(in the room)") == 1
    client.post(path(world), {"registration": str(mission.id), "note": WHY})
    assert order(world)[-1] == world.inscription(mission).id.hex
    again = client.post(path(world), {"registration": str(mission.id), "note": WHY}, follow=True)
    assert "already on the list" in again.content.decode()
    for wrong in ("", "x", str(world.panels[0].id)):
        page = client.post(path(world), {"registration": wrong, "note": WHY}, follow=True)
        assert "Choose whom to add to the list." in page.content.decode()


def test_only_who_takes_part_is_offered_and_added(world: World, mission: Registration) -> None:
    waits = Registration.objects.get(organization__name="Aardvark Trust")
    segment, floor = panel_of(world), floor_of(world.panels[0].meeting_id)
    assert walk_ups.candidates(segment, floor) == [mission]
    with pytest.raises(RegistrationRefused, match="was accepted"):
        add(world, waits)
    world.press(c.Join("c" * 32, mission.person_id.hex))
    world.press(c.RemoveParticipant(mission.person_id.hex))
    assert walk_ups.candidates(segment, floor_of(segment.meeting_id)) == []
    with pytest.raises(RegistrationRefused, match="was removed"):
        add(world, mission)


def test_without_a_reason_a_rule_an_open_list_or_a_place_nobody_is_added(
    world: World, mission: Registration
) -> None:
    before = order(world)
    with pytest.raises(RegistrationRefused, match="Give the reason"):
        add(world, mission, "  ")
    world.panels[0].max_inscriptions = 1
    world.panels[0].save()
    with pytest.raises(RegistrationRefused):
        add(world, mission)
    world.panels[0].max_inscriptions = None
    world.panels[0].save()
    world.press(c.CloseList())
    with pytest.raises(RegistrationRefused, match="closed"):
        add(world, mission)
    world.press(c.ReopenList())
    set_rule(world, walk_ups=False)
    with pytest.raises(RegistrationRefused, match="rules of this hearing"):
        add(world, mission)
    world.press(c.CloseSegment())
    set_rule(world, walk_ups=True)
    with pytest.raises(RegistrationRefused, match="while their panel is open"):
        add(world, mission)
    assert order(world) == before


def test_the_moderator_takes_the_press_back(world: World, mission: Registration) -> None:
    before = order(world)
    add(world, mission)
    world.press(c.Undo())
    assert order(world) == before
    assert world.inscription(mission).state == "withdrawn"
    slot = add(world, mission)
    assert order(world) == (*before, slot)
