"""Two similar requests become a joint intervention only when both sides have agreed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.before.registration import aliases, changes, joint, links
from hemicycle.before.registration.models import (
    CoSigner,
    JoinProposal,
    Registration,
)
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.similarity import Likeness
from hemicycle.before.speakers.queries import list_of_speakers
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import writer
from hemicycle.record.models import Entry
from hemicycle.record.verify.joint import OTHER_LIST, WITHOUT_CONSENT
from tests.before.registration.test_by_office import verified

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("ordering")

RIVERS = "Clean rivers need treaties between neighbours and independent monitoring."
ALSO_RIVERS = "Independent monitoring of rivers, and treaties, protect our neighbours."
State = JoinProposal.State


@pytest.fixture
def world(world: World) -> World:
    world.accepts = True
    return world


def pair(world: World) -> tuple[Registration, Registration]:
    """Register two requests on one subject, and one on another between them; return the two."""
    first = world.ngo("River Watch", 0, question=RIVERS)
    world.ngo("Sea Watch", 0, question="Fishing quotas must follow science.")
    return first, world.ngo("Lake Watch", 0, question=ALSO_RIVERS)


def propose(world: World, *rows: Registration) -> JoinProposal:
    places = tuple(world.inscription(row).id for row in rows)
    return joint.propose(hearing=world.hearing, pair=(places[0], places[1]), actor=world.office)


def names(world: World) -> list[str]:
    return [line.organization for line in list_of_speakers(world.panels[0])]


def agree(proposal: JoinProposal, *rows: Registration) -> JoinProposal:
    for row in rows:
        proposal = joint.answer(proposal=proposal, registration=row, agrees=True)
    return proposal


def test_like_requests_are_found_with_the_reason(world: World) -> None:
    first, second = pair(world)
    (found,) = joint.candidates(world.hearing)
    assert (found.first.registration, found.second.registration) == (first, second)
    assert found.why.reasons == (Likeness.SUBJECT,)
    assert {"rivers", "treaties"} <= set(found.why.words)


def test_those_who_name_each_other_are_found_but_never_under_an_alias(world: World) -> None:
    world.ngo("River Watch", 0, co_signers=("Lake Watch",))
    world.ngo("Lake Watch", 0)
    world.ngo("Pond Watch", 0, co_signers=("Hidden",))
    world.ngo("Hidden", 0, alias="Someone")
    (found,) = joint.candidates(world.hearing)
    assert found.why.reasons == (Likeness.NAMED,)


def test_both_agree_and_the_later_becomes_a_co_signer_of_the_earlier(world: World) -> None:
    first, second = pair(world)
    proposal = propose(world, second, first)
    places = [world.inscription(row).id.hex for row in (first, second)]
    assert agree(proposal, second).state == State.OPEN
    assert names(world) == ["River Watch", "Sea Watch", "Lake Watch"]
    assert agree(proposal, first).state == State.JOINED
    assert names(world) == ["River Watch", "Sea Watch"]
    co_signer = first.co_signers.get()
    assert (co_signer.organization_name, co_signer.state) == ("Lake Watch", "consented")
    second.refresh_from_db()
    assert (second.status, second.wishes_to_intervene) == ("accepted", False)
    body = Entry.objects.get(kind="joint.joined").fields()
    assert [body["kept"], body["left"]] == places
    assert body["before"] == [*body["after"], body["left"]]
    assert len(body["after"]) == 2
    assert verified(world).broken is None


def test_each_gets_letters_that_say_what_changes_for_them(world: World) -> None:
    first, second = pair(world)
    proposal = propose(world, first, second)
    letters = {row.address: row.body for row in Message.objects.filter(subject__contains="jointly")}
    assert "Your place on the list would stay" in letters[first.person.email]
    assert "You would leave the list" in letters[second.person.email]
    agree(proposal, first, second)
    joined = Message.objects.filter(subject__contains="have been joined")
    letters = {row.address: row.body for row in joined}
    assert "Lake Watch is now your co-signer" in letters[first.person.email]
    assert "now a co-signer of River Watch" in letters[second.person.email]


def test_co_signers_of_the_one_that_leaves_are_asked_again(world: World) -> None:
    first = world.ngo("River Watch", 0, question=RIVERS)
    second = world.ngo("Lake Watch", 0, question=ALSO_RIVERS, co_signers=("Pond Watch",))
    asked = second.co_signers.get()
    changes.answer_co_signing(co_signer=asked, state=CoSigner.State.CONSENTED)
    agree(propose(world, first, second), first, second)
    states = dict(first.co_signers.values_list("organization_name", "state"))
    assert states == {"Lake Watch": "consented", "Pond Watch": "asked"}
    assert [row.shows_address for row in first.co_signers.all()] == [False, False]


def test_one_who_declines_leaves_everything_as_it_was(world: World) -> None:
    first, second = pair(world)
    proposal = propose(world, first, second)
    agree(proposal, first)
    done = joint.answer(proposal=proposal, registration=second, agrees=False)
    assert done.state == State.DECLINED
    assert names(world) == ["River Watch", "Sea Watch", "Lake Watch"]
    assert not CoSigner.objects.exists()
    with pytest.raises(RegistrationRefused):
        agree(proposal, second)
    with pytest.raises(RegistrationRefused):
        propose(world, first, second)  # the same two are not asked a second time
    assert Message.objects.filter(subject__contains="was declined").count() == 2
    assert verified(world).broken is None


def test_nothing_is_joined_once_a_place_is_gone_or_the_panel_is_open(world: World) -> None:
    first, second = pair(world)
    proposal = propose(world, first, second)
    agree(proposal, first)
    changes.withdraw(registration=first, reason="", actor=world.office)
    with pytest.raises(RegistrationRefused):
        agree(proposal, second)
    third = world.ngo("Pond Watch", 0, question=RIVERS)
    late = propose(world, second, third)
    world.open_panel(0)
    with pytest.raises(RegistrationRefused):
        agree(late, second)


def test_only_the_two_can_answer(world: World) -> None:
    first, second = pair(world)
    proposal = propose(world, first, second)
    stranger = world.ngo("Pond Watch", 0)
    with pytest.raises(RegistrationRefused):
        agree(proposal, stranger)
    proposal.refresh_from_db()
    assert (proposal.first_answer, proposal.second_answer) == ("", "")


def test_the_office_proposes_and_both_answer_on_their_pages(world: World) -> None:
    first, second = pair(world)
    office, page = world.client(), f"/office/{world.hearing.slug}/registrations/similar/"
    shown = office.get(page).text
    assert "Both write about:" in shown
    found = re.search(rf'action="({page}[^"]+/propose/)"', shown)
    assert found
    assert "have been asked by letter" in office.post(found[1], follow=True).text
    assert "Both write about:" not in office.get(page).text
    for row in (first, second):
        own = re.sub(r"^https?://[^/]+", "", links.personal_url(row))
        browser = Client()
        answers = re.search(rf'action="({own}joint/[^"]+)"', browser.get(own).text)
        assert answers
        browser.post(answers[1], {"answer": "agree"})
    assert names(world) == ["River Watch", "Sea Watch"]
    assert "now a co-signer of" in browser.get(own).text
    assert "joined" in office.get(page).text


# ── verify ────────────────────────────────────────────────────────────────────────────────────
def test_who_takes_an_alias_after_joining_has_it_as_a_co_signer_too(world: World) -> None:
    first, second = pair(world)
    agree(propose(world, first, second), first, second)
    for alias in ("Voice A", "Voice B", ""):
        aliases.set_alias(registration=second, alias=alias, actor=world.office)
        co_signer = first.co_signers.get()
        assert co_signer.alias == alias
        assert co_signer.public_organization == (alias or "Lake Watch")
    assert verified(world).broken is None


def test_verify_finds_two_that_were_joined_without_consent(world: World) -> None:
    first, second = pair(world)
    proposal = propose(world, first, second)
    kept, left = (world.inscription(row) for row in (first, second))
    with writer.writing(world.hearing.id, actor=world.office) as record:
        joint._join(record, proposal, kept, left)
    broken = verified(world).broken
    assert broken is not None
    assert broken.problem == WITHOUT_CONSENT


def test_verify_finds_another_list_than_the_one_that_follows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair(world)
    proposal = propose(world, first, second)
    real = joint._list
    monkeypatch.setattr(joint, "_list", lambda record, place: real(record, place)[::-1])
    agree(proposal, first, second)
    broken = verified(world).broken
    assert broken is not None
    assert broken.problem == OTHER_LIST
