"""Letters are in their reader's language, not the actor's: subject, text, dates and files.

The hearing's own texts exist in six languages. Each letter is written in all of them. Then a
person whose pages are in Russian does everything that sends letters to a reader of French.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.http import QueryDict
from django.test import override_settings
from django.utils.translation import override

from hemicycle.before.accreditation import approvals, editions, focal_points, objections
from hemicycle.before.accreditation import circulation as list_letters
from hemicycle.before.accreditation.models import Approval
from hemicycle.before.consent import actions as consent
from hemicycle.before.consent.models import Use
from hemicycle.before.questions import actions as questions
from hemicycle.before.readers import actions as readers
from hemicycle.before.readers import places
from hemicycle.before.registration import (
    aliases,
    changes,
    drafts,
    editing,
    joining,
    joint,
    pending,
    review,
)
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.confirming import confirm
from hemicycle.before.registration.models import (
    CoSigner,
    Inscription,
    PendingChange,
    Registration,
)
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers import day_before
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements import letters as statement_letters
from hemicycle.before.training import actions as training
from hemicycle.hearing.people.actions import ask_for_link
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup import actions, document_mapping, plan_changes
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.outgoing import (
    announcing,
    calendar_entries,
    frame,
    invitation,
    lists,
    mailings,
)
from hemicycle.mail.outgoing.delivery import mail
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import fill, known_letters, text_of
from hemicycle.meeting.cutting import actions as cutting
from hemicycle.meeting.cutting.models import Cut
from hemicycle.outcome.summary import actions as summaries
from hemicycle.outcome.summary import circulation, key_messages
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.ui.languages import OFFICIAL, speaking
from tests.before.training.sessions import plan
from tests.mail.incoming import letters as incoming
from tests.mail.incoming.arriving import arrived, known_as
from tests.mail.incoming.letters import with_file
from tests.mail.outgoing.tongues import originals, strange, translate
from tests.support.lists import accept

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.finished import Finished
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

READER = "fr"
ACTING = "ru"
"""The actor's language, which is written in Cyrillic: any word of it in a letter is found."""


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
    """Limit the speakers of a panel to `places`, and let others wait."""
    Segment.objects.filter(pk=panel.pk).update(max_inscriptions=places, waiting_list=True)


def reader_of(world: World, name: str, *panels: int, **more: object) -> Registration:
    """Register a participant whose letters are in French."""
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


def hands_in(world: World, name: str, said: str) -> Inscription:
    """Submit a statement that may be published, for a participant whose letters are in French."""
    row = reader_of(world, name, 0)
    place = world.inscription(row)
    handed = statements.hand_in(
        registration=row,
        inscription=place,
        file_name="a.txt",
        data=said.encode(),
        by=row.person,
        actor=world.office,
    )
    statement = handed.version.statement
    statements.set_consent(statement=statement, publish=True, actor=world.office)
    return place


def speak(world: World, *places: Inscription) -> None:
    """Open the panel, and let each of these speak for a minute."""
    world.open_panel()
    for place in places:
        world.press(c.GiveFloor(place.id.hex))
        world.clock.advance(60_000)
        world.press(c.EndFloor())


def is_published(world: World) -> None:
    speak(world, hands_in(world, "River Watch", "We thank the President for this hearing."))


def is_cut_out(world: World) -> None:
    row = reader_of(world, "River Watch", 0)
    speak(world, world.inscription(row))
    consent.change(registration=row, use=Use.RECORDING, is_given=False, actor=actor_of(row))
    for cut in Cut.objects.all():
        order = {"cut": cut.id.hex, "to_ms": cut.to_ms}
        cutting.report(hearing=world.hearing.id, order=order, done=True)


def is_told_the_outcome(world: World) -> None:
    said = "Nous demandons un fonds d’affectation spéciale pour les survivants de la traite."
    speak(world, *[hands_in(world, name, said) for name in ("River Watch", "Lake Watch")])
    act: dict[str, Any] = {"hearing": world.hearing, "actor": world.office}
    summaries.draft(**act)
    key_messages.publish(**act)
    circulation.circulate(paper=circulation.MESSAGES_PAPER, **act)
    summaries.publish(**act)
    circulation.circulate(**act)


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


def can_be_called_after_all(world: World) -> None:
    reader_of(world, "River Watch", 0)
    world.open_panel()
    world.press(c.CloseSegment())
    Message.objects.filter(purpose=Message.Purpose.NOT_REACHED).update(sent_at=clock.now())
    world.press(c.Undo())
    assert Message.objects.filter(purpose=Message.Purpose.NOT_REACHED).count() == 2


def changes_address(world: World) -> None:
    row = reader_of(world, "River Watch", 0, alias="A Voice")
    Registration.objects.filter(pk=row.pk).update(contact_email="contact@example.org")
    kinds = PendingChange.Kind
    for kind, address in ((kinds.EMAIL, "new@example.org"), (kinds.SPEAKER, "lea@example.org")):
        asked = pending.ask(
            registration=row, kind=kind, email=address, name="Léa", actor=actor_of(row)
        )
        pending.confirm(change=asked)


def is_corrected(world: World) -> None:
    row = reader_of(world, "River Watch", 0)
    editing.edit(
        registration=row,
        facts=facts_of(world.hearing),
        data={"name": "Léa"},
        reason="",
        actor=world.office,
    )
    review.revoke_link(registration=row, reason="", send_new=True, actor=world.office)


def moves_up(world: World) -> None:
    few = {"max_registrations": 1, "waiting_list": True}
    world.hearing.categories.filter(key="civil-society").update(**few)
    first = reader_of(world, "River Watch", 0)
    reader_of(world, "Lake Watch", 0)
    changes.withdraw(registration=first, reason="", actor=actor_of(first))


def is_reviewed(world: World) -> None:
    world.accepts = False
    steps = {"focal_point": True, "no_objection": True}
    world.hearing.categories.filter(key="civil-society").update(**steps)
    category = world.hearing.categories.get(key="civil-society")
    rows = [reader_of(world, name, 0) for name in ("River Watch", "Lake Watch")]
    point = focal_points.name(
        hearing=world.hearing,
        person=Person(name="Fatou", email="fatou@example.org", language=READER),
        category=category,
        organization="",
        actor=world.office,
    )
    given = dict(zip((row.pk for row in rows), ("approved", "declined"), strict=True))
    for asked in point.approvals.select_related("registration__person"):
        state = Approval.State(given[asked.registration_id])
        approvals.answer(approval=asked, state=state, reason="Unknown.")
    accept(world.mission("Estmere", interface_language=READER))
    until = clock.now() + timedelta(days=2)
    edition = editions.freeze(hearing=world.hearing, deadline=until, actor=world.office)
    list_letters.circulate(edition=edition, actor=world.office)
    copy, line = edition.copies.get(), edition.lines.get()
    objections.make(copy=copy, line=line.pk, reason="Unknown.", received_at=clock.now())
    list_letters.release(edition=edition, actor=world.office)
    reader_of(world, "Sea Watch", 0)
    again = editions.correct(edition=edition, deadline=until, with_new=True, actor=world.office)
    list_letters.circulate(edition=again, actor=world.office)
    list_letters.release(edition=again, actor=world.office)
    Message.objects.update(state=Message.State.SENT)  # otherwise `withdraw` recalls the list
    list_letters.withdraw(edition=again, reason="…", actor=world.office)


def waits_for_training(world: World) -> None:
    first, second = (reader_of(world, name, 0) for name in ("River Watch", "Lake Watch"))
    session = training.schedule(hearing=world.hearing, plan=plan(capacity=1), actor=world.office)
    for row in (first, second):
        training.sign_up(session=session, registration=row, actor=actor_of(row))
    training.sign_off(session=session, registration=first, actor=actor_of(first))
    new = {"name": "Léa", "email": "lea@example.org", "title": ""}
    changes.replace_speaker(registration=second, actor=world.office, **new)
    world.clock.move_to(clock.to_ms(session.starts_at - timedelta(hours=1)))
    assert training.remind() == 1


def has_a_question_back(world: World) -> None:
    question = reader_of(world, "River Watch", 0, question="Who pays?").questions.get()
    panel = world.panels[0]
    questions.sort(question=question, segment=panel, guiding_question=None, actor=world.office)
    world.open_panel()
    world.press(c.DrawQuestion(question.id.hex))
    world.press(c.Undo())


def is_imitated(world: World) -> None:
    world.mission("Estmere", 0, interface_language=READER)
    other = world.mission("Estmere", 1, interface_language=READER, on_file=False)
    assert other.lacks_proof


def is_written_to(world: World) -> None:
    reader_of(world, "River Watch", 0)
    everybody = lists.source(world.hearing, "registered:all")
    assert everybody is not None
    for key in ("invitation", "announcement", "floor-link"):
        mailing = mailings.make(
            hearing=world.hearing,
            letter=known_letters()[key],
            source=everybody,
            enclosed=["calendar"] * (key == "invitation"),
        )
        mailings.confirm(hearing=world.hearing, mailing=mailing, count=1, actor=world.office)


def hears_of_a_new_plan(world: World) -> None:
    reader_of(world, "River Watch", 0)
    Person.objects.exclude(email__startswith="person").update(language=READER)
    data = document_mapping.to_document(actions.whole(world.hearing.pk))
    data["meetings"][0]["segments"][1]["ends"] -= timedelta(minutes=20)
    actions.change(hearing=world.hearing, data=data, actor=world.office)
    shown = plan_changes.digest(plan_changes.pending(actions.whole(world.hearing.pk)))
    announcing.announce(hearing=world.hearing, shown=shown, actor=world.office)


def signs_in(world: World) -> None:
    Person.objects.filter(pk=world.secretary.pk).update(language=READER)
    ask_for_link(address=world.secretary.email, next_url="/office/")


def goes_on_later(world: World) -> None:
    track = world.hearing.all_tracks[-1]
    with override(READER):  # the person fills in the form in this language
        drafts.mail(world.hearing, track, QueryDict("organization=X"), "ana@example.org")


def writes(world: World) -> None:
    known_as(reader_of(world, "Relief", 0), "ana@relief.example.org")
    Hearing.objects.filter(pk=world.hearing.pk).update(
        mailboxes={**world.hearing.mailboxes, "questions": "questions@hearing.example"}
    )
    asking = {"to": "questions@hearing.example", "text": "Who pays?"}
    publishing = {"to": "publication@hearing.example", "text": "Please publish it."}
    missing = with_file(incoming.letter(subject="broken"), "a.docx", b"PK\x03\x04broken")
    unfit = with_file(incoming.letter(subject="unfit"), "a.doc", b"\xd0\xcf\x11\xe0")
    came = [
        arrived(incoming.letter(subject="nobody vouches for it")),
        arrived(incoming.letter(to="elsewhere@hearing.example", subject="to nobody")),
        arrived(incoming.letter(subject="empty", text="")),
    ]
    trusting = {**settings.MAILROOM, "trusted": (incoming.FRONT,)}
    with override_settings(MAILROOM=trusting):
        came += [arrived(incoming.letter()), arrived(unfit), arrived(missing)]
        # The number of answers in an hour is limited.
        Mail.objects.update(received_at=clock.now() - timedelta(hours=2))
        came += [arrived(with_file(incoming.letter(subject="whole")))]
        came += [arrived(incoming.letter(**asking)), arrived(incoming.letter(**publishing))]
        world.open_panel()
        world.press(c.CloseSegment())
        said = {**asking, "subject": world.panels[0].title, "text": "Who else?"}
        came += [arrived(incoming.letter(**said))]
        late = {
            "statements_close_at": clock.now() - timedelta(days=1),
            "late_statements": "refused",
        }
        Hearing.objects.filter(pk=world.hearing.pk).update(**late)
        came += [arrived(with_file(incoming.letter(subject="late"), data=incoming.docx("Late.")))]
    assert [mail.why for mail in came if mail.answer is None] == []
    assert [mail.why for mail in came] == [
        *("unchecked", "other", "empty", "no_document", "not_taken", "taken"),
        *("taken", "taken", "taken", "not_taken", "not_taken"),
    ]


ACTS: dict[Callable[[World], object], set[str]] = {
    registers: {"confirmation", "receipt", "co-signer"},
    asks_for_the_link: {"sign-in", "confirmation"},
    withdraws: {"withdrawal", "decision"},
    speaks_under_an_alias: {"decision", "co-signer"},
    is_replaced: {"sign-in", "withdrawal"},
    speaks_jointly: {"co-signer"},
    has_a_reader: {"floor-link", "decision", "withdrawal"},
    is_told_the_outcome: {"publication", "summary"},
    is_trained: {"training"},
    has_meetings_in_a_calendar: {"calendar"},
    waits_for_the_floor: {"missing-statement", "forecast", "not-reached"},
    can_be_called_after_all: {"not-reached"},
    is_decided: {"decision"},
    is_declined: {"co-signer"},
    asks_a_question: {"question"},
    is_published: {"publication"},
    is_cut_out: {"withdrawal"},
    changes_address: {"confirmation", "sign-in", "withdrawal"},
    is_corrected: {"decision", "sign-in"},
    moves_up: {"decision"},
    is_reviewed: {"approval", "decision", "no-objection"},
    waits_for_training: {"training"},
    has_a_question_back: {"question"},
    is_imitated: {"withdrawal"},
    is_written_to: {"invitation", "announcement", "floor-link"},
    hears_of_a_new_plan: {"announcement"},
    signs_in: {"sign-in"},
    goes_on_later: {"draft"},
    writes: {"receipt"},
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
