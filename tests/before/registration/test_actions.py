"""Receiving a form: order, deadline, limits, the same form twice, and the entries on the record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.before.registration import links
from hemicycle.before.registration.actions import Submitted, submit
from hemicycle.before.registration.cleaned import Cleaned, NamedCoSigner
from hemicycle.before.registration.confirming import confirm
from hemicycle.before.registration.models import CoSigner, Inscription, Registration
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.hearing.people.models import Role, TrackKind
from hemicycle.hearing.setup.models import Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("transactions")

Vouch = Registration.Vouch


def cleaned(world: World, **changes: Any) -> Cleaned:
    values: dict[str, Any] = {
        "track": TrackKind.STAKEHOLDERS.value,
        "form_key": links.new_key(),
        "category": world.hearing.categories.get(key="civil-society").id,
        "organization": "River Watch",
        "country": "KE",
        "name": "Amina Otieno",
        "title": "Director",
        "email": "amina@example.org",
        "language": "en",
        "segments": (world.panels[0].id,),
    }
    return Cleaned(**values | changes)


def delegation(world: World, **changes: Any) -> Cleaned:
    category = world.hearing.categories.get(key="member-state").id
    own = {"track": TrackKind.MISSIONS.value, "category": category, "organization": "France"}
    return cleaned(world, **own | changes)


def send(world: World, what: Cleaned, received_at: datetime | None = None) -> Submitted:
    at = received_at or clock.now()
    # Missions have an invitation here; `test_proving` tests those without proof.
    vouch = Vouch.INVITATION if what.track == TrackKind.MISSIONS else Vouch.NONE
    return submit(facts=facts_of(world.hearing), cleaned=what, received_at=at, vouch=vouch)


def refused(
    world: World, what: Cleaned, received_at: datetime | None = None
) -> RegistrationRefused:
    before = (Registration.objects.count(), Entry.objects.count())
    with pytest.raises(RegistrationRefused) as caught:
        send(world, what, received_at)
    assert (Registration.objects.count(), Entry.objects.count()) == before
    return caught.value


def closing(world: World, track: TrackKind = TrackKind.STAKEHOLDERS) -> datetime:
    return world.hearing.deadlines.get(track=track).at


# ── Order and record ──────────────────────────────────────────────────────────────────────────
def test_a_form_becomes_a_registration_with_a_place(world: World) -> None:
    done = send(world, cleaned(world))
    row = Registration.objects.select_related("person", "organization").get()
    assert (row.person.name, row.organization.name, row.status) == (
        "Amina Otieno",
        "River Watch",
        "submitted",
    )
    assert [
        (inscription.place, inscription.delegation) for inscription in row.inscriptions.all()
    ] == [(1, "")]
    assert not done.repeated
    assert (row.is_confirmed, row.takes_part) == (False, False)


def test_the_record_tells_it_in_ids(world: World) -> None:
    done = send(world, cleaned(world))
    row, request = done.registration, done.inscriptions[0]
    received = Entry.objects.get(seq=row.arrival)
    assert (received.kind, received.actor, received.role) == (
        "registration.received",
        row.person.id.hex,
        "stakeholder",
    )
    assert received.fields() == {
        "registration": row.id.hex,
        "person": row.person.id.hex,
        "organization": row.organization.id.hex,
        "track": "stakeholders",
        "category": row.category_id.hex,
        "received": clock.to_ms(row.arrived_at),
        "closes": clock.to_ms(facts_of(world.hearing).closes_at("stakeholders")),
    }
    assert Entry.objects.get(seq=request.seq).kind == "speaker.inscribed"


def test_places_count_by_panel_and_track(world: World) -> None:
    both = (world.panels[0].id, world.panels[1].id)
    sent = [
        cleaned(world, organization="A", email="a@example.org"),
        cleaned(world, organization="B", email="b@example.org", segments=both[1:]),
        delegation(world, segments=both),
        cleaned(world, organization="C", email="c@example.org"),
    ]
    places = [
        [inscription.place for inscription in send(world, what).inscriptions] for what in sent
    ]
    assert places == [[1], [1], [1, 1], [2]]


def test_a_category_without_review_accepts_by_itself(world: World) -> None:
    done = send(world, delegation(world))
    assert done.registration.status == Registration.Status.SUBMITTED
    confirmed = confirm(registration=done.registration)
    assert confirmed.status == Registration.Status.ACCEPTED
    decided = Entry.objects.get(kind="registration.decided")
    assert (decided.actor, decided.fields()["outcome"]) == ("system:registration", "accepted")
    appointment = done.registration.person.appointments.get()
    assert (appointment.role, appointment.hearing_id) == (Role.MISSION, world.hearing.id)


def test_the_receipt_is_queued_with_the_link_once_it_is_confirmed(world: World) -> None:
    done = send(world, cleaned(world))
    assert not Message.objects.filter(purpose=Message.Purpose.RECEIPT).exists()
    confirm(registration=done.registration)
    letter = Message.objects.get(purpose=Message.Purpose.RECEIPT)
    assert letter.address == "amina@example.org"
    assert done.registration.reference in letter.subject
    assert f"/my/{links.secret_of(done.registration)}/" in letter.body
    assert "Place 1 by order of arrival" in letter.body


def test_who_only_follows_is_registered_without_a_place(world: World) -> None:
    done = send(world, cleaned(world, segments=()))
    assert (done.inscriptions, done.registration.wishes_to_intervene) == ((), False)


def test_each_registration_has_an_organization_of_its_own(world: World) -> None:
    """A shared id on the record would lead from a person under an alias to one who is named."""
    first = send(world, cleaned(world))
    second = send(world, cleaned(world, email="b@example.org"))
    assert second.registration.organization_key == first.registration.organization_key
    assert second.registration.organization_id != first.registration.organization_id


# ── Sending twice ─────────────────────────────────────────────────────────────────────────────
def test_the_same_form_twice_is_one_registration(world: World) -> None:
    what = cleaned(world)
    first, second = send(world, what), send(world, what)
    assert (second.registration.id, second.repeated) == (first.registration.id, True)
    assert Registration.objects.count() == 1


def test_a_copy_that_comes_too_late_is_still_the_form_that_came_in_time(world: World) -> None:
    what = cleaned(world)
    first = send(world, what)
    again = send(world, what, closing(world) + timedelta(hours=1))
    assert (again.registration.id, again.repeated) == (first.registration.id, True)


def test_the_same_person_again_is_told_and_sent_the_link(world: World) -> None:
    first = confirm(registration=send(world, cleaned(world)).registration)
    world.clock.advance(600_000)
    said = refused(world, cleaned(world, email="AMINA@example.org", organization="river  watch"))
    assert (said.reason, said.field) == (Reason.REGISTERED_ALREADY, "email")
    letters = Message.objects.filter(purpose=Message.Purpose.SIGN_IN)
    assert [(letter.address, links.secret_of(first) in letter.body) for letter in letters] == [
        ("amina@example.org", True)
    ]
    refused(world, cleaned(world))
    assert letters.count() == 1  # nobody can flood a stranger's mailbox from the page


def test_who_withdrew_may_register_again(world: World) -> None:
    row = send(world, cleaned(world)).registration
    Registration.objects.filter(pk=row.pk).update(status=Registration.Status.WITHDRAWN)
    assert send(world, cleaned(world)).registration.id != row.id


# ── The deadline ──────────────────────────────────────────────────────────────────────────────
def test_the_second_of_the_deadline_still_counts(world: World) -> None:
    at = closing(world)
    world.clock.move_to(clock.to_ms(at) + 999)
    done = send(world, cleaned(world), at + timedelta(milliseconds=999))
    assert done.registration.arrived_at == at + timedelta(milliseconds=999)


def test_one_second_late_is_too_late(world: World) -> None:
    at = closing(world) + timedelta(seconds=1)
    world.clock.move_to(clock.to_ms(at))
    said = refused(world, cleaned(world), at)
    assert said.reason is Reason.TOO_LATE
    assert said.sentence == (
        "Registration closed on 5 July 2021, 17:00 (New York time). "
        "We received this form after that and cannot accept it."
    )


def test_waiting_for_the_turn_makes_nobody_late(world: World) -> None:
    at = closing(world)
    world.clock.move_to(clock.to_ms(at) + 30_000)
    done = send(world, cleaned(world), at)
    assert done.registration.arrived_at == at


def test_each_track_has_its_own_deadline(world: World) -> None:
    at = closing(world) + timedelta(hours=1)
    world.clock.move_to(clock.to_ms(at))
    refused(world, cleaned(world), at)
    assert send(world, delegation(world), at).inscriptions[0].place == 1


def test_a_track_without_a_deadline_closes_when_the_hearing_starts(world: World) -> None:
    world.hearing.deadlines.all().delete()
    starts = world.hearing.meetings.get(ordinal=1).starts_at
    world.clock.move_to(clock.to_ms(starts))
    send(world, cleaned(world), starts)
    late = starts + timedelta(seconds=1)
    assert refused(world, cleaned(world), late).reason is Reason.TOO_LATE


def test_a_hearing_that_has_ended_takes_nobody(world: World) -> None:
    world.hearing.status = world.hearing.Status.ENDED
    world.hearing.save()
    assert refused(world, cleaned(world)).reason is Reason.NOT_OPEN


# ── Limits ────────────────────────────────────────────────────────────────────────────────────
def test_an_organization_has_so_many_representatives(world: World) -> None:
    world.hearing.max_per_organization = 2
    world.hearing.save()
    send(world, cleaned(world))
    send(world, cleaned(world, email="b@example.org", organization="RIVER watch"))
    said = refused(world, cleaned(world, email="c@example.org", organization="River  Watch."))
    assert (said.reason, said.field) == (Reason.ORGANIZATION_FULL, "organization")
    assert send(world, cleaned(world, organization="Other", email="d@example.org")).inscriptions


def test_a_full_panel_takes_nobody(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1)
    send(world, cleaned(world))
    said = refused(world, cleaned(world, organization="B", email="b@example.org"))
    assert (said.reason, said.field) == (Reason.PANEL_FULL, "segment")
    other = cleaned(world, organization="B", email="b@example.org", segments=(world.panels[1].id,))
    assert send(world, other).inscriptions[0].place == 1


def test_a_delegation_has_one_place_in_a_panel(world: World) -> None:
    send(world, delegation(world))
    said = refused(world, delegation(world, email="b@example.org", organization="FRANCE"))
    assert (said.reason, said.field) == (Reason.INSCRIBED_ALREADY, "segments")
    assert "Replace the speaker" in said.sentence
    other = delegation(world, email="b@example.org", segments=(world.panels[1].id,))
    assert send(world, other).inscriptions[0].place == 1


def test_a_stakeholder_named_like_a_state_is_no_delegation(world: World) -> None:
    send(world, cleaned(world, organization="France"))
    assert send(world, delegation(world)).inscriptions[0].place == 1


# ── Co-signers ────────────────────────────────────────────────────────────────────────────────
def test_co_signers_are_asked_by_links_of_their_own(world: World) -> None:
    asked = (NamedCoSigner("Hope", "h@example.org"), NamedCoSigner("Dawn", "d@example.org"))
    done = send(world, cleaned(world, co_signers=asked))
    assert {row.state for row in done.registration.co_signers.all()} == {CoSigner.State.NAMED}
    assert not Message.objects.filter(purpose=Message.Purpose.CO_SIGNER).exists()
    confirm(registration=done.registration)
    rows = list(done.registration.co_signers.all())
    assert [(row.organization_name, row.state) for row in rows] == [
        ("Dawn", CoSigner.State.ASKED),
        ("Hope", CoSigner.State.ASKED),
    ]
    letters = Message.objects.filter(purpose=Message.Purpose.CO_SIGNER).order_by("address")
    assert [letter.address for letter in letters] == ["d@example.org", "h@example.org"]
    assert all(
        links.co_signer_url(row) in letter.body for row, letter in zip(rows, letters, strict=True)
    )
    assert Entry.objects.filter(kind="co_signer.asked").count() == 2


def test_a_refused_form_leaves_nothing_half_saved(world: World) -> None:
    Segment.objects.filter(pk=world.panels[1].pk).update(max_inscriptions=1)
    send(world, delegation(world, segments=(world.panels[1].id,)))
    both = (world.panels[0].id, world.panels[1].id)
    refused(world, delegation(world, organization="Kenya", email="k@example.org", segments=both))
    assert Inscription.objects.count() == 1
