"""A hearing that is postponed without new dates: its people's data, and its pages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.before.registration import housekeeping, links
from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers import day_before
from hemicycle.hearing.setup import actions, document_mapping, retention
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.mail.outgoing import calendar_entries
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

YEAR = timedelta(days=365)
UNKNOWN = "personal data will be deleted: the hearing is postponed and has no new dates"


def go_to(world: World, day: date) -> None:
    """Move the clock to noon of a day in the last time zone of the world."""
    world.clock.move_to(clock.to_ms(datetime.combine(day, time(12), retention.LAST_ZONE)))


def postpone(world: World) -> Hearing:
    return actions.postpone(hearing=world.hearing, actor=world.office)


def move(world: World, first: date) -> None:
    """Set new dates as the office does, with the first meeting on that day."""
    data = document_mapping.to_document(actions.whole(world.hearing.id))
    actions.change(hearing=world.hearing, data=documents.shifted(data, first), actor=world.office)


def kinds(world: World) -> list[str]:
    told = Entry.objects.filter(hearing=world.hearing.id, kind__startswith="hearing.")
    return list(told.order_by("seq").values_list("kind", flat=True))


def test_nobody_is_erased_while_the_new_dates_are_not_known(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    planned = ngo.keep_until
    postpone(world)
    ngo.refresh_from_db()
    assert ngo.keep_until == retention.keep_until_of(world.hearing) == date.max
    go_to(world, planned + 3 * YEAR)
    assert (housekeeping.erase_due(), housekeeping.clear_hearings()) == (0, 0)
    assert kinds(world)[-1] == "hearing.postponed"


def test_new_dates_bring_the_day_of_deletion_back(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    planned = ngo.keep_until
    first = world.hearing.meetings.get(ordinal=1).starts_at.date()
    postpone(world)
    go_to(world, planned + YEAR)
    move(world, first + 3 * YEAR)
    ngo.refresh_from_db()
    assert ngo.keep_until == planned + 3 * YEAR
    assert Hearing.objects.get(pk=world.hearing.pk).postponed_at is None
    assert kinds(world)[-1] == "hearing.rescheduled"
    go_to(world, planned + 3 * YEAR)
    assert housekeeping.erase_due() == 0
    go_to(world, planned + 3 * YEAR + timedelta(days=1))
    assert housekeeping.erase_due() > 0


def test_a_change_of_anything_else_leaves_it_postponed(world: World) -> None:
    postpone(world)
    go_to(world, retention.keep_until(world.hearing, clock.now()) - YEAR)
    data = document_mapping.to_document(actions.whole(world.hearing.id))
    data["venue"] = "Hall 4"
    actions.change(hearing=world.hearing, data=data, actor=world.office)
    go_to(world, date(2022, 1, 1))
    move(world, date(2021, 7, 14))  # corrects the wrong date of the postponed meeting
    assert Hearing.objects.get(pk=world.hearing.pk).is_postponed


def test_the_period_of_one_that_is_cancelled_runs_from_that_day(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    postpone(world)
    cancelled = ngo.keep_until + YEAR
    go_to(world, cancelled)
    actions.end(hearing=world.hearing, actor=world.office)
    ngo.refresh_from_db()
    on_site = clock.now().astimezone(world.hearing.zone).date()
    assert ngo.keep_until == on_site + timedelta(days=world.hearing.retention_days)
    assert housekeeping.erase_due() == 0
    go_to(world, ngo.keep_until + timedelta(days=1))
    assert housekeeping.erase_due() > 0


def test_the_old_dates_can_hold_again(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    planned = ngo.keep_until
    postpone(world)
    postpone(world)  # pressed twice
    for _press in range(2):
        actions.keep_dates(hearing=world.hearing, actor=world.office)
    ngo.refresh_from_db()
    assert ngo.keep_until == planned
    assert kinds(world)[-2:] == ["hearing.postponed", "hearing.rescheduled"]


def refusal(world: World) -> str:
    with pytest.raises(InvalidDocument) as refused:
        postpone(world)
    assert not Hearing.objects.get(pk=world.hearing.pk).is_postponed
    return str(refused.value)


def test_what_is_held_is_not_postponed(world: World) -> None:
    world.open_panel(0)
    assert refusal(world) == "A meeting is open. Close it first."
    world.press(c.CloseSegment())
    world.press(c.CloseMeeting())
    postpone(world)  # the second day has not been held
    actions.keep_dates(hearing=world.hearing, actor=world.office)
    world.open_panel(1)
    world.press(c.CloseSegment(), 1)
    world.press(c.CloseMeeting(), 1)
    assert "has been held" in refusal(world)
    assert "Postpone the hearing" not in office_page(world)
    actions.end(hearing=world.hearing, actor=world.office)
    assert refusal(world).startswith("Only a published hearing")


def office_page(world: World, part: str = "") -> str:
    return world.client().get(f"/office/{world.hearing.slug}/{part}").text


def test_every_page_says_that_the_day_is_not_known_and_why(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    slug = world.hearing.slug
    personal = f"/my/{links.secret_of(ngo)}/"
    for page in (f"/h/{slug}/privacy/", personal):
        assert UNKNOWN not in Client().get(page).text
    assert "13 July 2022" in Client().get(f"/h/{slug}/privacy/").text
    office = world.client()
    assert "not known" in office.get(f"/office/{slug}/postpone/").text
    office.post(f"/office/{slug}/postpone/")
    for page in (f"/h/{slug}/privacy/", personal, f"/h/{slug}/register/"):
        shown = Client().get(page).text
        assert UNKNOWN in shown, page
        assert "2022" not in shown
        assert "9999" not in shown
    for part in ("", "privacy/"):
        assert UNKNOWN in office_page(world, part)
    public = Client().get(f"/h/{slug}/").text
    assert "This hearing is postponed" in public
    assert "EventPostponed" in public
    assert "Postponed: the new dates are not known yet." in Client().get("/").text
    assert "BEGIN:VEVENT" not in Client().get(f"{personal}calendar/").text
    assert Client().get(f"/api/v1/hearings/{slug}").json()["is_postponed"] is True
    office.post(f"/office/{slug}/postpone/", {"keep": "1"})
    assert UNKNOWN not in Client().get(personal).text
    assert "EventScheduled" in Client().get(f"/h/{slug}/").text


def test_a_hearing_whose_old_dates_passed_is_not_said_to_be_over(world: World) -> None:
    postpone(world)
    last = world.hearing.meetings.latest("ordinal")
    for moment in (last.starts_at + timedelta(minutes=5), last.ends_at + YEAR):
        world.clock.move_to(clock.to_ms(moment))
        shown = Client().get(f"/h/{world.hearing.slug}/").text
        assert "This hearing is postponed" in shown
        assert "This hearing has ended" not in shown
        assert "in session" not in shown
        assert "Cancel the hearing" in office_page(world)


def test_calendars_and_letters_follow(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)
    assert calendar_entries.bring_up_to_date() == 1
    calendar = f"/h/{world.hearing.slug}/calendar.ics"
    meetings = Client().get(calendar).text.count("DTEND")
    postpone(world)
    assert (meetings, Client().get(calendar).text.count("DTEND")) == (2, 0)
    assert [calendar_entries.bring_up_to_date() for _round in range(2)] == [1, 0]
    first = world.hearing.meetings.get(ordinal=1).starts_at
    world.clock.move_to(clock.to_ms(first - timedelta(hours=2)))
    assert day_before.tell() == 0
    actions.keep_dates(hearing=world.hearing, actor=world.office)
    assert (calendar_entries.bring_up_to_date(), day_before.tell()) == (1, 1)
    letters = Message.objects.filter(person=ngo.person, purpose=Message.Purpose.CALENDAR)
    assert letters.count() == 3


def test_a_cancelled_hearing_leaves_calendars(world: World) -> None:
    world.ngo("River Watch", 0)
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)
    calendar_entries.bring_up_to_date()
    actions.end(hearing=world.hearing, actor=world.office)
    assert [calendar_entries.bring_up_to_date() for _round in range(2)] == [1, 0]


def test_whoever_leaves_a_postponed_hearing_is_withdrawn(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    postpone(world)
    world.clock.move_to(clock.to_ms(world.hearing.meetings.latest("ordinal").ends_at + YEAR))
    Client().post(f"/my/{links.secret_of(ngo)}/erase/", {"sure": "on"})
    ngo.refresh_from_db()
    assert ngo.status == Registration.Status.WITHDRAWN
