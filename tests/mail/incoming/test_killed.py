"""Receiving mail is killed at any step: what was acknowledged is handled, and handled once.

A sender that gets no answer sends the message again, as SMTP prescribes. So a message may be stored
twice; the second copy is set aside as a duplicate.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from aiosmtpd.smtp import Envelope
from django.db import connection

from hemicycle.before.questions.models import Question
from hemicycle.before.registration.models import Registration
from hemicycle.mail.incoming import processing
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.reading.parse import parse
from hemicycle.mail.incoming.receiving import store
from hemicycle.mail.incoming.receiving.listener import StoringHandler
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.models import Entry
from hemicycle.site.rehearsal import tally
from tests.mail.incoming.arriving import known_as, stored
from tests.mail.incoming.letters import letter
from tests.mail.incoming.receiving.test_listener import coming, wired
from tests.support.killed import Steps, is_killed_at
from tests.support.lists import World

pytestmark = pytest.mark.postgresql("transactions")

__all__ = ["coming"]
TO = "questions@hearing.example"


@pytest.fixture(autouse=True)
def read_here() -> Iterator[None]:
    """Read mail in this process: a new process for each message would take most of the time."""
    with patch.object(processing, "read", parse):
        yield


@pytest.fixture
def asked(coming: World) -> World:
    """Return the future hearing with an address for questions."""
    coming.hearing.mailboxes["questions"] = TO
    coming.hearing.save()
    return coming


def registered(world: World, number: int) -> Registration:
    return known_as(world.ngo(f"Relief {number}", 0), f"ana{number}@relief.example.org")


def question(number: int) -> EmailMessage:
    return letter(
        sender=f"Ana Ruiz <ana{number}@relief.example.org>",
        to=TO,
        subject="For panel 1",
        text=f"Who pays for number {number}?",
        message_id=f"<{number}@relief.example.org>",
    )


def take_in(steps: Steps, message: EmailMessage, answers: Path) -> None:
    """Store and acknowledge a message as the listener does, in steps for its row and its file."""

    def commit(jobs: list[Any]) -> None:
        with connection.execute_wrapper(steps.sql):
            own(jobs)
        steps()

    def sync(descriptor: int) -> None:
        steps()
        fsync(descriptor)
        steps()

    own, fsync = store.commit, os.fsync
    with patch.object(store, "commit", commit), patch.object(os, "fsync", sync):
        committer = store.Committer()
        committer.start()
        handler = StoringHandler(Mail.Source.SMTP, committer, lambda: None)
        envelope = Envelope()
        envelope.mail_from = str(message["From"]).partition("<")[2].rstrip(">")
        envelope.rcpt_tos = [TO]
        envelope.original_content = wired(message)
        session: Any = SimpleNamespace(peer=("127.0.0.1", 25), host_name="relief.example.org")
        server: Any = None
        answer = asyncio.run(handler.handle_DATA(server, session, envelope))
        steps()
        answers.write_text(answer)
        committer.stop()


def process(_steps: Steps, pk: UUID) -> None:
    """Handle a message; its SQL statements are the steps."""
    processing.process(pk)


def check(world: World, registration: Registration, number: int) -> None:
    """Check that there is one question, one answer and one entry for a message."""
    assert [row.text for row in Question.objects.filter(registration=registration)] == [
        f"Who pays for number {number}?"
    ]
    rows = Mail.objects.filter(message_id__contains=f"{number}@relief.example.org")
    handled = rows.exclude(state=Mail.State.ASIDE)
    assert [(row.state, row.why) for row in handled] == [("done", "taken")]
    assert {row.why for row in rows.filter(state=Mail.State.ASIDE)} <= {"duplicate"}
    assert handled[0].answer is not None
    assert (
        Message.objects.filter(
            address=registration.person.email, purpose=handled[0].answer.purpose
        ).count()
        == 1
    )
    told = Entry.objects.filter(hearing=world.hearing.id, kind="mail.received")
    assert [entry.fields()["mail"] for entry in told].count(handled[0].id.hex) == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_killed_while_it_was_stored_is_sent_again_and_handled_once(
    asked: World, tmp_path: Path
) -> None:
    copies: set[int] = set()
    for number in count(1):
        registration, answers = registered(asked, number), tmp_path / f"answer{number}"
        is_killed = is_killed_at(number, take_in, question(number), answers)
        if not answers.exists():  # the sender's server tries again
            assert not is_killed_at(0, take_in, question(number), answers)
        assert answers.read_text() == "250 2.0.0 Stored"
        copies.add(Mail.objects.filter(state=Mail.State.STORED).count())
        processing.process_stored()
        check(asked, registration, number)
        if not is_killed:
            break
    assert number > 8
    assert copies == {1, 2}
    assert tally.verification(asked.hearing).holds


@pytest.mark.django_db(transaction=True)
def test_what_was_killed_while_it_was_handled_is_handled_once(asked: World) -> None:
    left: set[str] = set()
    for number in count(1):
        registration = registered(asked, number)
        (row,) = stored(question(number), sender=registration.person.email)
        is_killed = is_killed_at(number, process, row.pk)
        row.refresh_from_db()
        left.add(row.state)
        processing.process_stored()
        check(asked, registration, number)
        if not is_killed:
            break
    assert number > 10
    assert left == {"stored", "done"}
    assert tally.verification(asked.hearing).holds
