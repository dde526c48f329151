"""What a participant may do: everything that the links open, in each state of a registration.

`tests/test_roles.py` tests the addresses. Here each act gets what it needs to succeed, and its
effects show whether it was done.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from hemicycle.before.registration import changes, confirming, links, review
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.before.statements.models import Statement
from hemicycle.before.training import actions as trainings
from hemicycle.before.training.models import Session, SignUp
from hemicycle.hearing.people import actions, limits
from hemicycle.hearing.people.models import Appointment, TrackKind
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup.models import Category, PanelMember
from hemicycle.mail.outgoing.models import Message
from hemicycle.meeting.room.access import holder_by_link, welcome_at_seats
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from tests.support.addresses import Place, patterns, undone
from tests.support.jobs import work_off
from tests.support.lists import REFERENCE

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

Status = Registration.Status
CONNECTION = UUID(int=1).hex


@dataclass
class Participant:
    """A registration that asks for the floor, and the browser that holds its personal link."""

    world: World
    registration: Registration
    secret: str
    training: Session
    co_signer: CoSigner
    client: Client

    def my(self, part: str = "") -> str:
        """Return an address below the personal link."""
        return f"/my/{self.secret}/{part}"

    def seat(self, part: str = "", slug: str = "") -> str:
        """Return an address below that of the seat."""
        return f"/h/{slug or self.world.hearing.slug}/seat/{self.secret}/{part}"

    def shows(self, path: str, words: str = "") -> bool:
        """Return whether a page can be opened and contains these words."""
        answer = self.client.get(path)
        return answer.status_code == 200 and words in answer.content.decode()

    def sends(self, path: str, **data: Any) -> int:
        """Send a form, and return the status of the answer."""
        return self.client.post(path, data).status_code

    def passes(self, use: str) -> bool:
        """Return whether a pass for the media engine is issued."""
        return self.sends(self.seat("pass/"), use=use, connection=CONNECTION) == 200

    def now(self) -> Registration:
        """Return the row as it is now."""
        return Registration.objects.select_related("person").get(pk=self.registration.pk)


# ── What can be done ──────────────────────────────────────────────────────────────────────────
def corrects(by: Participant) -> bool:
    by.sends(by.my("details/"), name="Another Name", title="Chair", language="en")
    return by.now().person.name == "Another Name"


def confirms(by: Participant, address: str) -> None:
    """Press the button behind the link in the letter to a new address, if a letter was sent."""
    for letter in Message.objects.filter(address=address):
        if found := re.search(r"/change/[^/\s]+/", letter.body):
            by.client.post(found[0])


def replaces(by: Participant) -> bool:
    by.sends(by.my("replace/"), name="Somebody Else", email="else@example.org", title="")
    confirms(by, "else@example.org")
    return by.now().person.name == "Somebody Else"


def moves_mailbox(by: Participant) -> bool:
    by.sends(by.my("address/"), email="new@example.org")
    confirms(by, "new@example.org")
    return by.now().person.email == "new@example.org"


def names_co_signers(by: Participant) -> bool:
    by.sends(by.my("co-signers/"), co_signer_1="Relief", co_signer_1_email="relief@example.org")
    return by.registration.co_signers.filter(organization_name="Relief").exists()


def chooses_panels(by: Participant) -> bool:
    wanted = by.world.panels[1].pk
    by.sends(by.my("panels/"), segments=[str(wanted)])
    return by.registration.inscriptions.filter(segment=wanted).exists()


def withdraws(by: Participant) -> bool:
    before = by.now().status
    by.sends(by.my("withdraw/"), what="whole", reason="")
    return before != by.now().status == Status.WITHDRAWN


def hands_in(by: Participant) -> bool:
    file = SimpleUploadedFile("statement.txt", b"We call for a trust fund that pays for shelters.")
    place = by.registration.inscriptions.get()
    by.sends(by.my(f"statement/{place.pk}/"), file=file)
    work_off()
    return Statement.objects.filter(registration=by.registration).exists()


def asks(by: Participant) -> bool:
    by.sends(by.my("questions/"), text="Who pays for the shelters?", segment="any")
    return by.registration.questions.exists()


def signs_up(by: Participant) -> bool:
    by.sends(by.my(f"training/{by.training.pk}/sign-up/"))
    return by.registration.trainings.filter(state=SignUp.State.SIGNED_UP).exists()


def comes_in(by: Participant) -> bool:
    by.sends(by.my(f"training/{by.training.pk}/come-in/"))
    return PanelMember.objects.filter(person=by.registration.person_id).exists()


def practises(by: Participant) -> bool:
    return by.shows(by.my("practice/"), "data-run")


def sits_down(by: Participant) -> bool:
    by.sends(by.seat(), act="join", connection=CONNECTION, script="1")
    return CONNECTION in floor_of(by.world.panels[0].meeting_id).seats


def follows(by: Participant) -> bool:
    hearing, holder = by.world.hearing.id, holder_by_link(by.registration)
    return holder in welcome_at_seats(hearing, frozenset({holder}))


def is_co_signed(by: Participant) -> bool:
    secret = links.derive(by.co_signer.id, 1)
    by.client.post(f"/co-sign/{secret}/", {"answer": "agree"})
    return CoSigner.objects.get(pk=by.co_signer.pk).state == CoSigner.State.CONSENTED


def gives_evidence(by: Participant) -> bool:
    by.sends(by.my("evidence/"), text="We are on the register since 2004.")
    return by.registration.evidence.exists()


def pass_for(use: str) -> Callable[[Participant], bool]:
    return lambda by: by.passes(use)


OWN: dict[str, Callable[[Participant], bool]] = {
    "page": lambda by: by.shows(by.my(), by.registration.reference),
    "receipt": lambda by: by.shows(by.my(f"receipt-{by.registration.arrival}.json")),
    "calendar": lambda by: by.shows(by.my("hearing.ics")),
}
"""What shows participants their own registration, even a refused or withdrawn one."""
BEFORE: dict[str, Callable[[Participant], bool]] = {
    "correct": corrects,
    "replace": replaces,
    "address": moves_mailbox,
    "panels": chooses_panels,
    "co-signers": names_co_signers,
    "withdraw": withdraws,
    "statement": hands_in,
    "question": asks,
    "training": signs_up,
    "co-signer": is_co_signed,
}
"""What a participant may do while the registration is valid.

Before its decision, only the secretariat sees the results.
"""
UNDECIDED: dict[str, Callable[[Participant], bool]] = {"evidence": gives_evidence}
TAKING_PART: dict[str, Callable[[Participant], bool]] = {
    "enter training": comes_in,
    "practice": practises,
    "practice pass": pass_for("practice"),
    "link to the seat": lambda by: by.shows(by.my(), by.seat()),
    "seat": lambda by: by.shows(by.seat(), "data-feed"),
    "join": sits_down,
    "feed": follows,
    **{f"pass: {use}": pass_for(use) for use in ("publish", "screen", "listen", "attend")},
}
ACTS: dict[str, Callable[[Participant], bool]] = {**OWN, **BEFORE, **UNDECIDED, **TAKING_PART}


# ── States ────────────────────────────────────────────────────────────────────────────────────
def row(**changed: Any) -> Callable[[Participant], None]:
    def change(by: Participant) -> None:
        Registration.objects.filter(pk=by.registration.pk).update(**changed)
        if changed.get("confirmed_at", by) is None:
            CoSigner.objects.update(state=CoSigner.State.NAMED)
        by.registration.refresh_from_db()

    return change


def renewed(by: Participant) -> None:
    review.revoke_link(
        registration=by.registration, reason="", send_new=False, actor=by.world.office
    )


def hearing_over(by: Participant) -> None:
    hearings.end(hearing=by.world.hearing, actor=by.world.office)


ACCEPTED, WAITS = Status.ACCEPTED, Status.WAITING
STATES: dict[str, tuple[Callable[[Participant], None], set[str]]] = {
    "takes part": (row(status=ACCEPTED), {*OWN, *BEFORE, *TAKING_PART}),
    "undecided": (row(), {*OWN, *BEFORE, *UNDECIDED}),
    "on the waiting list": (row(status=WAITS), {*OWN, *BEFORE, *UNDECIDED}),
    "mission not proved": (
        row(status=ACCEPTED, kind=TrackKind.MISSIONS, vouched_by=""),
        {*OWN, *BEFORE},
    ),
    "unconfirmed": (row(confirmed_at=None), set()),
    "accepted, unconfirmed": (row(status=ACCEPTED, confirmed_at=None), set()),
    "refused": (row(status=Status.REFUSED), {*OWN}),
    "withdrawn": (row(status=Status.WITHDRAWN), {*OWN}),
    "lapsed": (row(status=Status.LAPSED, confirmed_at=None), set()),
    "link renewed": (renewed, {"co-signer"}),
}


@pytest.fixture
def participant(world: World) -> Participant:
    world.accepts = False
    Category.objects.filter(key="civil-society").update(evidence="A register")
    registration = world.ngo("River Watch", 0, co_signers=("Hope",))
    training = trainings.schedule(
        hearing=world.hearing,
        plan=trainings.SessionPlan(
            clock.now() + timedelta(minutes=5), minutes=30, language="en", capacity=9
        ),
        actor=world.office,
    )
    return Participant(
        world,
        registration,
        links.secret_of(registration),
        training,
        registration.co_signers.get(),
        Client(),
    )


def done(by: Participant, act: Callable[[Participant], bool]) -> bool:
    """Return whether an act is done, and roll its effects back."""
    limits.forget()
    with transaction.atomic():
        was_done = act(by)
        transaction.set_rollback(True)
    return was_done


@pytest.mark.parametrize("state", STATES)
def test_a_personal_link_opens_what_the_state_allows(participant: Participant, state: str) -> None:
    reach, expected = STATES[state]
    reach(participant)
    found = {name for name, act in ACTS.items() if done(participant, act)}
    assert found == expected


def test_a_personal_link_opens_no_seat_of_another_hearing(participant: Participant) -> None:
    row(status=ACCEPTED)(participant)
    other = hearings.convene(REFERENCE, slug="another", publish=True)
    assert participant.client.get(participant.seat(slug=other.slug)).status_code == 404
    assert participant.sends(participant.seat("pass/", other.slug), use="listen") == 410
    holder = holder_by_link(participant.registration)
    assert welcome_at_seats(other.id, frozenset({holder})) == frozenset()


@pytest.mark.parametrize("state", [name for name in STATES if name != "link renewed"])
def test_the_role_goes_with_the_state(participant: Participant, state: str) -> None:
    """A signed-in person with a role from before can open no more than the link would."""
    person = participant.registration.person
    Appointment.objects.create(
        person=person, hearing_id=participant.world.hearing.id, role="stakeholder"
    )
    client = participant.world.client(person)
    reach, expected = STATES[state]
    reach(participant)
    slug = participant.world.hearing.slug
    answers = {
        "seat": "data-feed" in client.get(f"/h/{slug}/seat/").content.decode(),
        "practice": "data-run" in client.get(f"/h/{slug}/practice/").content.decode(),
        **{
            f"pass: {use}": client.post(f"/h/{slug}/pass/", {"use": use}).status_code == 200
            for use in ("publish", "screen", "listen", "attend")
        },
    }
    assert {name for name, is_open in answers.items() if is_open} == {*answers} & expected


def test_an_address_that_has_not_answered_is_sent_no_sign_in_link(participant: Participant) -> None:
    """The secretariat may decide before the mailbox is confirmed, which then gives the role."""

    row(confirmed_at=None)(participant)
    world, person = participant.world, participant.registration.person
    review.decide(
        hearing=world.hearing,
        chosen=[participant.registration.pk],
        outcome=ACCEPTED,
        reason="Known to us.",
        decided_by=world.secretary,
        actor=world.office,
    )
    before = Message.objects.count()
    actions.ask_for_link(address=person.email, next_url="/")
    assert (Message.objects.count(), person.appointments.count()) == (before, 0)
    confirming.confirm(registration=participant.registration)
    assert person.appointments.get().role == "stakeholder"


@pytest.mark.parametrize("ends", ["withdrawn", "refused", "replaced"])
def test_with_the_registration_end_role_and_session(participant: Participant, ends: str) -> None:

    registration, world = participant.registration, participant.world
    decided: dict[str, Any] = {
        "hearing": world.hearing,
        "chosen": [registration.pk],
        "reason": "Known to us.",
    }
    office: dict[str, Any] = {"decided_by": world.secretary, "actor": world.office}
    review.decide(**decided, outcome=ACCEPTED, **office)
    person = registration.person
    client = world.client(person)
    assert client.get("/office/").status_code == 200
    if ends == "withdrawn":
        changes.withdraw(registration=registration, reason="", actor=actor_of(registration))
    elif ends == "refused":
        review.decide(**decided, outcome=Status.REFUSED, **office)
    else:
        changes.replace_speaker(
            registration=registration,
            name="Somebody Else",
            email="else@example.org",
            title="",
            actor=actor_of(registration),
        )
    assert client.get("/office/").status_code == 302
    assert not person.appointments.exists()


# ── Every address of a personal link ──────────────────────────────────────────────────────────
def of_personal_links(place: Place) -> list[str]:
    """Return the names of the addresses that a personal link opens."""
    return [
        name
        for name, route in patterns().items()
        if "<secret:secret>" in route and "secret" not in place.ids.get(name, {})
    ]


@pytest.mark.parametrize("state", ["unconfirmed", "renewed"])
def test_no_address_of_a_personal_link_opens(place: Place, state: str) -> None:
    """An unconfirmed registration has only its page to confirm; a replaced link opens nothing."""
    registration, secret = place.registration, links.secret_of(place.registration)
    if state == "unconfirmed":
        Registration.objects.filter(pk=registration.pk).update(confirmed_at=None)
    else:
        links.renew(registration)
        registration.save()
    confirms = reverse("registration:confirm", args=(links.confirmation_secret(registration),))
    names = of_personal_links(place)
    assert len(names) > 20
    opened = {}
    for name in names:
        for method in ("get", "post"):
            answer = undone(Client(), method, place.url(name, secret=secret))
            is_way_in = answer.get("Location") == confirms
            is_turned_away = is_way_in if state == "unconfirmed" else answer.status_code == 410
            if not is_turned_away and answer.status_code not in {403, 405}:
                opened[name, method] = answer.status_code
    assert opened == {}
