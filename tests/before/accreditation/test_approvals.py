"""Approvals by focal points: requested, answered once, expired and withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hemicycle.before.accreditation import approvals, focal_points
from hemicycle.before.accreditation.models import Approval
from hemicycle.before.registration import changes, links, review
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.models import Entry
from tests.before.accreditation.people import asked, named, step, subjects

if TYPE_CHECKING:
    from hemicycle.before.accreditation.models import FocalPoint
    from tests.support.lists import World

State = Approval.State
Status = Registration.Status


def address(registration: Registration) -> str:
    return f"/approve/{links.derive(asked(registration).id, 1)}/"


def test_one_is_asked_as_soon_as_the_form_is_received(
    world: World, focal_point: FocalPoint
) -> None:
    row = world.ngo("Open Doors")
    assert (asked(row).focal_point, asked(row).state, step(row)) == (
        focal_point,
        "asked",
        "approval",
    )
    letter = Message.objects.get(person=focal_point.person)
    assert (letter.purpose, address(row) in letter.body) == ("approval", True)


def test_who_comes_later_is_asked_about_what_waited(
    world: World, steps: Callable[..., None]
) -> None:
    steps(focal_point=True)
    row = world.ngo("Open Doors")
    assert step(row) == "approval-unasked"
    named(world)
    assert step(row) == "approval"


def test_an_organizations_own_focal_point_goes_first(world: World, focal_point: FocalPoint) -> None:
    own = named(world, "Open  doors", "own@example.org")
    assert asked(world.ngo("Open Doors")).focal_point == own
    assert asked(world.ngo("Closed Doors")).focal_point == focal_point


def test_a_link_takes_one_answer(world: World, focal_point: FocalPoint) -> None:
    row, client = world.ngo("Open Doors"), world.client(world.ngo("Another").person)
    answer = client.post(address(row), {"answer": "declined"})
    assert (answer.status_code, "Give a reason" in answer.content.decode()) == (422, True)
    assert client.post(address(row), {"answer": "approved"}).status_code == 302
    again = client.post(address(row), {"answer": "declined", "reason": "No."})
    assert (again.status_code, asked(row).state) == (409, "approved")
    entry = Entry.objects.get(hearing=world.hearing.id, kind="approval.answered")
    assert (entry.actor, entry.role) == (focal_point.person_id.hex, "focal-point")
    assert step(row) == "review"
    assert subjects(row)[-1] == "the focal point has answered"


def test_declining_leaves_the_decision_to_the_secretariat(
    world: World, focal_point: FocalPoint
) -> None:
    row = world.ngo("Open Doors")
    approvals.answer(approval=asked(row), state=State.DECLINED, reason="Not known to us.")
    row.refresh_from_db()
    assert (row.status, step(row)) == ("submitted", "approval-declined")
    page = world.client().get(f"/office/{world.hearing.slug}/registrations/{row.pk}/")
    assert "Not known to us." in page.content.decode()


def test_without_a_review_approval_accepts(
    world: World, focal_point: FocalPoint, steps: Callable[..., None]
) -> None:
    steps(needs_review=False)
    row = world.ngo("Open Doors")
    assert row.status == "submitted"
    approvals.answer(approval=asked(row), state=State.APPROVED, reason="")
    row.refresh_from_db()
    assert row.status == "accepted"


def test_a_link_lapses_and_can_be_asked_anew(world: World, focal_point: FocalPoint) -> None:
    row, client = world.ngo("Open Doors"), world.client()
    first = address(row)
    world.clock.advance(int(timedelta(days=15).total_seconds() * 1000))
    assert step(row) == "approval-lapsed"
    assert client.post(first, {"answer": "approved"}).status_code == 409
    client.post(f"/office/{world.hearing.slug}/review/{row.pk}/ask/")
    assert (step(row), address(row) != first) == ("approval", True)
    assert client.get(first).status_code == 410


def test_a_withdrawn_link_opens_nothing(world: World, focal_point: FocalPoint) -> None:
    row, client = world.ngo("Open Doors"), world.client()
    client.post(f"/office/{world.hearing.slug}/review/approvals/{asked(row).pk}/revoke/")
    assert client.get(address(row)).status_code == 410
    assert step(row) == "approval-unasked"


def test_dismissal_and_decision_close_open_links(world: World, focal_point: FocalPoint) -> None:
    first, second = world.ngo("A"), world.ngo("B")
    decide(world, first, "The office knows them.")
    assert asked(first).state == "revoked"
    assert focal_points.dismiss(hearing=world.hearing, pk=focal_point.pk, actor=world.office)
    assert asked(second).state == "revoked"


def decide(world: World, row: Registration, reason: str = "") -> None:
    review.decide(
        hearing=world.hearing,
        chosen=[row.id],
        outcome=Status.ACCEPTED,
        reason=reason,
        decided_by=world.secretary,
        actor=world.office,
    )


def test_a_step_is_passed_over_with_a_reason_only(world: World, focal_point: FocalPoint) -> None:
    row = world.ngo("Open Doors")
    with pytest.raises(RegistrationRefused) as refused:
        decide(world, row)
    assert refused.value.reason is Reason.STEPS_OPEN
    decide(world, row, "Known from before.")
    row.refresh_from_db()
    assert row.status == "accepted"


def test_one_who_moves_up_from_the_waiting_list_is_asked_about_then(
    world: World, focal_point: FocalPoint, steps: Callable[..., None]
) -> None:
    steps(max_registrations=1, waiting_list=True)
    first, second = world.ngo("A"), world.ngo("B")
    assert second.approvals.count() == 0
    changes.withdraw(registration=first, reason="", actor=actor_of(first))
    assert asked(second).state == "asked"


def test_a_focal_points_page_speaks_arabic_and_shows_no_address(
    world: World, focal_point: FocalPoint
) -> None:
    row = world.ngo("Open Doors", speaker="Ana Lima")
    client = world.client()
    page = client.get(address(row)).content.decode()
    assert ("Ana Lima" in page, row.person.email in page) == (True, False)
    client.cookies["hemicycle_language"] = "ar"
    page = client.get(address(row), headers={"accept-language": "ar"}).content.decode()
    assert 'dir="rtl"' in page
