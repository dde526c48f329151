"""The secretariat merges two registrations of the same person or organization."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.test import Client

from hemicycle.before.questions.models import Question
from hemicycle.before.registration import changes, links, merging
from hemicycle.before.registration.models import CoSigner, Inscription, Registration, Waiting
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers.queries import list_of_speakers
from hemicycle.before.statements.actions import hand_in
from hemicycle.hearing.setup.models import Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.procedure.refusals import Refused
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.before.registration.test_by_office import verified

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("transactions")

WHY = "Ms Otieno had registered twice."


@pytest.fixture
def world(world: World) -> World:
    world.accepts = True
    return world


def merge(world: World, kept: Registration, left: Registration, note: str = "") -> bool:
    return merging.merge(
        hearing=world.hearing, kept=kept.pk, left=left.pk, reason=WHY, note=note, actor=world.office
    )


def places(world: World, panel: int = 0) -> list[str]:
    """Return the references on a panel's list, in the order of arrival."""
    rows = Inscription.objects.filter(segment=world.panels[panel], state="inscribed")
    names = rows.order_by("arrival").values_list("registration__reference", flat=True)
    return list(names)


def called(world: World) -> list[UUID]:
    """Return the participants' places of an open panel, in the order in which they are called."""
    floor = floor_of(world.panels[0].meeting_id)
    order = [UUID(slot) for slot in floor.order if floor.slots[slot].state != "withdrawn"]
    own = set(Inscription.objects.values_list("pk", flat=True))
    return [slot for slot in order if slot in own]


def state_of(registration: Registration) -> tuple[str, bool]:
    row = Registration.objects.get(pk=registration.pk)
    return row.status, row.wishes_to_intervene


def test_the_same_names_and_addresses_are_proposed(world: World) -> None:
    own = world.ngo("River Watch", 0, speaker="Amina Otieno", email="amina@example.org")
    world.ngo("Sea Watch", 0)
    organization = world.ngo("The River Watch", 1)
    person = world.ngo("River Watchers of Kenya", 1, speaker="amina otieno")
    hidden = world.ngo("River Watch", 1, alias="Voice A")
    world.mission("River Watch", 0)  # in another track
    gone = world.ngo("River Watch", 1)
    changes.withdraw(registration=gone, reason="", actor=world.office)
    assert merging.candidates(own, with_aliases=False) == [organization, person]
    assert merging.candidates(own, with_aliases=True) == [organization, person, hidden]


def test_a_place_moves_with_its_order_of_arrival(world: World) -> None:
    first = world.ngo("River Watch", 0)
    other = world.ngo("Sea Watch", 0)
    second = world.ngo("River Watch", 1)
    last = world.ngo("Lake Watch", 1)
    before = [Inscription.objects.filter(segment=panel).count() for panel in world.panels[:2]]
    assert merge(world, second, first)
    assert places(world) == [second.reference, other.reference]
    assert places(world, 1) == [second.reference, last.reference]
    after = [Inscription.objects.filter(segment=panel).count() for panel in world.panels[:2]]
    assert before == after
    assert world.inscription(second).speaker_id == second.person_id
    assert (state_of(first), state_of(second)) == (("withdrawn", False), ("accepted", True))
    assert [line.organization for line in list_of_speakers(world.panels[0])][:1] == ["River Watch"]
    entry = Entry.objects.get(kind="registration.merged")
    assert entry.role == "secretariat"
    body = entry.fields()
    assert (body["registration"], body["merged"]) == (second.id.hex, first.id.hex)
    assert (body["places"], body["ended"]) == ([world.inscription(second).id.hex], [])
    assert verified(world).broken is None


@pytest.mark.parametrize("keeps_later", [True, False])
def test_of_two_places_in_one_panel_the_earlier_stays(world: World, keeps_later: bool) -> None:
    earlier = world.ngo("River Watch", 0)
    other = world.ngo("Sea Watch", 0)
    later = world.ngo("River Watch", 0)
    kept, left = (later, earlier) if keeps_later else (earlier, later)
    slot = world.inscription(earlier).id
    merge(world, kept, left)
    assert places(world) == [kept.reference, other.reference]
    assert kept.inscriptions.get(state="inscribed").id == slot
    world.open_panel()
    assert called(world) == [slot, world.inscription(other).id]
    assert verified(world).broken is None


def test_the_freed_place_goes_to_the_first_who_waits(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=2, waiting_list=True)
    first, second = world.ngo("River Watch", 0), world.ngo("River Watch", 0)
    third = world.ngo("Sea Watch", 0)
    assert third.reference not in places(world)
    merge(world, first, second)
    assert places(world) == [first.reference, third.reference]


def test_a_turn_on_a_waiting_list_is_not_lost(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1, waiting_list=True)
    world.ngo("Sea Watch", 0)
    first = world.ngo("River Watch", 0)
    second = world.ngo("River Watch", 1)
    with pytest.raises(RegistrationRefused, match="keeps its turn"):
        merge(world, second, first)
    assert Waiting.objects.get().registration_id == first.pk
    merge(world, first, second)
    assert Waiting.objects.get().registration_id == first.pk
    assert places(world, 1) == [first.reference]


def test_both_get_a_letter_with_the_reason_and_without_the_note(world: World) -> None:
    first, second = world.ngo("River Watch", 0), world.ngo("River Watch", 1)
    merge(world, first, second, note="She telephoned twice.")
    letters = Message.objects.filter(subject__contains="have been merged")
    bodies = {row.address: row.body for row in letters}
    assert set(bodies) == {first.person.email, second.person.email}
    assert all(WHY in body and "telephoned" not in body for body in bodies.values())
    assert "Yours stays" in bodies[first.person.email]
    assert f"{second.reference} has ended" in bodies[second.person.email]
    assert links.personal_url(first) not in bodies[second.person.email]
    history = world.client().get(f"/office/{world.hearing.slug}/registrations/{first.pk}/").text
    assert "She telephoned twice." in history


def test_who_has_not_confirmed_gets_no_letter_and_is_never_the_one_that_stays(
    world: World,
) -> None:
    first = world.ngo("River Watch", 0)
    second = world.ngo("River Watch", 1, confirmed=False)
    with pytest.raises(RegistrationRefused, match="is confirmed"):
        merge(world, second, first)
    merge(world, first, second)
    assert not Message.objects.filter(
        address=second.person.email, subject__contains="merged"
    ).exists()


def test_the_one_that_stays_must_stand_as_well_as_the_other(world: World) -> None:
    first = world.ngo("River Watch", 0)
    second = world.ngo("River Watch", 1, accepted=False)
    with pytest.raises(RegistrationRefused, match="Keep"):
        merge(world, second, first)
    unproved = world.mission("Chile", 0, on_file=False)
    proved = world.mission("Chile", 1)
    with pytest.raises(RegistrationRefused, match="Keep"):
        merge(world, unproved, proved)
    with pytest.raises(RegistrationRefused, match="one track"):
        merge(world, first, proved)
    merge(world, proved, unproved)
    row = world.inscription(proved)
    assert (row.state, row.delegation) == ("inscribed", proved.organization_key)


def test_co_signers_go_on_with_the_answers_they_gave(world: World) -> None:
    first = world.ngo("River Watch", 0, co_signers=("Pond Watch",))
    second = world.ngo("River Watch", 1, co_signers=("Pond Watch", "Lake Watch", "River Watch"))
    for row in second.co_signers.all():
        changes.answer_co_signing(co_signer=row, state=CoSigner.State.CONSENTED)
    before = Message.objects.count()
    merge(world, first, second)
    rows = first.co_signers.values_list("organization_name", "state")
    assert sorted(rows) == [("Lake Watch", "consented"), ("Pond Watch", "consented")]
    assert not second.co_signers.exists()
    assert Message.objects.count() == before + 2  # to both people, but to no co-signer


def test_statements_and_questions_follow_the_places(world: World) -> None:
    first = world.ngo("River Watch", 0)
    second = world.ngo("River Watch", 0, question="Who pays?")
    done = hand_in(
        registration=second,
        inscription=world.inscription(second),
        file_name="a.txt",
        data=b"Clean water first.",
        by=None,
        actor=world.office,
    )
    effects = merging.plan(first, second).effects()
    assert any("The statement for" in said for said in effects)
    assert any("1 question moves." in said for said in effects)
    merge(world, first, second)
    statement = done.version.statement
    statement.refresh_from_db()
    assert statement.registration_id == first.pk
    assert statement.inscription_id == world.inscription(first).id
    assert Question.objects.get().registration_id == first.pk


def test_of_two_statements_that_of_the_place_that_ends_stays_with_it(world: World) -> None:
    rows = world.ngo("River Watch", 0), world.ngo("River Watch", 0)
    for number, row in enumerate(rows):
        hand_in(
            registration=row,
            inscription=world.inscription(row),
            file_name="a.txt",
            data=b"Clean water first. " * (number + 1),
            by=None,
            actor=world.office,
        )
    (said,) = merging.plan(*rows).effects()
    assert "Both have a statement" in said
    merge(world, *rows)
    assert [row.statements.count() for row in rows] == [1, 1]


def test_it_holds_after_the_deadline_too(world: World) -> None:
    first, second = world.ngo("River Watch", 0), world.ngo("River Watch", 1)
    closes = facts_of(world.hearing).closes_at("stakeholders")
    world.clock.move_to(clock.to_ms(closes + timedelta(hours=1)))
    merge(world, first, second)
    assert places(world, 1) == [first.reference]
    assert verified(world).broken is None


def test_nothing_is_merged_once_one_of_them_speaks_or_has_spoken(world: World) -> None:
    first, second = world.ngo("River Watch", 0), world.ngo("River Watch", 1)
    other = world.ngo("River Watch", 0)
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(first).id.hex))
    for pair in ((first, second), (second, first)):
        with pytest.raises(RegistrationRefused, match="has the floor now"):
            merge(world, *pair)
    world.press(c.EndFloor())
    with pytest.raises(RegistrationRefused, match="has spoken"):
        merge(world, second, first)
    merge(world, other, second)
    assert verified(world).broken is None


def test_on_an_open_list_the_place_stays_where_it_is_and_no_undo_splits_it(world: World) -> None:
    before = world.ngo("Sea Watch", 0)
    first, second = world.ngo("River Watch", 0), world.ngo("River Watch", 0)
    third = world.ngo("Lake Watch", 0)
    world.open_panel()
    slot = world.inscription(first).id.hex
    merge(world, second, first)
    assert floor_of(world.panels[0].meeting_id).slots[slot].person == second.person_id.hex
    expected = [world.inscription(before).id, UUID(slot), world.inscription(third).id]
    assert called(world) == expected
    with pytest.raises(Refused, match="merged"):
        world.press(c.Undo())
    assert Inscription.objects.get(pk=slot).speaker_id == second.person_id
    assert verified(world).broken is None


def test_an_alias_is_never_lifted_by_merging(world: World) -> None:
    named, hidden = world.ngo("River Watch", 0), world.ngo("River Watch", 1, alias="Voice A")
    with pytest.raises(RegistrationRefused, match="alias"):
        merge(world, named, hidden)
    merge(world, hidden, named)
    assert world.inscription(hidden).registration.public_organization == "Voice A"


def test_the_page_warns_where_two_organizations_would_become_one(world: World) -> None:
    own = world.ngo("River Watch", 0, speaker="Amina Otieno")
    same = world.ngo("River Watch", 1, speaker="Bo Lind")
    other = world.ngo("Mountain Voices", 1, speaker="Cem Aydin")
    office = world.client()
    page = f"/office/{world.hearing.slug}/registrations/"
    assert "The organizations differ." in office.get(f"{page}{own.pk}/merge/{other.pk}/").text
    assert "The organizations differ." not in office.get(f"{page}{own.pk}/merge/{same.pk}/").text
    assert "No registration with a similar name" in office.get(f"{page}{other.pk}/merge/").text


def test_the_office_chooses_looks_and_merges_once(world: World) -> None:
    first = world.ngo("River Watch", 0, speaker="Amina Otieno")
    second = world.ngo("River Watch", 0, speaker="Amina Otieno")
    office = world.client()
    own = f"/office/{world.hearing.slug}/registrations/{first.pk}/"
    assert "Merge with another" in office.get(own).text
    shown = office.get(f"{own}merge/").text
    page = f"{own}merge/{second.pk}/"
    assert page in shown
    wrong = office.get(f"{own}merge/", {"reference": "HC-000-000"})
    assert wrong.status_code == 422
    assert "No active registration" in wrong.text
    typed = second.reference.lower().replace("-", " ")
    assert office.get(f"{own}merge/", {"reference": typed})["Location"] == page
    shown = office.get(page).text
    assert "stays, place" in shown
    assert first.person.email in shown
    assert second.person.email in shown
    assert links.personal_url(first) not in shown
    assert "Give the reason." in office.post(page, {"reason": ""}).text
    assert not Entry.objects.filter(kind="registration.merged").exists()
    said = office.post(page, {"reason": WHY}, follow=True).text
    assert "The registrations have been merged." in said
    again = office.post(page, {"reason": WHY}, follow=True).text  # pressed twice, or gone back
    assert "have been merged already" in again
    assert Entry.objects.filter(kind="registration.merged").count() == 1
    assert Message.objects.filter(subject__contains="merged").count() == 2
    ended = office.get(f"/office/{world.hearing.slug}/registrations/{second.pk}/").text
    assert first.reference in ended
    personal = re.sub(r"^https?://[^/]+", "", links.personal_url(second))
    assert f"Use the personal page of {first.reference}" in " ".join(
        Client().get(personal).text.split()
    )
