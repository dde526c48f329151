"""The secretariat decides and revokes links; the record says who did so, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.before.registration import links, queries, review
from hemicycle.before.registration.access import by_secret
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.before.registration.standing import RegistrationStatus as Status
from hemicycle.hearing.setup.models import Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import erasure
from hemicycle.record.models import Entry, Note

if TYPE_CHECKING:
    from datetime import datetime

    from tests.support.lists import World


def decide(
    world: World,
    outcome: Status,
    *rows: Registration,
    reason: str = "",
    at: datetime | None = None,
) -> int:
    return review.decide(
        hearing=world.hearing,
        chosen=[row.pk for row in rows],
        outcome=outcome,
        reason=reason,
        decided_by=world.secretary,
        actor=world.office,
        at=at,
    )


def test_many_are_accepted_in_one_turn(world: World) -> None:
    rows = [world.ngo(name, 0) for name in "ABC"]
    assert decide(world, Status.ACCEPTED, *rows) == 3
    assert set(Registration.objects.values_list("status", flat=True)) == {"accepted"}
    assert [row.person.appointments.get().role for row in rows] == ["stakeholder"] * 3
    assert Message.objects.filter(purpose=Message.Purpose.DECISION).count() == 3
    assert decide(world, Status.ACCEPTED, *rows) == 0  # decided registrations stay as they are


def test_a_refusal_says_why_and_gives_up_the_place(world: World) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.REFUSED, row, reason="Not among those invited.")
    decision = row.decisions.get()
    note = Note.objects.get(key=decision.reason)
    assert (note.text, decision.decided_by) == ("Not among those invited.", world.secretary)
    entry = Entry.objects.filter(kind="registration.decided").get()
    assert (entry.actor, entry.fields()) == (
        world.secretary.id.hex,
        {"registration": row.id.hex, "outcome": "refused", "reason": note.key},
    )
    assert row.inscriptions.filter(state="inscribed").count() == 0
    letter = Message.objects.get(purpose=Message.Purpose.DECISION)
    assert "Not among those invited." in letter.body


def test_an_internal_note_is_in_the_history_and_not_in_the_letter(world: World) -> None:
    row = world.ngo("River Watch", 0)
    office = world.client()
    page = f"/office/{world.hearing.slug}/registrations/"
    sent = {
        "chosen": [str(row.pk)],
        "outcome": "refused",
        "reason": "The list is full.",
        "note": "Ask the desk officer next year.",
    }
    office.post(f"{page}decide/", sent)
    letter = Message.objects.get(purpose=Message.Purpose.DECISION)
    assert ("The list is full." in letter.body, "desk officer" in letter.body) == (True, False)
    assert "Ask the desk officer next year." in office.get(f"{page}{row.pk}/").text
    assert "desk officer" not in Client().get(links.personal_url(row)).text
    erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
    assert not Note.objects.filter(text__contains="desk officer").exists()


def test_a_reversed_refusal_gives_the_place_back(world: World) -> None:
    row = world.ngo("River Watch", 0)
    world.ngo("Other", 0)
    decide(world, Status.REFUSED, row, reason="Mistake")
    decide(world, Status.ACCEPTED, row)
    request = row.inscriptions.get()
    assert (request.state, request.place) == ("inscribed", 1)


def test_no_reversal_into_a_full_panel(world: World) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.REFUSED, row, reason="Mistake")
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1)
    world.ngo("Other", 0)
    with pytest.raises(RegistrationRefused) as caught:
        decide(world, Status.ACCEPTED, row)
    assert caught.value.reason is Reason.PANEL_FULL
    row.refresh_from_db()
    assert row.status == Status.REFUSED


def test_the_withdrawn_are_left_alone(world: World) -> None:
    row = world.ngo("River Watch", 0)
    Registration.objects.filter(pk=row.pk).update(status=Status.WITHDRAWN)
    assert decide(world, Status.ACCEPTED, row) == 0


def test_a_revoked_link_opens_nothing_and_a_new_one_is_sent(world: World) -> None:
    row = world.ngo("River Watch", 0)
    old = links.secret_of(row)
    current = review.revoke_link(
        registration=row, reason="Shared", send_new=True, actor=world.office
    )
    assert by_secret(old) is None
    letter = Message.objects.get(purpose=Message.Purpose.SIGN_IN)
    assert links.personal_url(current) in letter.body
    assert Entry.objects.filter(kind="registration.link_revoked").count() == 1


def test_a_link_can_be_revoked_without_another(world: World) -> None:
    row = world.ngo("River Watch", 0)
    review.revoke_link(registration=row, reason="", send_new=False, actor=world.office)
    assert not Message.objects.filter(purpose=Message.Purpose.SIGN_IN).exists()


def test_history_tells_who_and_why(world: World) -> None:
    row = world.ngo("River Watch", 0)
    decide(world, Status.REFUSED, row, reason="Not invited.")
    lines = [(line.says, line.actor) for line in queries.history_of(row)]
    received = (
        f"The registration {row.reference} of {row.person.name} for River Watch was received "
        "(Stakeholders, Invited civil society organization)."
    )
    assert lines[0] == (received, row.person.name)
    decided = f"The registration {row.reference} was decided: refused. Reason: Not invited."
    assert (decided, "Ana Secretary") in lines


def test_similar_requests_are_found_by_co_signer_and_by_name(world: World) -> None:
    ours = world.ngo("Hope Kenya", 0, co_signers=("Dawn",))
    names = {
        "shares a co-signer": world.ngo("River Watch", 0, co_signers=("DAWN",)),
        "is named": world.ngo("Dawn", 0),
        "names ours": world.ngo("Sunrise", 0, co_signers=("Hope Kenya",)),
        "is called nearly the same": world.ngo("The Kenya Hope Foundation", 0),
    }
    world.ngo("Elsewhere", 1, co_signers=("Dawn",))
    world.ngo("Unlike", 0)
    found = queries.similar_to(ours, queries.inscriptions_of(ours), list(ours.co_signers.all()))
    assert {row.pk for row in found} == {row.pk for row in names.values()}
    groups = queries.similar_groups(world.hearing)
    assert {len(group.members) for group in groups if group.shared == "Dawn"} == {3}


def test_erasing_a_person_leaves_ids_that_point_to_nothing(world: World) -> None:
    row = world.ngo("River Watch", 0, co_signers=("Hope",))
    decide(world, Status.REFUSED, row, reason="She wrote that she is ill.")
    erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
    row.refresh_from_db()
    asked = row.co_signers.get()
    assert (row.eligibility, row.access_needs, row.gender, row.search_key) == ("", "", "", "")
    assert (asked.organization_name, asked.email) == (asked.id.hex, "")
    assert by_secret(links.derive(row.id, 1)) is None
    assert not Note.objects.filter(text__contains="ill").exists()
