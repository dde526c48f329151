"""Meetings in people's calendars: requested once, moved with the programme, and cancelled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers import day_before
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup import plan_changes
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.mail.outgoing import announcing, calendar_entries
from hemicycle.mail.outgoing.delivery import mail
from hemicycle.mail.outgoing.models import CalendarEntry, Message
from hemicycle.mail.outgoing.signals import expected_attendance
from hemicycle.record import clock, erasure

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db


def accepted(world: World, row: Registration) -> Registration:
    Registration.objects.filter(pk=row.pk).update(status=Registration.Status.ACCEPTED)
    return row


def told(row: Registration) -> list[dict[str, str]]:
    """Return the calendar object of each calendar message to a person, in order."""
    found = Message.objects.filter(purpose=Message.Purpose.CALENDAR, person=row.person)
    return [fields(message) for message in found.order_by("queued_at", "once")]


def fields(message: Message) -> dict[str, str]:
    """Return the properties of a message's calendar object, with unfolded lines."""
    (enclosure,) = message.enclosures.all()
    whole = bytes(enclosure.content).decode().replace("\r\n ", "")
    assert whole.endswith("END:VCALENDAR\r\n")
    pairs = (line.partition(":") for line in whole.split("\r\n"))
    return {name.partition(";")[0]: value for name, _colon, value in pairs if name}


def brief(entry: dict[str, str]) -> tuple[str, ...]:
    return tuple(entry[name] for name in ("METHOD", "SEQUENCE", "STATUS", "DTSTART"))


def test_entries_follow_the_programme(world: World) -> None:
    row = accepted(world, world.ngo("Open Doors", 0))
    assert calendar_entries.bring_up_to_date() == 0  # calendar entries are off
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)
    assert [calendar_entries.bring_up_to_date() for _round in range(2)] == [1, 0]
    meeting = Meeting.objects.get(pk=world.panels[0].meeting_id)
    meeting.starts_at += timedelta(minutes=30)
    meeting.save()
    world.clock.advance(1000)
    assert calendar_entries.bring_up_to_date() == 0  # the office announces the change first
    shown = plan_changes.digest(plan_changes.pending(world.hearing))
    announcing.announce(hearing=world.hearing, shown=shown, actor=world.office)
    assert [calendar_entries.bring_up_to_date() for _round in range(2)] == [1, 0]
    Registration.objects.filter(pk=row.pk).update(status=Registration.Status.WITHDRAWN)
    world.clock.advance(1000)
    assert [calendar_entries.bring_up_to_date() for _round in range(2)] == [1, 0]
    entries = told(row)
    assert [brief(entry) for entry in entries] == [
        ("REQUEST", "0", "CONFIRMED", "20210713T140000Z"),
        ("REQUEST", "1", "CONFIRMED", "20210713T143000Z"),
        ("CANCEL", "2", "CANCELLED", "20210713T143000Z"),
    ]
    assert len({entry["UID"] for entry in entries}) == 1
    assert entries[0]["ATTENDEE"] == f"mailto:{row.person.email}"
    accepted(world, row)
    world.clock.advance(1000)
    calendar_entries.bring_up_to_date()
    assert brief(told(row)[-1])[:2] == ("REQUEST", "3")


def test_whoever_follows_has_every_meeting_and_what_is_over_is_left(world: World) -> None:
    row = accepted(world, world.ngo("Listeners"))
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)
    assert calendar_entries.bring_up_to_date() == world.hearing.meetings.count() == 2
    last = world.hearing.meetings.last()
    assert last is not None
    world.clock.move_to(clock.to_ms(last.ends_at) + 1)
    Registration.objects.filter(pk=row.pk).update(status=Registration.Status.WITHDRAWN)
    assert calendar_entries.bring_up_to_date() == 0


def test_the_part_that_mail_programs_act_upon(world: World) -> None:
    row = accepted(world, world.ngo('Quote "and"; comma', 0, speaker='Ana "A"; Ruiz, é' * 9))
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)
    calendar_entries.bring_up_to_date()
    message = Message.objects.get(purpose=Message.Purpose.CALENDAR, person=row.person)
    written = mail.write(message, world.hearing, list(message.enclosures.all()))
    part = next(p for p in written.message.walk() if p.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST"
    assert part.get_content_charset() == "utf-8"
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert max(map(len, payload.split(b"\r\n"))) <= 75
    assert not re.search(rb"(?<!\r)\n", payload)
    assert b'CN="Ana A' in payload
    assert "Content-Disposition" not in part  # mail programs ignore it as an attachment


def test_erasing_a_person_takes_their_entries_and_files(world: World) -> None:
    row = accepted(world, world.ngo("Open Doors", 0))
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)
    calendar_entries.bring_up_to_date()
    erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
    assert not CalendarEntry.objects.exists()
    assert not Message.objects.filter(purpose=Message.Purpose.CALENDAR).exists()
    assert calendar_entries.bring_up_to_date() == 0


def test_a_days_notice_of_place_and_time_once(world: World) -> None:
    first = world.mission("Estmere", 0)
    world.ngo("Open Doors", 0, 1)
    assert day_before.tell() == 0  # the meeting is not near yet
    world.clock.move_to(clock.to_ms(world.panels[0].starts_at - timedelta(hours=23)))
    assert [day_before.tell() for _round in range(2)] == [2, 0]
    world.clock.move_to(clock.to_ms(world.panels[1].starts_at - timedelta(hours=23)))
    assert day_before.tell() == 1
    letter = Message.objects.get(purpose=Message.Purpose.FORECAST, person=first.person)
    assert "You are number 1 on its list of speakers." in letter.body
    assert "You can expect the floor between" in letter.body


def test_whoever_is_erased_while_entries_are_made_gets_none(world: World) -> None:
    row = accepted(world, world.ngo("Open Doors", 0))
    other = accepted(world, world.ngo("Lake Watch", 0))
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)

    @expected_attendance.connect
    def erase_meanwhile(hearing: Hearing) -> Iterator[tuple[Person, Meeting]]:
        erasure.erase(hearing=hearing.pk, person=row.person_id, actor=world.office)
        yield from ()

    try:
        assert calendar_entries.bring_up_to_date() == 1
    finally:
        expected_attendance.disconnect(erase_meanwhile)
    assert [entry.person for entry in CalendarEntry.objects.all()] == [other.person]
    assert not Message.objects.filter(person=row.person).exists()


def test_an_entry_is_not_struck_out_for_whoever_is_erased_meanwhile(world: World) -> None:
    row = accepted(world, world.ngo("Open Doors", 0))
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)
    calendar_entries.bring_up_to_date()
    Registration.objects.filter(pk=row.pk).update(status=Registration.Status.WITHDRAWN)
    (known,) = CalendarEntry.objects.select_related("person")
    erasure.erase(hearing=world.hearing.pk, person=row.person_id, actor=world.office)
    assert calendar_entries._cancel(world.hearing, known) == 0
    assert not CalendarEntry.objects.exists()
    assert not Message.objects.filter(person=row.person).exists()
