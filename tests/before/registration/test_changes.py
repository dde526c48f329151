"""After the form: withdrawals, replacements, corrections, co-signers' answers, and links again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.before.registration import changes, links
from hemicycle.before.registration.access import actor_of, by_secret
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.before.registration.refusals import ListRefused, Reason, RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

Purpose = Message.Purpose


def kinds_after(seq: int) -> list[str]:
    return list(Entry.objects.filter(seq__gt=seq).order_by("seq").values_list("kind", flat=True))


def last() -> int:
    return Entry.objects.latest("seq").seq


def letters(purpose: Message.Purpose) -> list[str]:
    rows = Message.objects.filter(purpose=purpose).order_by("queued_at", "address")
    return list(rows.values_list("address", flat=True))


# ── Withdrawing ───────────────────────────────────────────────────────────────────────────────
def test_withdrawing_gives_up_every_place(world: World) -> None:
    row, before = world.mission("France", 0, 1), last()
    changes.withdraw(registration=row, reason="Ill", actor=actor_of(row))
    row.refresh_from_db()
    assert (row.status, row.wishes_to_intervene) == (Registration.Status.WITHDRAWN, False)
    assert not row.inscriptions.filter(state="inscribed").exists()
    assert kinds_after(before)[-1] == "registration.withdrawn"
    assert {place.state for place in row.inscriptions.all()} == {"withdrawn"}
    assert letters(Purpose.WITHDRAWAL) == [row.person.email]


def test_one_panel_can_be_given_up_alone(world: World) -> None:
    row = world.mission("France", 0, 1)
    first = world.panels[0].id
    changes.withdraw(registration=row, segments=(first,), reason="", actor=actor_of(row))
    row.refresh_from_db()
    assert (row.status, row.wishes_to_intervene) == (Registration.Status.ACCEPTED, True)
    body = Entry.objects.latest("seq").fields()
    assert (body["whole"], body["segments"]) == (False, [first.hex])


def test_a_withdrawal_is_final(world: World) -> None:
    row = world.ngo("River Watch", 0)
    changes.withdraw(registration=row, reason="", actor=actor_of(row))
    with pytest.raises(RegistrationRefused) as caught:
        changes.withdraw(registration=row, reason="", actor=actor_of(row))
    assert caught.value.reason is Reason.WITHDRAWN
    with pytest.raises(RegistrationRefused) as caught:
        changes.replace_speaker(
            registration=row, name="B", email="b@example.org", title="", actor=actor_of(row)
        )
    assert caught.value.reason is Reason.WITHDRAWN


def test_a_withdrawn_delegation_may_inscribe_anew_at_the_end(world: World) -> None:
    row = world.mission("France", 0)
    world.mission("Kenya", 0)
    changes.withdraw(registration=row, reason="", actor=actor_of(row))
    again = world.mission("France", 0)
    assert [inscription.place for inscription in again.inscriptions.all()] == [3]


# ── Replacing the speaker ─────────────────────────────────────────────────────────────────────
def test_the_place_stays_and_the_link_changes_hands(world: World) -> None:
    row, before = world.mission("France", 0), last()
    old_link, old_person = links.secret_of(row), row.person
    changes.replace_speaker(
        registration=row, name="Léa", email="lea@example.org", title="", actor=actor_of(row)
    )
    row.refresh_from_db()
    assert (row.person.name, row.inscriptions.get().place) == ("Léa", 1)
    assert by_secret(old_link) is None
    assert by_secret(links.secret_of(row)) == row
    assert world.inscription(row).speaker_id == row.person_id
    assert old_person.appointments.count() == 0
    assert row.person.appointments.get().role == "mission"
    replaced = Entry.objects.get(kind="registration.person_replaced", seq__gt=before)
    assert replaced.fields() == {
        "registration": row.id.hex,
        "before": old_person.id.hex,
        "after": row.person_id.hex,
        "link": 2,
    }
    assert letters(Purpose.SIGN_IN) == ["lea@example.org"]
    assert letters(Purpose.WITHDRAWAL) == [old_person.email]


# ── Correcting ────────────────────────────────────────────────────────────────────────────────
def correct(world: World, row: Registration, late: int = 0, **data: str | bool) -> list[str]:
    facts = facts_of(world.hearing)
    at = facts.closes_at(row.track) + timedelta(seconds=late)
    world.clock.move_to(clock.to_ms(at))
    return changes.correct(
        registration=row, facts=facts, data=data, received_at=at, actor=actor_of(row)
    )


def test_details_can_be_corrected_until_the_deadline(world: World) -> None:
    row = world.ngo("River Watch", 0)
    assert correct(world, row, name="Élodie", language="fr", title=row.person.title) == [
        "name",
        "language",
    ]
    row.refresh_from_db()
    row.person.refresh_from_db()
    assert (row.person.name, row.language) == ("Élodie", "fr")
    assert "elodie" in row.search_key
    assert world.inscription(row).language == "fr"
    corrected = Entry.objects.filter(kind="registration.corrected").get()
    assert corrected.fields()["fields"] == ["language", "name"]


def test_nothing_changed_leaves_no_entry(world: World) -> None:
    row = world.ngo("River Watch", 0)
    before = last()
    assert correct(world, row, name=row.person.name) == []
    assert kinds_after(before) == []


def test_after_the_deadline_details_stay(world: World) -> None:
    row = world.ngo("River Watch", 0)
    with pytest.raises(RegistrationRefused) as caught:
        correct(world, row, late=1, name="Élodie")
    assert caught.value.reason is Reason.TOO_LATE


# ── Co-signers ────────────────────────────────────────────────────────────────────────────────
def test_a_co_signer_answers_and_may_change_its_mind(world: World) -> None:
    asked = world.ngo("River Watch", 0, co_signers=("Hope",)).co_signers.get()
    before = last()
    for state in (CoSigner.State.CONSENTED, CoSigner.State.CONSENTED, CoSigner.State.DECLINED):
        changes.answer_co_signing(co_signer=asked, state=state)
    asked.refresh_from_db()
    assert asked.state == CoSigner.State.DECLINED
    answers = Entry.objects.filter(kind="co_signer.answered", seq__gt=before).order_by("seq")
    assert [entry.fields()["answer"] for entry in answers] == ["consented", "declined"]
    assert {entry.actor for entry in answers} == {asked.id.hex}


def test_an_answer_stands_once_the_meeting_has_started(world: World) -> None:
    asked = world.ngo("River Watch", 0, co_signers=("Hope",)).co_signers.get()
    world.clock.move_to(clock.to_ms(world.panels[0].meeting.starts_at))
    with pytest.raises(RegistrationRefused) as caught:
        changes.answer_co_signing(co_signer=asked, state=CoSigner.State.CONSENTED)
    assert caught.value.reason is Reason.MEETING_BEGUN


def test_there_is_nothing_to_join_after_a_withdrawal(world: World) -> None:
    row = world.ngo("River Watch", 0, co_signers=("Hope",))
    changes.withdraw(registration=row, reason="", actor=actor_of(row))
    with pytest.raises(RegistrationRefused) as caught:
        changes.answer_co_signing(co_signer=row.co_signers.get(), state=CoSigner.State.CONSENTED)
    assert caught.value.reason is Reason.WITHDRAWN


# ── Links ─────────────────────────────────────────────────────────────────────────────────────
def test_a_link_is_sent_again_unchanged_but_not_too_often(world: World) -> None:
    row = world.ngo("River Watch", 0)
    assert changes.resend_link(registration=row)
    assert not changes.resend_link(registration=row)
    world.clock.advance(changes.RESEND_PAUSE_S * 1000 + 1)
    assert changes.resend_link(registration=row)
    bodies = Message.objects.filter(purpose=Purpose.SIGN_IN).values_list("body", flat=True)
    assert all(links.secret_of(row) in body for body in bodies)


def test_a_link_can_be_sent_again_after_the_key_was_changed(world: World, settings: Any) -> None:
    row = world.ngo("River Watch", 0)
    secret = links.secret_of(row)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert links.secret_of(row) == secret
    assert hash_secret(secret) == row.link_hash


def test_references_can_be_said_aloud() -> None:
    said = {links.new_reference() for _ in range(200)}
    assert len(said) == 200
    assert not set("".join(said)) & set("01ILOU")


def test_a_place_whose_turn_is_over_cannot_be_given_up(world: World) -> None:
    row = world.ngo("Ngo A", 0)
    world.open_panel()
    world.press(c.CloseSegment())
    with pytest.raises(ListRefused, match="over"):
        changes.withdraw(
            registration=row, segments=(world.panels[0].pk,), reason="", actor=actor_of(row)
        )
    row = changes.withdraw(registration=row, reason="", actor=actor_of(row))
    assert (row.status, row.wishes_to_intervene) == ("withdrawn", False)
    assert row.inscriptions.get().state == "inscribed"  # the place is part of the history and stays
