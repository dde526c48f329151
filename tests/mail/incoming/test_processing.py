"""What happens to mail: clear cases are handled automatically, the others wait for a person."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils.translation import gettext, override

from hemicycle.before.questions.models import Question
from hemicycle.before.registration.by_mail.finding import own_address
from hemicycle.before.statements.models import Statement
from hemicycle.mail.incoming import actions, handlers, housekeeping, processing
from hemicycle.mail.incoming.handlers import Case, MailRefused
from hemicycle.mail.incoming.models import Mail, Purpose
from hemicycle.mail.outgoing.actions import queue
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry
from hemicycle.ui.languages import speaking
from tests.mail.incoming.arriving import arrived, known_as, stored
from tests.mail.incoming.letters import FRONT, TEXT, docx, letter, with_file
from tests.support.lists import World

pytestmark = pytest.mark.postgresql("locks")

ANA = "ana@relief.example.org"
WRITTEN = {
    "ar": "نرسل إليكم بيان الجمعية، ونرجو أن يُنشر بعد الجلسة.",
    "en": "Please find the statement of our association for the victims in the file.",
    "es": "Les enviamos la declaración de la asociación para las víctimas y los niños.",
    "fr": "Veuillez trouver la déclaration de notre association pour les victimes dans le fichier.",
    "ru": "Направляем вам заявление нашей организации для публикации.",
    "zh": "请查收我们协会的发言稿，并请在会后公布。",
}


def outcome(mail: Mail) -> tuple[str, str]:
    return mail.state, mail.why


def test_a_statement_is_taken_once_however_often_it_is_processed(world: World) -> None:
    registration = known_as(world.ngo("Relief", 0), ANA)
    (row,) = stored(with_file(letter()))
    stale = Mail.objects.get(pk=row.pk)
    for _ in range(3):
        processing.process(row.pk)
    processing._process(stale)  # as another process that began before the first was done
    statement = Statement.objects.get(registration=registration)
    assert [(version.number, version.words > 10) for version in statement.versions.all()] == [
        (1, True)
    ]
    assert statement.inscription == world.inscription(registration)
    assert Message.objects.filter(subject__contains="received your statement").count() == 1
    told = Entry.objects.filter(hearing=world.hearing.id, kind="mail.received")
    assert [entry.fields()["state"] for entry in told] == ["done"]


def test_a_locked_or_damaged_file_is_told_of_in_the_sentences_of_the_page(world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    bomb = arrived(with_file(letter(subject="One"), "statement.docx", b"PK\x03\x04broken"))
    assert outcome(bomb) == ("done", "taken")
    assert bomb.answer is not None
    assert "is damaged" in bomb.answer.body
    picture = arrived(with_file(letter(subject="Two"), "scan.pdf", b"\x89PNG\r\n\x1a\n0000"))
    assert outcome(picture) == ("waiting", "not_taken")
    assert picture.answer is not None
    assert "is a picture" in picture.answer.body


def test_mail_is_in_time_by_its_receipt_and_late_mail_waits_for_the_office(world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    world.hearing.statements_close_at = clock.now()
    world.hearing.late_statements = "refused"
    world.hearing.save(update_fields=("statements_close_at", "late_statements"))
    (row,) = stored(with_file(letter(subject="In time")))
    world.clock.advance(3_600_000)
    processing.process(row.pk)
    assert Statement.objects.get().versions.count() == 1
    late = arrived(with_file(letter(subject="Too late"), "better.docx", docx("Better words.")))
    assert outcome(late) == ("waiting", "not_taken")
    assert late.answer is not None
    assert "The deadline for statements has passed" in late.answer.body
    assert Statement.objects.get().versions.count() == 1


@pytest.mark.parametrize(
    ("why", "message"),
    [
        ("no_document", letter()),
        ("several_documents", with_file(with_file(letter()), "annex.docx", docx("Another."))),
        ("unknown_sender", with_file(letter(sender="Nobody <nobody@elsewhere.example>"))),
        ("empty", letter(text="")),
    ],
)
def test_what_is_not_plain_waits_with_its_reason_and_the_sender_is_told(
    world: World, why: str, message: object
) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    mail = arrived(message)  # type: ignore[arg-type]
    assert outcome(mail) == ("waiting", why)
    assert mail.answer is not None
    assert "A member of the secretariat will read it" in mail.answer.body
    assert mail.answer.answers == mail.message_id != ""
    assert Statement.objects.count() == 0


@pytest.mark.any_database
@pytest.mark.parametrize("language", sorted(WRITTEN))
def test_a_stranger_is_answered_in_the_language_of_the_message(world: World, language: str) -> None:
    mail = arrived(letter(sender="Nobody <nobody@elsewhere.example>", text=WRITTEN[language]))
    assert outcome(mail) == ("waiting", "unknown_sender")
    assert mail.answer is not None
    assert mail.answer.language == language
    with speaking(language):
        said = gettext("We have received your message. A member of the secretariat will read it.")
    assert said in mail.answer.body


@pytest.mark.any_database
def test_a_refusal_is_in_the_language_of_who_reads_it(world: World) -> None:
    """The sender reads it by mail; the office reads it when it tries to accept the same file."""
    relief = known_as(world.ngo("Relief", 0, interface_language="fr"), ANA)
    mail = arrived(with_file(letter(), "scan.pdf", b"\x89PNG\r\n\x1a\n0000"))
    assert outcome(mail) == ("waiting", "not_taken")
    assert mail.answer is not None
    assert "Enregistrez" in mail.answer.body
    handler = handlers.handlers()[Purpose.STATEMENTS]
    case = Case(world.hearing, mail, actions.parsed_mail(mail), relief.id)
    form = handler.form(case, {"file": "1", "place": str(world.inscription(relief).id)})
    assert form.is_valid(), form.errors
    with override("ru"), pytest.raises(MailRefused) as refused:
        handler.decide(case, form, world.office)
    assert "Сохраните" in refused.value.sentence


def test_a_mission_in_two_panels_names_the_panel_in_the_subject(world: World) -> None:
    mission = known_as(world.mission("Normere", 0, 1), ANA)
    unsaid = arrived(with_file(letter(subject="Statement of Normere")))
    assert outcome(unsaid) == ("waiting", "which_place")
    said = arrived(with_file(letter(subject="Normere: statement for Panel 2")))
    assert outcome(said) == ("done", "taken")
    place = Statement.objects.get(registration=mission).inscription
    assert place == world.inscription(mission, 1)


def test_programs_and_our_own_messages_are_never_answered(world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    sent = Message.objects.filter(hearing_id=world.hearing.id).first()
    assert sent is not None
    loops = {
        "reply": letter(Auto_Submitted="auto-replied"),
        "bulk": letter(Precedence="bulk"),
        "loop": letter(message_id=f"<{sent.id.hex}@localhost>"),
    }
    found = {why: arrived(with_file(message)) for why, message in loops.items()}
    found["reply of nobody"] = arrived(with_file(letter()), "statements@hearing.example", sender="")
    found["from us"] = arrived(with_file(letter(sender="statements@hearing.example")))
    assert {why: (*outcome(mail), mail.answer) for why, mail in found.items()} == {
        "reply": ("aside", "reply", None),
        "bulk": ("aside", "bulk", None),
        "loop": ("aside", "loop", None),
        "reply of nobody": ("aside", "reply", None),
        "from us": ("aside", "loop", None),
    }
    assert Statement.objects.count() == 0


def test_a_bounce_is_told_to_whoever_sent_the_message(world: World) -> None:
    ours = queue(
        hearing_id=world.hearing.id,
        purpose=Message.Purpose.RECEIPT,
        subject="Receipt",
        body="Here.",
        address="gone@elsewhere.example",
    )
    assert ours is not None
    Message.objects.update(state=Message.State.SENT)
    mail = arrived(_report(ours), "information@hearing.example", sender="")
    assert (*outcome(mail), mail.answer) == ("aside", "bounce", None)
    ours.refresh_from_db()
    assert (ours.state, ours.answer) == ("bounced", "5.1.1 smtp; 550 5.1.1 no such user")


def _report(message: Message) -> bytes:
    return f"""From: MAILER-DAEMON@elsewhere.example
To: information@hearing.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <1@elsewhere.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; elsewhere.example

Final-Recipient: rfc822; gone@elsewhere.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: message/rfc822

From: hearing@hearing.example
Subject: Receipt
Message-ID: <{message.id.hex}@localhost>

Here.
--b--
""".replace("\n", "\r\n").encode()


def test_duplicates_are_put_aside_and_changed_copies_wait(world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    first = with_file(letter(message_id="<one@relief.example.org>"))
    assert outcome(arrived(first)) == ("done", "taken")
    again = b"Received: from elsewhere\r\n" + bytes(first)
    duplicate = arrived(again, "statements@hearing.example")
    assert (*outcome(duplicate), duplicate.answer) == ("aside", "duplicate", None)
    other = with_file(letter(message_id="<one@relief.example.org>"), data=docx("Quite other."))
    assert outcome(arrived(other)) == ("waiting", "changed")


def test_a_copy_to_the_address_for_information_needs_nobody(world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    message = with_file(letter(message_id="<two@relief.example.org>"))
    copy = arrived(message, "information@hearing.example")
    assert outcome(copy) == ("waiting", "other")
    assert outcome(arrived(message, "statements@hearing.example")) == ("done", "taken")
    copy.refresh_from_db()
    assert outcome(copy) == ("aside", "duplicate")
    both = stored(
        letter(message_id="<three@relief.example.org>"),
        "information@hearing.example",
        "statements@hearing.example",
        "publication@hearing.example",
    )
    assert [row.purpose for row in both] == ["statements", "publication"]


def test_publication_needs_certainty_and_touches_the_senders_own_alone(world: World) -> None:
    relief = known_as(world.ngo("Relief", 0), ANA)
    other = known_as(world.ngo("Open Doors", 1), "bo@doors.example.net")
    arrived(with_file(letter()))
    arrived(with_file(letter(sender="bo@doors.example.net"), data=docx(TEXT + "Doors open.")))
    ask = {"to": "publication@hearing.example", "subject": "Publication"}
    unknown = f"{FRONT}; dmarc=none header.from=relief.example.org"
    ask["Authentication_Results"] = unknown
    early = arrived(letter(**ask, text="Please publish our statement."))
    assert outcome(early) == ("waiting", "unchecked")
    own = own_address(relief, "publication@hearing.example")
    negated = arrived(letter(subject="Publication", text="Please do NOT publish it."), own)
    assert outcome(negated) == ("waiting", "no_request")
    sure = arrived(letter(subject="Publication", text="Please publish it."), own)
    assert (*outcome(sure), sure.confidence) == ("done", "taken", 100)
    consents = dict(Statement.objects.values_list("registration", "consents_to_publish"))
    assert consents == {relief.id: True, other.id: False}


def test_a_reply_to_our_message_is_certain(world: World) -> None:
    relief = known_as(world.ngo("Relief", 0), ANA)
    ours = Message.objects.get(person=relief.person, purpose="receipt")
    mail = arrived(
        with_file(
            letter(
                sender="Assistant <office@other.example>",
                In_Reply_To=f"<{ours.id.hex}@localhost>",
            )
        )
    )
    assert (*outcome(mail), mail.registration_id) == ("done", "taken", relief.id)
    assert mail.candidates == [
        {"registration": relief.id.hex, "confidence": 95, "reasons": ["reply", "checked"]}
    ]
    assert mail.answer is not None
    assert mail.answer.person == relief.person


def test_a_token_of_anothers_or_a_wrong_one_proves_nothing(world: World) -> None:
    relief = known_as(world.ngo("Relief", 0), ANA)
    good = own_address(relief, "statements@hearing.example")
    wrong = good.replace("@", "x@")
    stranger = letter(sender="Nobody <nobody@elsewhere.example>")
    assert outcome(arrived(with_file(stranger), wrong)) == ("waiting", "unknown_sender")
    assert outcome(arrived(with_file(letter(subject="Hm")), good.upper())) == ("done", "taken")


def test_an_impostor_never_acts_and_is_never_answered(world: World, settings: Any) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    settings.MAILROOM = {**settings.MAILROOM, "trusted": ("mx.hearing.example",)}
    failed = "mx.hearing.example; spf=fail smtp.mailfrom=relief.example.org; dmarc=fail"
    forged = "mx.elsewhere.example; dmarc=pass header.from=relief.example.org"
    mail = arrived(with_file(letter(Authentication_Results=failed)))
    assert (*outcome(mail), mail.answer) == ("waiting", "failed_check", None)
    assert mail.authentic == {"by": "server", "spf": "fail", "dmarc": "fail"}
    mail = arrived(with_file(letter(Authentication_Results=forged, subject="Two")))
    assert (*outcome(mail), mail.authentic, mail.confidence) == ("waiting", "unchecked", {}, 0)
    passed = failed.replace("=fail", "=pass")
    mail = arrived(with_file(letter(Authentication_Results=passed, subject="Three")))
    assert (*outcome(mail), mail.confidence) == ("done", "taken", 92)


def test_a_question_becomes_a_question(world: World) -> None:
    relief = known_as(world.ngo("Relief", 0), ANA)
    world.hearing.mailboxes["questions"] = "questions@hearing.example"
    world.hearing.save()
    text = "What helps survivors most?\n\n> quoted\n\nOn Monday Bo wrote:\n> more"
    mail = arrived(letter(to="questions@hearing.example", subject="For panel 2", text=text))
    assert outcome(mail) == ("done", "taken")
    question = Question.objects.get(registration=relief)
    assert (question.text, question.segment) == ("What helps survivors most?", world.panels[1])


def test_answers_to_one_address_are_few(world: World) -> None:
    answered = [
        arrived(letter(subject=f"Hello {n}", sender="nobody@elsewhere.example")).answer is not None
        for n in range(9)
    ]
    assert answered == [True] * 6 + [False] * 3


def test_what_fails_again_and_again_waits_for_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = stored(letter())
    monkeypatch.setattr(Mail, "raw", lambda _self: (_ for _ in ()).throw(OSError("disk")))
    for _ in range(3):
        processing.process(row.pk)
    row.refresh_from_db()
    assert (*outcome(row), row.hearing_id) == ("waiting", "error", world.hearing.id)


def test_mail_to_nobody_is_the_open_hearings(world: World) -> None:
    mail = arrived(letter(to="someone@elsewhere.example"))
    assert (mail.hearing_id, *outcome(mail)) == (world.hearing.id, "waiting", "other")


def test_erasure_takes_what_a_person_sent(world: World) -> None:
    relief = known_as(world.ngo("Relief", 0), ANA)
    mail = arrived(with_file(letter()))
    erasure.erase(hearing=world.hearing.id, person=relief.person_id, actor=world.office)
    mail.refresh_from_db()
    assert (mail.file, mail.text, mail.from_address, mail.subject, mail.recipients) == (
        *("", "", "", ""),
        [],
    )


def test_participants_are_told_their_own_addresses_once_these_work(
    world: World, settings: Any
) -> None:
    from hemicycle.before.registration import links

    relief = world.ngo("Relief", 0)
    page = f"/my/{links.secret_of(relief)}/"
    own = own_address(relief, "statements@hearing.example")
    assert own not in Client().get(page).content.decode()
    settings.MAILROOM = {**settings.MAILROOM, "own_addresses": True}
    assert own in Client().get(page).content.decode()


@pytest.mark.usefixtures("either_storage")
def test_mail_that_nobody_claims_is_taken_out_after_a_while(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    nobodys, ours = arrived(letter()), arrived(letter(subject="Another"))
    Mail.objects.filter(pk=nobodys.pk).update(hearing_id=None)
    name = nobodys.file
    world.clock.advance(89 * 86_400_000)
    assert (housekeeping.clear_unclaimed(), default_storage.exists(name)) == (0, True)
    world.clock.advance(2 * 86_400_000)
    with django_capture_on_commit_callbacks(execute=True):
        assert housekeeping.clear_unclaimed() == 1
    nobodys.refresh_from_db()
    ours.refresh_from_db()
    assert (nobodys.file, nobodys.text, nobodys.from_address) == ("", "", "")
    assert not default_storage.exists(name)
    assert ours.text
