"""Training sessions, from signing up to attendance."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import TestCase

from hemicycle.before.registration import changes, housekeeping, review
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.training import actions, cards, rooms
from hemicycle.before.training.actions import SessionPlan, TrainingRefused
from hemicycle.before.training.models import Session, SignUp
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure.commands import Join
from hemicycle.record import clock, erasure
from hemicycle.record.floor import act
from hemicycle.record.models import Entry
from tests.before.training.sessions import plan

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db
State = SignUp.State


def join(session: Session, registration: Registration) -> SignUp:
    return actions.sign_up(session=session, registration=registration, actor=actor_of(registration))


def leave(session: Session, registration: Registration) -> None:
    actions.sign_off(session=session, registration=registration, actor=actor_of(registration))


def come_in(session: Session, registration: Registration) -> None:
    """Enter the room as the person, and take the seat."""
    room = rooms.enter(session=session, registration=registration, actor=actor_of(registration))
    member = PanelMember.objects.get(
        segment__meeting__hearing=room, person=registration.person, role=Role.SPEAKER
    )
    with TestCase.captureOnCommitCallbacks(execute=True):
        act(
            hearing=room.id,
            meeting=member.segment.meeting_id,
            command=Join(registration.id.hex, registration.person_id.hex, member.id.hex),
            actor=actor_of(registration),
        )


def told(world: World) -> list[tuple[str, dict[str, Any]]]:
    rows = Entry.objects.filter(hearing=world.hearing.id, kind__startswith="training.")
    return [(row.kind.partition(".")[2], json.loads(row.body)) for row in rows.order_by("seq")]


def kinds(world: World) -> list[str]:
    return [kind for kind, _body in told(world)]


def letters() -> list[tuple[str, str]]:
    found = Message.objects.filter(purpose=Message.Purpose.TRAINING).order_by("queued_at", "pk")
    return sorted(
        (message.address.partition("@")[0], message.subject.partition(": ")[2]) for message in found
    )


def states(session: Session) -> dict[str, str]:
    return {
        sign_up.registration.organization.name: sign_up.state
        for sign_up in session.sign_ups.select_related("registration__organization")
    }


def test_a_session_is_scheduled(world: World, session: Session) -> None:
    assert told(world) == [
        (
            "scheduled",
            {
                "training": session.id.hex,
                "starts_at": clock.to_ms(session.starts_at),
                "minutes": 30,
                "language": "en",
                "capacity": 2,
                "interpretation": [],
            },
        )
    ]
    assert (session.ends_at - session.starts_at, session.state) == (
        timedelta(minutes=30),
        "upcoming",
    )


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("day", {"starts_at": timedelta(0)}),
        ("minutes", {"minutes": 9}),
        ("minutes", {"minutes": 481}),
        ("capacity", {"capacity": 0}),
        ("capacity", {"capacity": 1001}),
    ],
)
def test_a_session_that_cannot_be_held_is_not_scheduled(
    world: World, field: str, change: dict[str, Any]
) -> None:
    if "starts_at" in change:
        change = {"starts_at": clock.now()}
    with pytest.raises(TrainingRefused) as refused:
        actions.schedule(hearing=world.hearing, plan=plan(**change), actor=world.office)
    assert (refused.value.field, Session.objects.count(), told(world)) == (field, 0, [])


def test_places_go_in_order_and_free_ones_to_who_waits_longest(
    world: World, session: Session
) -> None:
    rows = [world.ngo(name) for name in "ABCD"]
    for row in rows:
        join(session, row)
    assert states(session) == {
        "A": "signed-up",
        "B": "signed-up",
        "C": "waiting-list",
        "D": "waiting-list",
    }
    leave(session, rows[0])
    assert states(session) == {
        "A": "signed-off",
        "B": "signed-up",
        "C": "signed-up",
        "D": "waiting-list",
    }
    assert kinds(world) == [
        *("scheduled", "signed_up", "signed_up", "queued", "queued", "signed_off", "promoted")
    ]
    assert letters() == [
        ("person0", "your training session"),
        ("person1", "your training session"),
        ("person2", "waiting list of a training session"),
        ("person2", "you have a place in the training session"),
        ("person3", "waiting list of a training session"),
    ]


def test_whoever_left_and_comes_back_stands_at_the_end(world: World, session: Session) -> None:
    rows = [world.ngo(name) for name in "ABCD"]
    for row in rows:
        join(session, row)
    leave(session, rows[2])
    join(session, rows[2])
    leave(session, rows[0])
    leave(session, rows[1])
    assert states(session) == {
        "A": "signed-off",
        "B": "signed-off",
        "C": "signed-up",
        "D": "signed-up",
    }
    assert [body["registration"] for kind, body in told(world) if kind == "promoted"] == [
        rows[3].id.hex,
        rows[2].id.hex,
    ]


def test_a_press_twice_is_a_press_once(world: World, session: Session) -> None:
    row = world.ngo("A")
    assert join(session, row).pk == join(session, row).pk
    leave(session, row)
    leave(session, row)
    assert kinds(world) == ["scheduled", "signed_up", "signed_off"]
    assert len(letters()) == 1


def test_the_letter_says_when_in_both_zones_and_where(world: World, session: Session) -> None:
    join(session, world.ngo("A"))
    body = Message.objects.get(purpose=Message.Purpose.TRAINING).body
    assert "6 July 2021, 08:00 (New York time), 12:00 UTC\n" in body
    assert "30 minutes, in English" in body
    assert "Bring a headset." in body
    assert f"/training/{session.pk}/calendar.ics" in body


def test_a_session_that_is_moved_is_told_and_reminded_of_anew(
    world: World, session: Session
) -> None:
    join(session, world.ngo("A"))
    world.clock.advance(4 * 86_400_000)
    assert [actions.remind(), actions.remind()] == [1, 0]
    moved = replace(SessionPlan.of(session), starts_at=session.starts_at + timedelta(days=1))
    assert actions.change(session=session, plan=moved, actor=world.office)
    assert not actions.change(session=session, plan=moved, actor=world.office)
    assert (session.sequence, actions.remind()) == (1, 1)
    assert [subject for _to, subject in letters()] == [
        "reminder of your training session",
        "reminder of your training session",
        "your training session",
        "your training session has changed",
    ]


def test_more_places_let_who_waits_move_up_and_tell_nobody_else(
    world: World, session: Session
) -> None:
    for name in "ABCD":
        join(session, world.ngo(name))
    Message.objects.all().delete()
    actions.change(
        session=session, plan=replace(SessionPlan.of(session), capacity=3), actor=world.office
    )
    assert letters() == [("person2", "you have a place in the training session")]
    assert session.sequence == 0
    with pytest.raises(TrainingRefused, match="3 people have a place"):
        actions.change(
            session=session, plan=replace(SessionPlan.of(session), capacity=2), actor=world.office
        )


def test_a_cancelled_session_is_told_with_the_reason_and_takes_nobody(
    world: World, session: Session
) -> None:
    for name in "ABC":
        join(session, world.ngo(name))
    Message.objects.all().delete()
    for _time in range(2):
        actions.cancel(session=session, reason="The trainer is ill.", actor=world.office)
    assert letters() == [
        (f"person{n}", "your training session has been cancelled") for n in range(3)
    ]
    assert "Reason: The trainer is ill." in Message.objects.first().body  # type: ignore[union-attr]
    assert (session.state, session.sequence) == ("cancelled", 1)
    with pytest.raises(TrainingRefused, match="cancelled"):
        join(session, world.ngo("D"))
    with pytest.raises(TrainingRefused, match="cancelled"):
        actions.change(session=session, plan=plan(minutes=40), actor=world.office)
    world.clock.move_to(clock.to_ms(session.ends_at))
    with pytest.raises(TrainingRefused, match="not been held"):
        actions.mark(own=session.sign_ups.first(), present=True, actor=world.office)  # type: ignore[arg-type]
    assert actions.remind() == 0


def test_coming_in_at_its_time_is_attendance(world: World, session: Session) -> None:
    rows = [world.ngo(name) for name in "ABCD"]
    join(session, rows[0])
    with pytest.raises(TrainingRefused, match="not open now"):
        come_in(session, rows[0])
    world.clock.move_to(clock.to_ms(session.starts_at - timedelta(minutes=15)))
    for row in (rows[0], rows[0], rows[1]):  # the second did not sign up, but there was a place
        come_in(session, row)
    with pytest.raises(TrainingRefused, match="taken"):
        come_in(session, rows[2])
    assert kinds(world)[1:] == [
        *("signed_up", "room_opened", "attended"),
        *("signed_up", "attended"),
    ]
    world.clock.move_to(clock.to_ms(session.ends_at))
    with pytest.raises(TrainingRefused, match="not open now"):
        come_in(session, rows[3])
    with pytest.raises(TrainingRefused, match="over"):
        join(session, rows[3])
    with pytest.raises(TrainingRefused, match="over"):
        actions.cancel(session=session, reason="", actor=world.office)


def test_the_secretariat_corrects_the_attendance(world: World, session: Session) -> None:
    own = join(session, world.ngo("A"))
    with pytest.raises(TrainingRefused, match="not been held"):
        actions.mark(own=own, present=True, actor=world.office)
    world.clock.move_to(clock.to_ms(session.ends_at))
    for present in (True, True, False):
        actions.mark(own=own, present=present, actor=world.office)
    assert kinds(world)[2:] == ["attended", "absent"]
    assert own.attended_at is None


def test_who_withdraws_or_is_refused_makes_room(world: World, session: Session) -> None:
    rows = [world.ngo(name) for name in "ABCD"]
    for row in rows:
        join(session, row)
    changes.withdraw(registration=rows[0], segments=(), reason="", actor=actor_of(rows[0]))
    review.decide(
        hearing=world.hearing,
        chosen=[rows[1].pk],
        outcome=Registration.Status.REFUSED,
        reason="not eligible",
        decided_by=world.secretary,
        actor=world.office,
    )
    assert states(session) == {
        "A": "signed-off",
        "B": "signed-off",
        "C": "signed-up",
        "D": "signed-up",
    }
    with pytest.raises(TrainingRefused, match="no longer valid"):
        join(session, rows[0])


def test_a_new_speaker_takes_over_the_place(world: World, session: Session) -> None:
    row = world.ngo("A", 0)
    join(session, row)
    changes.replace_speaker(
        registration=row,
        name="Somebody Else",
        email="else@hearing.example",
        title="",
        actor=actor_of(row),
    )
    assert letters() == [("else", "your training session"), ("person0", "your training session")]


def test_housekeeping_reminds(world: World, session: Session) -> None:
    join(session, world.ngo("A"))
    world.clock.advance(4 * 86_400_000)
    housekeeping.keep_house.func()
    assert [subject for _to, subject in letters()] == [
        "reminder of your training session",
        "your training session",
    ]


def test_erasure_takes_the_person_out_and_the_record_stands(world: World, session: Session) -> None:
    row = world.ngo("A")
    join(session, row)
    person = Person.objects.get(pk=row.person_id)
    assert list(cards.holdings(world.hearing, person)) == [
        "1 place in a training session: deleted."
    ]
    erasure.erase(hearing=world.hearing.id, person=person.id, actor=world.office)
    assert SignUp.objects.count() == 0
    assert kinds(world) == ["scheduled", "signed_up"]
