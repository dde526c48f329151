"""What a technician may do: take back the floor, remove people with a reason, readmit them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World


@pytest.fixture
def technician(panel: World) -> Client:
    person = Person.objects.create(name="A technician", email="technician@hearing.example")
    Appointment.objects.create(person=person, hearing_id=panel.hearing.id, role=Role.TECHNICIAN)
    return panel.client(person)


def act(world: World, client: Client, **data: str) -> str:
    path = reverse("room:technician-act", args=(world.hearing.slug,))
    return client.post(path, data, follow=True).content.decode()


def test_the_floor_is_taken_back(panel: World, technician: Client) -> None:
    panel.press(c.GiveFloor())
    act(panel, technician, press="end_floor")
    floor = floor_of(panel.panels[0].meeting_id)
    assert floor.holder is None
    assert floor.history[-1].reason == "moderator"
    entry = Entry.objects.filter(hearing=panel.hearing.id, kind="floor.ended").latest("seq")
    assert entry.role == "technician"


def test_somebody_is_removed_with_a_reason_and_readmitted(panel: World, technician: Client) -> None:
    floor = floor_of(panel.panels[0].meeting_id)
    person = floor.slots[floor.order[0]].person
    panel.press(c.Join("c" * 32, person, floor.order[0]))
    page = technician.get(reverse("room:technician", args=(panel.hearing.slug,)))
    assert f'value="{person}"' in page.content.decode()
    said = act(panel, technician, press="remove_participant", person=person, note=" ")
    assert "Give a reason." in said
    assert floor_of(panel.panels[0].meeting_id).removed == frozenset()
    act(panel, technician, press="remove_participant", person=person, note="Plays music.")
    assert floor_of(panel.panels[0].meeting_id).removed == {person}
    act(panel, technician, press="readmit_participant", person=person)
    assert floor_of(panel.panels[0].meeting_id).removed == frozenset()


def test_a_technician_gives_nobody_the_floor(panel: World, technician: Client) -> None:
    for press in ("give_floor", "open_discussion", "close_meeting", "undo", ""):
        path = reverse("room:technician-act", args=(panel.hearing.slug,))
        assert technician.post(path, {"press": press}).status_code == 400
    assert floor_of(panel.panels[0].meeting_id).holder is None
