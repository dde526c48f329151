"""Real SMTP and LMTP clients send mail to the real process."""

from __future__ import annotations

import asyncio
import smtplib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiosmtpd import smtp
from django.core.files.storage import default_storage
from django.db import connection

from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.people.models import Person
from hemicycle.mail.incoming import addresses
from hemicycle.mail.incoming.addresses import AddressBook
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.receiving import store
from hemicycle.mail.incoming.receiving.listener import StoringHandler
from hemicycle.mail.incoming.receiving.store import Committer
from hemicycle.record import clock
from tests.mail.incoming.conftest import Post, wait_for
from tests.mail.incoming.letters import letter, with_file
from tests.support import stored_files
from tests.support.lists import World, reference_world
from tests.support.s3_server import S3Server

pytestmark = pytest.mark.real_time


@pytest.fixture
def coming(transactional_db: None) -> World:
    """Return the reference hearing, to be held in 60 days by the real clock."""
    day = datetime.now(UTC).date() + timedelta(days=60)
    with reference_world(day) as world:
        return world


def of(world: World, registration: Registration, address: str) -> Registration:
    Person.objects.filter(pk=registration.person_id).update(email=address)
    return registration


def send(post: Post, *messages: EmailMessage, to: str = "statements@hearing.example") -> None:
    with smtplib.SMTP("127.0.0.1", post.ports["SMTP"], timeout=30) as client:
        for message in messages:
            client.sendmail("ana@relief.example.org", [to], wired(message))


def wired(message: EmailMessage) -> bytes:
    """Return a letter as it is sent over the network."""
    return message.as_bytes(policy=SMTP)


def settled() -> list[Mail]:
    rows = list(Mail.objects.all())
    return rows if rows and all(row.state != Mail.State.STORED for row in rows) else []


def test_a_statement_by_smtp_becomes_a_version_and_is_answered(coming: World, post: Post) -> None:
    registration = of(coming, coming.ngo("Relief", 0), "ana@relief.example.org")
    send(post, with_file(letter()))
    (mail,) = wait_for(settled)
    assert (mail.state, mail.why, mail.registration_id) == ("done", "taken", registration.id)
    version = Statement.objects.get(registration=registration).versions.get()
    assert "a fund that lasts" in version.text
    assert mail.answer is not None
    assert mail.answer.address == "ana@relief.example.org"
    assert "statement.docx" in mail.answer.body


def test_what_is_refused_and_why(coming: World, make_post: Callable[..., Post]) -> None:
    post = make_post(HEMICYCLE_MAILROOM_MOST_MB="1", HEMICYCLE_MAILROOM_CONNECTIONS="3")
    with smtplib.SMTP("127.0.0.1", post.ports["SMTP"], timeout=30) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(2**20)
        client.mail("ana@relief.example.org")
        assert client.rcpt("nobody@hearing.example") == (550, b"5.1.1 No hearing has this address")
        assert client.rcpt("statements+token@HEARING.example")[0] == 250
        assert client.data(b"Subject: large\r\n\r\n" + b"x" * 70 + b"\r\n" * 2**20)[0] == 552
        client.mail("ana@relief.example.org", [f"size={2**20 + 1}"])
        assert client.mail("ana@relief.example.org", [f"size={2**20 + 1}"])[0] == 552
        others = [smtplib.SMTP("127.0.0.1", post.ports["SMTP"], timeout=30) for _ in range(2)]
        with pytest.raises(smtplib.SMTPConnectError) as busy:
            smtplib.SMTP("127.0.0.1", post.ports["SMTP"], timeout=30)
        assert busy.value.smtp_code == 421
        for other in others:
            other.quit()
    assert Mail.objects.count() == 0


def test_lmtp_answers_for_each_recipient(coming: World, post: Post) -> None:
    with smtplib.LMTP("127.0.0.1", post.ports["LMTP"], timeout=30) as client:
        client.ehlo()
        client.mail("ana@relief.example.org")
        for to in ("statements@hearing.example", "publication@hearing.example"):
            assert client.rcpt(to)[0] == 250
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(wired(letter()) + b".\r\n")
        assert [client.getreply()[0], client.getreply()[0]] == [250, 250]
        assert client.noop()[0] == 250
    found = wait_for(settled)
    assert [mail.purpose for mail in found] == ["statements", "publication"]
    assert {mail.source for mail in found} == {"lmtp"}
    assert len({mail.file for mail in found}) == 1


def test_killed_in_the_middle_nothing_acknowledged_is_lost(coming: World, post: Post) -> None:
    of(coming, coming.ngo("Relief", 0), "ana@relief.example.org")
    ids = [f"<{n}@relief.example.org>" for n in range(40)]
    letters = [letter(subject=f"Hello {message_id}", message_id=message_id) for message_id in ids]
    acknowledged: set[str] = set()
    for number, message in enumerate(letters):
        if number == 20:
            post.kill()
            post.start()
        send(post, message)
        acknowledged.add(sha256(wired(message)).hexdigest())
    found = wait_for(lambda: rows if len(rows := settled()) == 40 else [])
    assert {mail.sha256 for mail in found} >= acknowledged
    assert {(mail.state, mail.why) for mail in found} == {("waiting", "no_document")}


def test_a_slow_message_is_taken_after_the_addresses_were_read_again(
    coming: World, post: Post
) -> None:
    with smtplib.SMTP("127.0.0.1", post.ports["SMTP"], timeout=30) as client:
        client.ehlo()
        client.mail("ana@relief.example.org")
        assert client.rcpt("statements@hearing.example")[0] == 250
        time.sleep(addresses.FRESH_S + 0.5)
        assert client.data(wired(letter()))[0] == 250


@pytest.mark.slow
def test_its_sender_keeps_a_message_that_the_store_of_the_files_refuses(
    coming: World, make_post: Callable[..., Post], bucket: str, s3_server: S3Server
) -> None:
    post = make_post(**stored_files.given(s3_server))
    s3_server.refuse(403)
    try:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(post, letter())
        assert (refused.value.smtp_code, refused.value.smtp_error[:5]) == (451, b"4.3.0")
        with smtplib.LMTP("127.0.0.1", post.ports["LMTP"], timeout=30) as client:
            client.ehlo()
            client.mail("ana@relief.example.org")
            assert client.rcpt("statements@hearing.example")[0] == 250
            assert client.data(wired(letter()))[0] == 451
    finally:
        s3_server.come_back()
    assert Mail.objects.count() == 0
    assert "refuses us" in post.log.read_text()
    message = letter()
    send(post, message)
    (mail,) = wait_for(settled)
    assert mail.raw() == wired(message)


def test_addresses_are_read_again_after_the_database_ended_its_connections(coming: World) -> None:
    handler = StoringHandler(Mail.Source.SMTP, Committer(), lambda: None)

    def answer() -> str:
        handler.book = AddressBook()  # an empty book must be read again
        asked = handler.handle_RCPT(
            cast("smtp.SMTP", None),
            cast("smtp.Session", None),
            smtp.Envelope(),
            "statements@hearing.example",
            [],
        )
        return asyncio.run(asked)

    assert answer().startswith("250")
    end_other_connections()
    assert answer().startswith("250")


def test_a_sender_who_hangs_up_meanwhile_stops_nobody_s_mail(
    coming: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is slow, and both clients that wait for it hang up."""
    committing, goes_on = Event(), Event()
    own, before = store.commit, stored_today()

    def slow(jobs: list[Any]) -> None:
        committing.set()
        assert goes_on.wait(30)
        own(jobs)

    monkeypatch.setattr(store, "commit", slow)
    committer = Committer()
    committer.start()
    handler = StoringHandler(Mail.Source.SMTP, committer, lambda: None)

    async def hang_up(message: EmailMessage, until: Callable[[], bool]) -> None:
        sent = asyncio.create_task(data_of(handler, message))
        await asyncio.to_thread(wait_for, until)
        sent.cancel()
        await asyncio.wait([sent])

    asyncio.run(hang_up(letter(message_id="<in-work@example.org>"), committing.is_set))
    asyncio.run(
        hang_up(letter(message_id="<waits@example.org>"), lambda: committer._jobs.qsize() > 0)
    )
    goes_on.set()
    message = letter()
    answer = asyncio.run(asyncio.wait_for(data_of(handler, message), 30))
    assert answer.startswith("250")
    committer.stop()
    rows = Mail.objects.all()
    assert {row.sha256 for row in rows} >= {sha256(wired(message)).hexdigest()}
    assert len(rows) == 2, "what nobody waited for any more is not stored"
    assert stored_today() - before == {row.file.rpartition("/")[2] for row in rows}


def stored_today() -> set[str]:
    """Return the names of the messages' files in today's folder, also those of other tests."""
    try:
        return set(default_storage.listdir(f"mail/{clock.now():%Y-%m-%d}")[1])
    except FileNotFoundError:
        return set()


async def data_of(handler: StoringHandler, message: EmailMessage) -> str:
    """Send a message to the handler as an SMTP connection does."""
    envelope = smtp.Envelope()
    envelope.mail_from, envelope.rcpt_tos = "ana@example.org", ["statements@hearing.example"]
    envelope.original_content = wired(message)
    session = cast("smtp.Session", SimpleNamespace(peer=("127.0.0.1", 25), host_name="example.org"))
    return await handler.handle_DATA(cast("smtp.SMTP", None), session, envelope)


def end_other_connections() -> None:
    """End other connections as a crashing server does. SQLite is a file and has none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
