"""Queued messages reach a real mail server exactly once, whatever happens on the way."""

from __future__ import annotations

import base64
import email
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection

from hemicycle.mail.outgoing import actions, outbox
from hemicycle.mail.outgoing.delivery import claims, mail
from hemicycle.mail.outgoing.delivery.sender import Sender
from hemicycle.mail.outgoing.delivery.transport import BackEnd, ServerReply, Smtp
from hemicycle.mail.outgoing.models import Attempt, Enclosure, Message
from hemicycle.record import clock
from tests.support import database
from tests.support import mail_server as servers
from tests.support.mail_server import MailServer, until
from tests.support.markup import tags_in_line
from tests.support.threaded import in_thread

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.postgresql("locks")

State = Message.State


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    running = MailServer(tmp_path)
    running.start()
    yield running
    running.stop()


def owe(address: str, body: str = "Good day.", **more: Any) -> Message:
    message = actions.queue(
        hearing_id=None,
        purpose=Message.Purpose.ANNOUNCEMENT,
        subject="A letter",
        body=body,
        address=address,
        **more,
    )
    assert message is not None
    return message


def sender(server: MailServer) -> Sender:
    return Sender(Smtp(server.settings, "localhost"))


def states() -> dict[str, tuple[str, str]]:
    rows = Message.objects.order_by("address")
    return {row.address.partition("@")[0]: (row.shown_state, row.answer) for row in rows}


@pytest.mark.django_db
def test_each_answer_of_the_server_has_its_state(server: MailServer) -> None:
    for box in ("ana", "busy", "full", "vanish"):
        owe(f"{box}@example.org")
    assert sender(server).round() == 4
    assert states() == {
        "ana": ("sent", "250 2.0.0 taken"),
        "busy": ("deferred", "451 4.3.2 Come again later"),
        "full": ("failed", "550 5.1.1 Nobody of that name"),
        "vanish": ("unclear", "Connection unexpectedly closed"),
    }
    assert sender(server).round() == 0  # nothing is retried at once, and an unclear letter never
    assert server.boxes() == {"ana@example.org": 1, "vanish@example.org": 1}
    history = Attempt.objects.order_by("message__address").values_list("outcome", flat=True)
    assert list(history) == ["sent", "deferred", "failed", "unclear"]


@pytest.mark.django_db
def test_the_pauses_grow_and_end_after_three_days() -> None:
    message = owe("busy@example.org")
    start = message.queued_at
    waits = []
    for _try in range(40):
        with clock.using(clock.Virtual(clock.to_ms(start) + 1)):
            claims.claim("me", 1)
            outcome = claims.end(message, "me", servers_busy())
        message.refresh_from_db()
        if outcome == "failed":
            break
        assert message.due_at is not None
        waits.append((message.due_at - start).total_seconds())
        start = message.due_at
    assert message.state == State.FAILED
    assert [
        0.8 * pause <= wait <= 1.2 * pause
        for wait, pause in zip(waits, claims.PAUSES, strict=False)
    ] == [True] * 6
    assert timedelta(days=2) < start - message.queued_at < claims.GIVE_UP_AFTER


def servers_busy() -> ServerReply:
    return ServerReply(451, "busy")


@pytest.mark.django_db
def test_a_connection_that_breaks_early_is_no_fault_of_those_who_wait(server: MailServer) -> None:
    owe("drop@example.org")
    Message.objects.update(due_at=clock.now() - timedelta(hours=1))
    owe("zoe@example.org")
    own = sender(server)
    own.round()
    rows = Message.objects.order_by("address")
    assert [(row.state, row.attempts, row.claim) for row in rows] == [
        ("deferred", 1, ""),
        ("queued", 0, ""),
    ]
    assert all(row.due_at and row.due_at > clock.now() for row in rows)
    assert server.taken() == []
    Message.objects.filter(address="zoe@example.org").update(due_at=clock.now())
    own.round()
    assert server.boxes() == {"zoe@example.org": 1}


@pytest.mark.django_db
def test_a_server_that_is_away_is_waited_for(server: MailServer) -> None:
    message = owe("ana@example.org")
    server.stop()
    own = sender(server)
    own.round()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 0)
    assert "refused" in message.answer
    server.start()
    Message.objects.update(due_at=clock.now())
    assert own.round() == 1
    assert server.boxes() == {"ana@example.org": 1}


@pytest.mark.django_db
def test_what_was_cancelled_while_it_was_claimed_is_not_sent(server: MailServer) -> None:
    message = owe("ana@example.org")
    own = sender(server)
    (claimed,) = claims.claim(own.token, 5)
    Message.objects.filter(pk=message.pk).update(state=State.CANCELLED, claim="")
    own.transport.open()
    own._send(claimed)
    own.transport.close()
    message.refresh_from_db()
    assert (message.state, server.taken()) == (State.CANCELLED, [])


@pytest.mark.django_db
def test_two_senders_never_have_one_message() -> None:
    for number in range(6):
        owe(f"p{number}@example.org")
    one = {message.pk for message in claims.claim("one", 4)}
    other = {message.pk for message in claims.claim("other", 4)}
    assert (len(one), len(other), one & other) == (4, 2, set())
    with clock.using(lambda: clock.wall() + 61_000):
        assert len(claims.claim("third", 10)) == 6
    with pytest.raises(claims.Lost):
        claims.begin(next(iter(one)), "one")


@pytest.mark.django_db
def test_what_is_sent_is_sound_mail(server: MailServer, settings: Settings) -> None:
    settings.MAIL_BOUNCES = "bounces@hearing.example"
    settings.MAIL_FROM = "post@hearing.example"
    message = owe(
        "ana@example.org", "Good day.\n.\n.dots\n\nYour page: http://localhost:8000/my/x/. Bye\n<b>"
    )
    sender(server).round()
    (taken,) = server.taken()
    assert taken["from"] == f"bounces+{message.id.hex}@hearing.example"
    parsed = email.message_from_string(taken["data"], policy=default)
    assert parsed["Message-ID"] == f"<{message.id.hex}@localhost>" == mail.message_id(message)
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["Content-Language"] == "en"
    assert parsed["List-Unsubscribe"] is None
    assert parsed.get_content_type() == "multipart/alternative"
    plain, html = parsed.iter_parts()
    text = plain.get_content().replace("\r\n", "\n")
    body = message.body.replace("/my/x/", "/my/x/?lang=en")
    assert text == f"{body}\n\nSent by the hearings site at http://localhost:8000\n"
    page = tags_in_line(html.get_content())
    assert '<a href="http://localhost:8000/my/x/?lang=en" dir="ltr"' in page
    assert "&lt;b&gt;" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ("one.two@elsewhere.example", "<one.two@elsewhere.example>"),
        ("no id at all", None),
        ("a@b>\r\nBcc: x@example.org", None),
    ],
)
def test_an_answer_stands_below_what_it_answers(
    server: MailServer, answers: str, told: str | None
) -> None:
    message = owe("ana@example.org", "Thank you.")
    Message.objects.filter(pk=message.pk).update(answers=answers)
    sender(server).round()
    (taken,) = server.taken()
    parsed = email.message_from_string(taken["data"], policy=default)
    assert (parsed["In-Reply-To"], parsed["References"], parsed["Bcc"]) == (told, told, None)
    assert parsed["Auto-Submitted"] == "auto-replied"


@pytest.mark.django_db
def test_an_address_that_is_none_fails_alone(server: MailServer) -> None:
    owe("josé@example.org")
    owe("ana@müller.example")
    sender(server).round()
    assert [state for state, _answer in states().values()] == ["sent", "failed"]
    assert server.boxes() == {"ana@xn--mller-kva.example": 1}


@pytest.mark.real_time
@pytest.mark.django_db(transaction=True)
def test_a_sender_killed_in_the_middle_sends_nothing_twice(
    server: MailServer, request: pytest.FixtureRequest
) -> None:
    """The sender is killed several times; the server's log settles the messages in transit."""
    count = 120
    for number in range(count):
        owe(f"late-{number}@example.org" if number % 20 == 0 else f"p{number}@example.org")
    connection.close()
    own = servers.Sender(server, _environment(), held_s=0.5)
    request.addfinalizer(own.stop)
    for part in (1, 30, 60, 90):
        own.start()
        until(f"{part} messages", lambda part=part: len(server.taken()) >= part)
        own.kill()
    time.sleep(servers.LATE_S + 0.1)  # the server accepts what it has received completely
    _settle_by_log(server)
    own.start()
    until("the rest", lambda: not Message.objects.filter(state__in=Message.WAITING).exists())
    own.stop()
    _settle_by_log(server)
    assert set(server.boxes().values()) == {1}
    assert len(server.boxes()) == count
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def _environment() -> dict[str, str]:
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    return os.environ | {"HEMICYCLE_DATABASE_URL": url}


def _settle_by_log(server: MailServer) -> None:
    """Look for each unclear message in the server's log, and settle it as a person does."""
    log = server.log.read_text()
    Message.objects.filter(state=State.SENDING).update(claimed_until=clock.now())
    for message in Message.objects.filter(outbox.unclear()):
        arrived = mail.message_id(message) in log
        actions._settle(message, State.SENT if arrived else State.QUEUED, "")


@pytest.mark.django_db
def test_a_mail_back_end_of_djangos_carries_it_too(settings: Settings, tmp_path: Path) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(tmp_path)},
        }
    }
    message = owe("ana@example.org")
    assert Sender(BackEnd()).round() == 1
    message.refresh_from_db()
    assert (message.state, message.answer) == (State.SENT, "250 accepted")
    (written,) = tmp_path.iterdir()
    parsed = email.message_from_string(written.read_text().partition("-" * 79)[0], policy=default)
    assert parsed["Message-ID"] == mail.message_id(message)
    assert [part.get_content_type() for part in parsed.walk()] == [
        *("multipart/alternative", "text/plain", "text/html")
    ]


class Provider(BaseHTTPRequestHandler):
    """A handler that accepts posts as a mail provider does, and keeps them."""

    def do_POST(self) -> None:
        taken = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, ProviderServer)
        self.server.taken += taken if isinstance(taken, list) else [taken]
        answer = {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": "ana@example.org"}
        said = json.dumps([answer] if isinstance(taken, list) else answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Do nothing, so that the test's output stays clean."""


class ProviderServer(ThreadingHTTPServer):
    """A provider on loopback, and the posts it accepted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Provider)
        self.taken: list[dict[str, Any]] = []


@pytest.fixture
def provider(settings: Settings) -> Iterator[ProviderServer]:
    with in_thread(ProviderServer()) as server:
        settings.MAILERS = {
            "default": {
                "BACKEND": "anymail.backends.postmark.EmailBackend",
                "OPTIONS": {
                    "server_token": "none",
                    "api_url": f"http://127.0.0.1:{server.server_port}/",
                },
            }
        }
        yield server


@pytest.mark.django_db
def test_a_provider_is_given_all_that_makes_the_letter(provider: ProviderServer) -> None:
    enclosure = Enclosure.objects.create(
        name="meeting.ics",
        media_type="text/calendar",
        content=b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
        method="REQUEST",
    )
    message = owe("ana@example.org", answers="before@example.org", enclosures=[enclosure])
    assert Sender(BackEnd()).round() == 1
    message.refresh_from_db()
    assert (message.state, message.answer) == (State.SENT, "250 accepted")
    (taken,) = provider.taken
    assert {header["Name"]: header["Value"] for header in taken["Headers"]} == {
        "Message-ID": mail.message_id(message),
        "In-Reply-To": "<before@example.org>",
        "References": "<before@example.org>",
        "Content-Language": "en",
        "Auto-Submitted": "auto-replied",
    }
    (entry,) = taken["Attachments"]
    assert entry["Name"] == "meeting.ics"
    assert entry["ContentType"].startswith("text/calendar")
    assert 'method="REQUEST"' in entry["ContentType"]
    assert base64.b64decode(entry["Content"]) == bytes(enclosure.content)


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_and_ends_when_it_is_asked_to(server: MailServer) -> None:
    owe("ana@example.org")
    connection.close()
    command = [sys.executable, "-m", "hemicycle.site.cli", "worker"]
    environment = _environment() | {"HEMICYCLE_SMTP_URL": server.url}
    with subprocess.Popen(command, env=environment) as worker:
        try:
            until("the message", server.taken, 60)
            until("the answer", lambda: Message.objects.filter(state=State.SENT).exists())
        finally:
            worker.terminate()
        assert worker.wait(30) == 0
    assert server.boxes() == {"ana@example.org": 1}
