"""Retention: personal data is erased automatically on its day, and a failure stops no round."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from hemicycle.before.questions.models import Question
from hemicycle.before.registration import changes, housekeeping
from hemicycle.before.registration.models import MissionAddress
from hemicycle.hearing.people import actions as people
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup import document_mapping, retention
from hemicycle.hearing.setup.models import Hearing, Meeting, PanelMember
from hemicycle.hearing.setup.signals import retention_over
from hemicycle.mail.outgoing.models import Message, Recipient
from hemicycle.record import clock, erased_list, erasure
from hemicycle.record.models import Entry, UnfinishedErasure
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer
from tests.support.lists import listed_missions, reference_world

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("time")


def names(world: World) -> set[str]:
    rows = world.hearing.registrations.values_list("person__name", flat=True)
    return set(rows)


def test_people_are_erased_after_their_day_and_not_before(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    day_ms = 86_400_000
    held_until = (ngo.keep_until - world.hearing.meetings.get(ordinal=1).starts_at.date()).days
    world.clock.advance((held_until + 12) * day_ms)
    assert housekeeping.erase_due() == 0
    world.clock.advance(3 * day_ms)
    assert housekeeping.erase_due() == len({ngo.person_id, world.moderator.id})
    assert names(world) == {""}
    assert housekeeping.erase_due() == 0
    last = Entry.objects.filter(hearing=world.hearing.id).latest("seq")
    assert (last.kind, last.actor) == ("person.erased", "system:housekeeping")


def waiting() -> int:
    return DBTaskResult.objects.filter(status=TaskResultStatus.READY).count()


def test_one_round_waits_however_often_it_is_ordered(db: None) -> None:
    for _ in range(3):
        housekeeping.schedule(after=timedelta(days=1))
    assert waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_runs_a_round_and_orders_the_next() -> None:
    housekeeping.schedule()
    call_command("db_worker", batch=True, interval=0.1, verbosity=0)
    states = sorted(DBTaskResult.objects.values_list("status", flat=True))
    assert states == [TaskResultStatus.READY, TaskResultStatus.SUCCESSFUL]
    assert waiting() == 1


def postpone(world: World, days: int) -> None:
    """Move the whole programme by `days` days, as the office does."""
    data = document_mapping.to_document(hearings.whole(world.hearing.id))
    day = data["meetings"][0]["date"] + timedelta(days=days)
    moved = documents.shifted(data, day)
    hearings.change(hearing=world.hearing, data=moved, actor=world.office)


def day_of(registration: Registration) -> date:
    registration.refresh_from_db()
    return registration.keep_until


def go_to(world: World, day: date) -> None:
    """Move the clock to noon of a day in the time zone in which that day ends last."""
    world.clock.move_to(clock.to_ms(datetime.combine(day, time(12), retention.LAST_ZONE)))


def erased_on(world: World, day: date) -> bool:
    """Return whether the round of this day, unlike that of the day before, erases people."""
    go_to(world, day - timedelta(days=1))
    assert housekeeping.erase_due() == 0
    go_to(world, day)
    return housekeeping.erase_due() > 0


def test_a_postponed_hearing_keeps_its_people_until_it_has_taken_place(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    before = ngo.keep_until
    postpone(world, 400)
    assert day_of(ngo) == before + timedelta(days=400)
    assert erased_on(world, before + timedelta(days=401))


def test_a_shortened_hearing_lets_its_people_go_after_its_new_end(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    last = world.hearing.meetings.latest("ordinal")
    Meeting.objects.filter(pk=last.pk).update(
        starts_at=last.starts_at + timedelta(days=3), ends_at=last.ends_at + timedelta(days=3)
    )
    long = retention.keep_until_of(world.hearing)
    world.clock.move_to(clock.to_ms(last.ends_at))
    hearings.end(hearing=world.hearing, actor=world.office)
    assert day_of(ngo) == long - timedelta(days=3)
    assert erased_on(world, long - timedelta(days=2))


def test_a_cancelled_hearing_lets_its_people_go_after_its_cancellation(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    cancelled = clock.now().astimezone(world.hearing.zone).date()
    hearings.end(hearing=world.hearing, actor=world.office)
    kept = cancelled + timedelta(days=world.hearing.retention_days)
    assert day_of(ngo) == kept
    assert erased_on(world, kept + timedelta(days=1))


def test_the_end_of_a_hearing_that_is_pressed_late_postpones_nothing(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    before = ngo.keep_until
    world.clock.advance(60 * 86_400_000)
    hearings.end(hearing=world.hearing, actor=world.office)
    assert day_of(ngo) == before


@pytest.mark.parametrize("days", [1, 30, 36_500])
def test_the_setting_moves_the_day_of_those_who_are_registered_already(
    world: World, days: int
) -> None:
    ngo = world.ngo("River Watch", 0)
    ended = ngo.keep_until - timedelta(days=world.hearing.retention_days)
    data = document_mapping.to_document(hearings.whole(world.hearing.id))
    changed = {**data, "retention_days": days}
    hearings.change(hearing=world.hearing, data=changed, actor=world.office)
    assert day_of(ngo) == ended + timedelta(days=days)
    assert erased_on(world, ended + timedelta(days=days + 1))


def test_a_hearing_without_a_programme_is_kept(world: World) -> None:
    world.ngo("River Watch", 0)
    draft = hearings.convene('title = "Not yet"\nslug = "not-yet"')
    assert retention.keep_until_of(draft) == date.max
    assert draft not in set(retention.past_retention())


def past(world: World) -> None:
    """Move the clock to the day after the last day on which the hearing's data is kept."""
    go_to(world, retention.keep_until_of(world.hearing) + timedelta(days=1))


def kept() -> set[str]:
    """Return the e-mail addresses that the database still holds."""
    return set(Person.objects.exclude(email="").values_list("email", flat=True))


def test_all_who_took_part_are_erased_and_the_secretariat_goes_on(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    changes.replace_speaker(
        registration=ngo,
        name="Ms Second",
        email="second@hearing.example",
        title="",
        actor=world.office,
    )
    panellist = Person.objects.create(name="Prof Panel", email="panel@hearing.example")
    member = PanelMember.objects.filter(segment=world.panels[0]).first()
    assert member is not None
    PanelMember.objects.filter(pk=member.pk).update(person=panellist, name="Prof Panel")
    PanelMember.objects.exclude(pk=member.pk).update(alias="Another name")
    past(world)
    assert housekeeping.erase_due() == 4  # two speakers, the panellist and the moderator
    assert kept() == {world.secretary.email}
    housekeeping.clear_hearings()
    assert set(PanelMember.objects.values_list("name", "alias")) == {("—", "")}
    assert (housekeeping.erase_due(), housekeeping.clear_hearings()) == (0, 0)


def test_letters_lists_and_what_missions_write_from_go_with_the_hearing(world: World) -> None:
    world.mission("Ruritania", 0)
    listed_missions(world, "mission@ruritania.example")
    assert Recipient.objects.exclude(address="").exists()
    past(world)
    housekeeping.erase_due()
    housekeeping.clear_hearings()
    for model in (Message, Recipient, MissionAddress):
        assert not model.objects.exists(), model


@contextmanager
def faulty(person: UUID | None = None) -> Iterator[None]:
    """Make the erasure of one person, or of everyone, fail until the end of the block."""

    def break_down(whom: UUID, record: Writer) -> list[str]:
        if person in {None, whom}:
            Question.objects.update(text="half done")
            raise OSError("the disk is gone")
        return []

    person_erased.connect(break_down)
    try:
        yield
    finally:
        person_erased.disconnect(break_down)


def test_one_who_cannot_be_erased_keeps_nobody_else(world: World) -> None:
    stuck, free = world.ngo("River Watch", 0, question="Who pays?"), world.ngo("Lake Watch", 0)
    past(world)
    with faulty(stuck.person_id):
        assert housekeeping.erase_due() == 2  # the other registrant and the moderator
    stuck.person.refresh_from_db()
    free.person.refresh_from_db()
    assert free.person.erased_at is not None
    assert (stuck.person.name, stuck.person.erased_at) == ("", None)
    assert stuck.person.email, "erasers that failed find rows by the address"
    assert [question.text for question in stuck.questions.all()] == [""]


def test_what_failed_is_shown_to_the_office_and_tried_again(world: World) -> None:
    stuck = world.ngo("River Watch", 0)
    past(world)
    with faulty(stuck.person_id):
        housekeeping.erase_due()
        housekeeping.erase_due()
    (row,) = UnfinishedErasure.objects.all()
    assert (row.person, row.attempts) == (stuck.person_id.hex, 2)
    assert row.kinds[0].endswith("break_down")
    overview = f"/office/{world.hearing.slug}/"
    said = "erasure could not be completed"
    assert said in world.client().get(overview).text
    assert housekeeping.erase_due() == 1
    assert not UnfinishedErasure.objects.exists()
    assert said not in world.client().get(overview).text
    stuck.person.refresh_from_db()
    assert stuck.person.erased_at is not None
    entries = Entry.objects.filter(kind="person.erased", body__contains=stuck.person_id.hex)
    assert entries.count() == 1, "the record says erased once nothing is left"


def test_one_kind_of_data_that_cannot_be_deleted_keeps_no_other(world: World) -> None:
    world.mission("Ruritania", 0)
    past(world)

    def break_down(hearing: Hearing) -> int:
        raise OSError("the disk is gone")

    receivers = retention_over._receivers
    receivers.insert(0, break_down)
    try:
        housekeeping.clear_hearings()
    finally:
        retention_over.disconnect(break_down)
    assert not MissionAddress.objects.exists()
    (row,) = UnfinishedErasure.objects.all()
    assert row.person == ""
    housekeeping.clear_hearings()
    assert not UnfinishedErasure.objects.exists()


def test_a_chore_that_fails_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ngo = world.ngo("River Watch", 0)
    past(world)

    def break_down() -> int:
        raise OSError("the disk is gone")

    monkeypatch.setattr(housekeeping, "CHORES", (break_down, *housekeeping.CHORES))
    housekeeping.keep_house.func()
    ngo.person.refresh_from_db()
    assert ngo.person.erased_at is not None
    assert waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_whom_a_restored_backup_brings_back_is_erased_again(settings: Any, tmp_path: Path) -> None:
    settings.ERASED_LIST = tmp_path / "erased.jsonl"
    with reference_world() as world:
        gone, stays = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
        erasure.erase(hearing=world.hearing.id, person=gone.person_id, actor=world.office)
        assert housekeeping.erase_again() == 0
        # A person as in a restored backup, which does not know of the erasure.
        backup = world.ngo("Sea Watch", 0)
        line = {"hearing": world.hearing.id.hex, "person": backup.person_id.hex, "at": 1}
        nobody = line | {"person": "0" * 32}
        elsewhere = line | {"hearing": "1" * 32}
        with settings.ERASED_LIST.open("a") as file:
            for told in (line, nobody, elsewhere):
                file.write(f"{json.dumps(told)}\n")
            file.write('{"hearing": 3}\nnot a line\n')
        assert housekeeping.erase_again() == 1
        assert housekeeping.erase_again() == 0
        for registration, erased in ((gone, True), (stays, False), (backup, True)):
            registration.person.refresh_from_db()
            assert (registration.person.erased_at is not None) is erased


@pytest.mark.django_db(transaction=True)
def test_a_list_that_missed_somebody_is_completed(settings: Any, tmp_path: Path) -> None:
    settings.ERASED_LIST = tmp_path / "nowhere" / "erased.jsonl"
    with reference_world() as world:
        ngo = world.ngo("River Watch", 0)
        erasure.erase(hearing=world.hearing.id, person=ngo.person_id, actor=world.office)
        told = [(world.hearing.id, ngo.person_id)]
        assert list(erased_list.read()) == told
        settings.ERASED_LIST.unlink()
        erased_list.complete()
        erased_list.complete()
        assert len(settings.ERASED_LIST.read_text().splitlines()) == 1
        assert list(erased_list.read()) == told


def test_whoever_was_dismissed_is_erased_with_the_others(world: World) -> None:
    operator = Person.objects.create(name="Otto Operator", email="otto@hearing.example")
    role = people.appoint(
        person=operator, hearing_id=world.hearing.id, role=Role.TECHNICIAN, actor=world.office
    )
    people.dismiss(appointment=role, actor=world.office)
    hearings.end(hearing=world.hearing, actor=world.office)  # this ends the moderator's role too
    past(world)
    assert housekeeping.erase_due() == len({operator.pk, world.moderator.pk})
    assert kept() == {world.secretary.email}


def test_one_of_the_secretariat_who_also_moderates_goes_on(world: World) -> None:
    people.appoint(
        person=world.secretary,
        hearing_id=world.hearing.id,
        role=Role.MODERATOR,
        actor=world.office,
    )
    past(world)
    housekeeping.erase_due()
    assert kept() == {world.secretary.email}
