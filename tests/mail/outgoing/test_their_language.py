"""Letters are in their reader's language, not the actor's: subject, text, dates, and files.

The hearing's own words exist in six languages. Each letter's text is made in all of them; then a
person whose pages are in another script does what makes letters go to a reader of French.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils.translation import override

from hemicycle.before.questions import actions as questions
from hemicycle.before.readers import actions as readers
from hemicycle.before.readers import places
from hemicycle.before.registration import aliases, changes, joining, joint, review
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.confirming import confirm
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.before.speakers import day_before
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements import letters as statement_letters
from hemicycle.before.training import actions as training
from hemicycle.hearing.setup.models import Segment
from hemicycle.mail.outgoing import calendar_entries, frame, invitation
from hemicycle.mail.outgoing.delivery import mail
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import fill, known_letters, text_of
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.ui.languages import OFFICIAL, speaking
from tests.before.training.sessions import plan
from tests.support.tongues import originals, strange, translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.finished import Finished
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

READER = "fr"
ACTING = "ru"
"""Nothing that an actor's language slips into a letter can be overlooked: it is Cyrillic."""


@pytest.mark.parametrize("language", OFFICIAL)
def test_each_letter_is_whole_in_each_language(finished: Finished, language: str) -> None:
    hearing = finished.world.hearing
    translate(finished.world)
    own, found = originals(finished.world), {}
    for key, letter in known_letters().items():
        with speaking(language):
            values = letter.example(hearing) if letter.example else None
            framing = {"hearing": str(hearing), "greeting": frame.greeting("Ana Ruiz")}
            words = fill(text_of(letter, hearing.id, language), {**framing, **(values or {})})
        written = f"{words.subject}\n{words.body}"
        if said := list(strange(written, language, own, "en")):
            found[key] = said
    assert found == {}


@pytest.mark.parametrize("language", OFFICIAL)
def test_the_papers_with_an_invitation(finished: Finished, language: str) -> None:
    hearing = finished.world.hearing
    translate(finished.world)
    own = originals(finished.world)
    for paper in (invitation.letter(hearing, language), invitation.note(hearing, language)):
        said = re.findall(r"(?:text|title|subtitle)='((?:[^'\\]|\\.)*)'", repr(paper))
        written = "\n".join([*said, *(part for fact in paper.facts for part in fact)])
        assert list(strange(written, language, own, "en")) == []
    with override(ACTING):
        kinds = {kind.key: kind for kind in invitation.kinds(hearing)}
        file = kinds["calendar"].make(hearing, language)
    assert file is not None
    lines = file.content.decode().replace("\r\n ", "")
    assert list(strange(lines, language, own, ACTING if language != ACTING else "zh")) == []


def full(panel: Segment, places: int) -> None:
    """Let no more take the floor in a panel; others wait."""
    Segment.objects.filter(pk=panel.pk).update(max_inscriptions=places, waiting_list=True)


def reader_of(world: World, name: str, *panels: int, **more: object) -> Registration:
    """A participant whose letters are in French."""
    return world.ngo(name, *panels, interface_language=READER, **more)  # type: ignore[arg-type]


def registers(world: World) -> None:
    row = reader_of(world, "River Watch", 0, 1, confirmed=False, co_signers=("Hope",))
    confirm(registration=row)
    full(world.panels[0], 1)
    confirm(registration=reader_of(world, "Lake Watch", 0, 1, confirmed=False))


def asks_for_the_link(world: World) -> None:
    changes.resend_link(registration=reader_of(world, "River Watch", 0))
    row = reader_of(world, "Lake Watch", 0, confirmed=False)
    world.clock.advance(3_600_000)
    assert changes.resend_link(registration=row)


def withdraws(world: World) -> None:
    row = reader_of(world, "River Watch", 0, 1)
    full(world.panels[1], 1)
    reader_of(world, "Lake Watch", 1)
    for panels in ((world.panels[1].pk,), ()):
        changes.withdraw(registration=row, segments=panels, reason="", actor=world.office)


def speaks_under_an_alias(world: World) -> None:
    row = reader_of(world, "River Watch", 0, co_signers=("Hope",))
    for alias in ("A Voice", ""):
        row = aliases.set_alias(registration=row, alias=alias, actor=actor_of(row))
    hope = row.co_signers.get()
    aliases.set_co_signer_alias(co_signer=hope, alias="A Friend", actor=world.office)
    changes.answer_co_signing(co_signer=row.co_signers.get(), state=CoSigner.State.CONSENTED)
    joining.set_co_signers(registration=row, named=(), actor=actor_of(row))


def is_replaced(world: World) -> None:
    row = reader_of(world, "River Watch", 0)
    new = {"name": "Léa", "email": "lea@example.org", "title": ""}
    changes.replace_speaker(registration=row, actor=world.office, **new)


def speaks_jointly(world: World) -> None:
    rows = [reader_of(world, name, 0, question="Who pays?") for name in ("River Watch", "Lakes")]
    first, second = (world.inscription(row).id for row in rows)
    proposal = joint.propose(hearing=world.hearing, pair=(first, second), actor=world.office)
    for row in rows:
        proposal = joint.answer(proposal=proposal, registration=row, agrees=True)


def has_a_reader(world: World) -> None:
    row = reader_of(world, "River Watch", 0)
    (place,) = places.of_registration(row)
    given = {"name": "Rosa", "email": "rosa@example.org", "language": READER, "voice": "live"}
    reader = readers.name(place=place, actor=actor_of(row), **given)
    reader = readers.confirm(reader=reader, place=place, may_be_named=False)
    readers.take_back(reader=reader, place=place, actor=actor_of(row))
    reader = readers.name(place=place, actor=actor_of(row), **given)
    readers.take_back(reader=reader, place=place, actor=readers.actor_of(reader))


def is_decided(world: World) -> None:
    world.accepts = False
    for outcome in (Registration.Status.ACCEPTED, Registration.Status.REFUSED):
        row = reader_of(world, f"Watch {outcome}", 0)
        review.decide(
            hearing=world.hearing,
            chosen=[row.pk],
            outcome=outcome,
            reason="OK",
            decided_by=world.secretary,
            actor=world.office,
        )


def is_declined(world: World) -> None:
    rows = [reader_of(world, name, 0, question="Who pays?") for name in ("River Watch", "Lakes")]
    first, second = (world.inscription(row).id for row in rows)
    proposal = joint.propose(hearing=world.hearing, pair=(first, second), actor=world.office)
    joint.answer(proposal=proposal, registration=rows[0], agrees=False)
    asked = reader_of(world, "Sea Watch", 0, co_signers=("Hope",)).co_signers.get()
    changes.answer_co_signing(co_signer=asked, state=CoSigner.State.DECLINED)


def asks_a_question(world: World) -> None:
    question = reader_of(world, "River Watch", 0, question="Who pays?").questions.get()
    panel = world.panels[0]
    questions.sort(question=question, segment=panel, guiding_question=None, actor=world.office)
    world.open_panel()
    world.press(c.DrawQuestion(question.id.hex))
    world.press(c.AnswerQuestion(question.id.hex))


def is_published(world: World) -> None:
    row = reader_of(world, "River Watch", 0)
    place = world.inscription(row)
    handed = statements.hand_in(
        registration=row,
        inscription=place,
        file_name="a.txt",
        data=b"We thank the President for this hearing.",
        by=row.person,
        actor=world.office,
    )
    statement = handed.version.statement
    statements.set_consent(statement=statement, publish=True, actor=world.office)
    world.open_panel()
    world.press(c.GiveFloor(place.id.hex))
    world.clock.advance(60_000)
    world.press(c.EndFloor())


def is_trained(world: World) -> None:
    row = reader_of(world, "River Watch", 0)
    session = training.schedule(hearing=world.hearing, plan=plan(), actor=world.office)
    training.sign_up(session=session, registration=row, actor=actor_of(row))
    training.change(session=session, plan=plan(minutes=45), actor=world.office)
    training.cancel(session=session, reason="", actor=world.office)


def has_meetings_in_a_calendar(world: World) -> None:
    row = reader_of(world, "River Watch", 0)
    calendar_entries.switch(hearing=world.hearing, on=True, actor=world.office)
    assert calendar_entries.bring_up_to_date() == 1
    changes.withdraw(registration=row, reason="", actor=world.office)
    assert calendar_entries.bring_up_to_date() == 1


def waits_for_the_floor(world: World) -> None:
    row = reader_of(world, "River Watch", 0)
    held = [world.inscription(row)]
    assert statement_letters.remind(inscriptions=held, actor=world.office) == 1
    world.clock.move_to(clock.to_ms(world.panels[0].starts_at - timedelta(hours=23)))
    assert day_before.tell() == 1
    world.open_panel()
    world.press(c.CloseSegment())


ACTS: dict[Callable[[World], object], set[str]] = {
    registers: {"confirmation", "receipt", "co-signer"},
    asks_for_the_link: {"sign-in", "confirmation"},
    withdraws: {"withdrawal", "decision"},
    speaks_under_an_alias: {"decision", "co-signer"},
    is_replaced: {"sign-in", "withdrawal"},
    speaks_jointly: {"co-signer"},
    has_a_reader: {"floor-link", "decision", "withdrawal"},
    is_trained: {"training"},
    has_meetings_in_a_calendar: {"calendar"},
    waits_for_the_floor: {"missing-statement", "forecast", "not-reached"},
    is_decided: {"decision"},
    is_declined: {"co-signer"},
    asks_a_question: {"question"},
    is_published: {"publication"},
}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_letters_are_in_the_readers_language_whoever_acts(
    world: World, act: Callable[[World], object]
) -> None:
    translate(world)
    own = originals(world)
    with override(ACTING):
        act(world)
    messages = list(Message.objects.prefetch_related("enclosures"))
    assert {str(message.purpose) for message in messages} >= ACTS[act]
    assert {message.language for message in messages} == {READER}
    for message in messages:
        files = [bytes(file.content).decode() for file in message.enclosures.all()]
        framed = mail.plain(message, world.hearing)
        written = "\n".join([message.subject, framed, *files]).replace("\r\n ", "")
        assert list(strange(written, READER, own, ACTING)) == [], written
