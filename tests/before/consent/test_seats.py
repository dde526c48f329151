"""Panellists and moderators give or withdraw each consent on a separate page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.before.consent import queries, seats
from hemicycle.before.consent.models import SeatConsent, Use
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup import aliases
from hemicycle.meeting.cutting import actions as cutting
from hemicycle.meeting.room.engine import hearing_config
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from django.test import Client

    from hemicycle.hearing.setup.models import PanelMember
    from tests.support.lists import World

pytestmark = pytest.mark.any_database


@pytest.fixture
def member(world: World) -> PanelMember:
    """A panellist of the first panel, with a person behind the seat."""
    return _seated(world, Role.PANELLIST)


def _seated(world: World, role: Role) -> PanelMember:
    member = world.panels[0].members.filter(role=role).first()
    assert member is not None
    person = Person.objects.create(name=member.name, email=f"{role.value}@hearing.example")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=role)
    member.person = person
    member.save()
    return member


def own(world: World, member: PanelMember) -> Client:
    assert member.person is not None
    return world.client(member.person)


def page(world: World) -> str:
    return reverse("consent:seat", args=(world.hearing.slug,))


def test_a_panellist_sees_each_use_and_takes_it_back_once(
    world: World, member: PanelMember
) -> None:
    client = own(world, member)
    shown = client.get(page(world)).content.decode()
    assert all(str(line.use.label) in shown for line in seats.lines([member]))
    assert "In effect until you object." in shown
    for _time in range(2):
        client.post(page(world), {"take_back": "recording"})
    taken = Entry.objects.filter(kind="consent.seat_withdrawn")
    assert [entry.fields() for entry in taken] == [{"slot": member.id.hex, "use": "recording"}]
    assert queries.withheld([member.id.hex], Use.RECORDING) == {member.id.hex: {Use.RECORDING}}
    assert "Withdrawn:" in client.get(page(world)).content.decode()
    client.post(page(world), {"give": "recording"})
    assert queries.withheld([member.id.hex], Use.RECORDING) == {}


def test_a_moderator_is_asked_for_what_can_be_kept_to(world: World) -> None:
    moderator = _seated(world, Role.MODERATOR)
    client = own(world, moderator)
    shown = client.get(page(world)).content.decode()
    assert [line.use for line in seats.lines([moderator])] == [Use.PHOTOGRAPH]
    assert "Ask the secretariat to remove a part of the recording." in shown
    client.post(page(world), {"take_back": "webcast"})
    client.post(page(world), {"give": "photograph"})
    assert [(row.use, row.is_given) for row in SeatConsent.objects.all()] == [("photograph", True)]


def test_what_is_not_to_be_in_the_webcast_is_cut_from_the_first_word(
    world: World, member: PanelMember
) -> None:
    own(world, member).post(page(world), {"take_back": "webcast"})
    world.open_panel(0)
    assert list(hearing_config(world.hearing)["withheld"]) == [member.id.hex]
    world.press(c.GiveFloor())
    while not (orders := cutting.ordered()):
        world.press(c.EndFloor())
        world.press(c.GiveFloor())
    assert [order["order"]["to_ms"] for order in orders] == [None]
    world.clock.advance(5_000)
    world.press(c.EndFloor())
    (order,) = cutting.ordered()
    assert order["order"]["to_ms"] is not None
    assert "removal ordered. It stops being public" in own(world, member).get(page(world)).text


def test_the_office_takes_back_and_never_agrees(world: World, member: PanelMember) -> None:
    office, url = world.client(), reverse("consent:office", args=(world.hearing.slug,))
    assert member.name in office.get(url).content.decode()
    office.post(url, {"member": member.pk, "give": "photograph"})
    assert not SeatConsent.objects.exists()
    office.post(url, {"member": member.pk, "take_back": "recording"})
    assert queries.withheld([member.id.hex], Use.RECORDING) != {}
    assert office.post(url, {"member": "x", "take_back": "recording"}).status_code == 404


def test_nobody_without_a_seat_is_asked(world: World) -> None:
    person = Person.objects.create(name="Somebody", email="one@hearing.example")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=Role.PANELLIST)
    assert world.client(person).get(page(world)).status_code == 302
    assert aliases.seat_of(person, world.hearing.id) is None


def test_erasing_a_panellist_deletes_what_they_agreed_to(world: World, member: PanelMember) -> None:
    assert member.person is not None
    seats.change(
        hearing=world.hearing, member=member, use=Use.RECORDING, is_given=False, actor=world.office
    )
    erasure.erase(hearing=world.hearing.id, person=member.person.id, actor=world.office)
    assert not SeatConsent.objects.exists()
