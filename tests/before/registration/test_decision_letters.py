"""Letters on decisions: they are held, stopped, scheduled or sent at once; the decision stands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from hemicycle.before.registration import changes, decision_letters
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Segment
from hemicycle.mail.outgoing import actions as outgoing
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.delivery import claims
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor
from tests.before.registration.test_review import decide
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from tests.support.lists import World

Status = Registration.Status
HOLD_MS = settings.MAIL_HOLD_MINUTES * 60_000


def leaving() -> list[str]:
    """Return the addresses of the letters on decisions that could be sent now."""
    due = claims.claim("a", 99)
    Message.objects.filter(claim="a").update(claim="")
    return sorted(row.address for row in due if row.purpose == Message.Purpose.DECISION)


def test_an_outage_of_the_mail_server_holds_no_letter_and_sends_no_outdated_one(
    world: World,
) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.ACCEPTED, row)
    world.clock.advance(HOLD_MS)
    claims.claim("sender", 10)
    again = clock.now() + timedelta(minutes=2)
    claims.release("sender", why="connection refused", again_at=again)
    assert decision_letters.held_in(world.hearing).count == 0
    letter = decision_letters.newest(row)
    assert letter is not None
    assert not letter.is_held
    decide(world, Status.REFUSED, row)
    letter.message.refresh_from_db()
    assert letter.message.state == Message.State.CANCELLED
    assert decision_letters.held_in(world.hearing).count == 1


def test_a_letter_on_a_decision_waits_and_then_leaves(world: World) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.ACCEPTED, row)
    world.clock.advance(HOLD_MS - 1)
    assert leaving() == []
    world.clock.advance(1)
    assert leaving() == [row.person.email]
    assert not Entry.objects.filter(kind="registration.letter_stopped").exists()


def test_one_letter_is_stopped_and_sent_later(world: World) -> None:
    row, other = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
    decide(world, Status.REFUSED, row, other, reason="Not among those invited.")
    office, pages = world.client(), f"/office/{world.hearing.slug}/registrations/"
    act, own = f"{pages}letters/", f"{pages}{row.pk}/"
    shown = office.get(own).text
    assert ("is held until" in shown, "New York time" in shown) == (True, True)
    said = office.post(act, {"act": "stop", "registration": str(row.pk)}, follow=True).text
    assert "1 letter was stopped. The decision stands." in said
    assert "the applicant has not been" in said
    row.refresh_from_db()
    assert row.status == Status.REFUSED
    world.clock.advance(HOLD_MS)
    assert leaving() == [other.person.email]
    office.post(act, {"act": "send", "registration": str(row.pk)})
    assert row.person.email in leaving()
    kinds = ("registration.letter_stopped", "registration.letter_released")
    entries = Entry.objects.filter(kind__in=kinds).order_by("seq")
    assert [(entry.kind, entry.fields(), entry.role) for entry in entries] == [
        (kind, {"registration": row.id.hex}, "secretariat") for kind in kinds
    ]
    again = office.post(act, {"act": "send", "registration": str(row.pk)}, follow=True).text
    assert "There is no stopped letter that could be sent." in again


def test_all_held_letters_are_stopped_or_sent_at_once(world: World) -> None:
    rows = [world.ngo(name, 0) for name in ("River Watch", "Lake Watch", "Sea Watch")]
    decide(world, Status.ACCEPTED, *rows)
    office, pages = world.client(), f"/office/{world.hearing.slug}/registrations/"
    assert "3 letters on decisions are held" in office.get(pages).text
    said = office.post(f"{pages}letters/", {"act": "stop"}, follow=True).text
    assert "3 letters were stopped. The decisions stand." in said
    assert "letters on decisions are held" not in said
    world.clock.advance(HOLD_MS)
    assert leaving() == []
    said = office.post(f"{pages}letters/", {"act": "stop"}, follow=True).text
    assert "These letters are no longer waiting to be sent." in said
    last = world.ngo("Pond Watch", 0)
    decide(world, Status.ACCEPTED, last)
    office.post(f"{pages}letters/", {"act": "release"})
    assert leaving() == [last.person.email]


def test_a_decision_that_is_reversed_in_time_sends_only_the_last_letter(world: World) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.REFUSED, row, reason="A mistake.")
    world.clock.advance(1000)
    decide(world, Status.ACCEPTED, row)
    world.clock.advance(HOLD_MS)
    assert leaving() == [row.person.email]
    (letter,) = Message.objects.filter(purpose=Message.Purpose.DECISION, state=Message.State.QUEUED)
    assert "has been accepted" in letter.body


def test_nobody_is_accepted_by_letter_who_has_withdrawn(world: World) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.ACCEPTED, row)
    world.clock.advance(1000)
    changes.withdraw(registration=row, reason="", actor=world.office)
    world.clock.advance(HOLD_MS)
    assert leaving() == []
    with pytest.raises(OutgoingRefused):
        decision_letters.send(registration=row, actor=world.office)


def test_a_stopped_letter_that_says_what_is_no_longer_so_cannot_be_sent(world: World) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.ACCEPTED, row)
    decision_letters.stop(hearing=world.hearing, registration=row, actor=world.office)
    Registration.objects.filter(pk=row.pk).update(status=Status.REFUSED)
    row.refresh_from_db()
    letter = decision_letters.newest(row)
    assert letter is not None
    assert not letter.can_be_sent
    with pytest.raises(OutgoingRefused):
        decision_letters.send(registration=row, actor=world.office)


def test_who_moves_up_by_a_decision_of_the_office_is_told_by_a_held_letter(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1, waiting_list=True)
    first, second, third = (world.ngo(name, 0) for name in ("River Watch", "Lake Watch", "Sea"))
    decide(world, Status.REFUSED, first, reason="Not invited.")
    assert leaving() == []
    assert decision_letters.held_in(world.hearing).count == 2  # the refused and the next person
    world.clock.advance(HOLD_MS)
    assert leaving() == sorted([first.person.email, second.person.email])
    changes.withdraw(registration=second, reason="", actor=Actor.system("test"))
    assert third.person.email in leaving()  # no decision of the office causes it, so it is not held


def later(world: World, days: int = 3) -> tuple[dict[str, str], int]:
    """Return the fields for ten o'clock in `days` days, and that moment in ms."""
    local = (clock.now() + timedelta(days=days)).astimezone(world.hearing.zone)
    at = local.replace(hour=10, minute=0, second=0, microsecond=0)
    return {"day": f"{at:%Y-%m-%d}", "time": "10:00"}, clock.to_ms(at)


def test_a_letter_on_a_decision_is_scheduled(world: World) -> None:
    row = world.ngo("River Watch", 0)
    office, pages = world.client(), f"/office/{world.hearing.slug}/registrations/"
    assert "Send them later" in office.get(f"{pages}{row.pk}/").text
    typed = {"chosen": str(row.pk), "outcome": "accepted", "next": f"{pages}{row.pk}/"}
    for wrong, why in (
        ({"day": "2020-01-02", "time": "10:00"}, "Choose a time in the future"),
        ({"time": "10:00"}, "Give both a day and a time"),
    ):
        said = office.post(f"{pages}decide/", typed | wrong)
        assert (said.status_code, why in said.text) == (422, True)
    row.refresh_from_db()
    assert row.status == Status.SUBMITTED
    chosen, at = later(world)
    office.post(f"{pages}decide/", typed | chosen)
    row.refresh_from_db()
    assert row.status == Status.ACCEPTED
    assert "is held until" in office.get(f"{pages}{row.pk}/").text
    world.clock.move_to(at - 1)
    assert leaving() == []
    world.clock.advance(1)
    assert leaving() == [row.person.email]
    (letter,) = Message.objects.filter(purpose=Message.Purpose.DECISION)
    # The letter is dated that day, and its attempts are counted from then on.
    assert clock.to_ms(letter.begins_at) == at


def test_scheduled_letters_are_sent_at_once_or_stopped(world: World) -> None:
    first, second = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
    _chosen, at = later(world)
    decide(world, Status.ACCEPTED, first, second, at=clock.from_ms(at))
    decision_letters.release(hearing=world.hearing, registration=first, actor=world.office)
    assert leaving() == [first.person.email]
    letter = decision_letters.newest(first)
    assert letter is not None
    assert letter.message.begins_at <= clock.now()
    decision_letters.stop(hearing=world.hearing, registration=second, actor=world.office)
    world.clock.move_to(at)
    assert leaving() == [first.person.email]


def test_another_decision_replaces_the_scheduled_letter_and_takes_its_time(world: World) -> None:
    row = world.ngo("River Watch", 0)
    _chosen, at = later(world)
    decide(world, Status.ACCEPTED, row, at=clock.from_ms(at))
    decide(world, Status.REFUSED, row, reason="A mistake.")
    world.clock.move_to(at - 1)
    assert leaving() == []
    world.clock.advance(1)
    assert leaving() == [row.person.email]
    states = Message.objects.filter(purpose=Message.Purpose.DECISION).order_by("queued_at", "pk")
    assert sorted((letter.state, "not been" in letter.body) for letter in states) == [
        ("cancelled", False),
        ("queued", True),
    ]


def test_many_decisions_are_scheduled_and_who_moves_up_reads_it_then(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=2, waiting_list=True)
    rows = [world.ngo(name, 0) for name in ("River Watch", "Lake Watch", "Sea Watch")]
    office, pages = world.client(), f"/office/{world.hearing.slug}/registrations/"
    chosen, at = later(world)
    typed = {"chosen": [str(row.pk) for row in rows[:2]], "outcome": "refused", "reason": "Full."}
    asked = office.post(f"{pages}decide/", typed).text
    assert "Send them later" in asked
    wrong = office.post(f"{pages}decide/", typed | {"count": "2", "day": chosen["day"]})
    assert (wrong.status_code, "Give both" in wrong.text) == (422, True)
    office.post(f"{pages}decide/", typed | {"count": "2"} | chosen)
    world.clock.move_to(at - 1)
    assert leaving() == []
    world.clock.advance(1)
    assert leaving() == sorted(row.person.email for row in rows)


def test_all_that_a_search_finds_are_decided_with_letters_for_later(world: World) -> None:
    rows = [world.ngo(name, 0) for name in ("River Watch", "Lake Watch")]
    office, pages = world.client(), f"/office/{world.hearing.slug}/registrations/"
    chosen, at = later(world)
    typed = {"every": "?", "outcome": "accepted"}
    assert "Send them later" in office.post(f"{pages}decide/", typed).text
    office.post(f"{pages}decide/", typed | {"count": "2"} | chosen)
    work_off()
    world.clock.move_to(at - 1)
    assert leaving() == []
    world.clock.advance(1)
    assert leaving() == sorted(row.person.email for row in rows)


def test_the_outbox_sends_no_letter_on_a_decision_that_was_changed(world: World) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.ACCEPTED, row)
    decide(world, Status.REFUSED, row, reason="A mistake.")
    outdated = Message.objects.get(state=Message.State.CANCELLED)
    with pytest.raises(OutgoingRefused, match="Another decision"):
        outgoing.retry(message=outdated, actor=world.office)
    outdated.refresh_from_db()
    assert outdated.state == Message.State.CANCELLED
