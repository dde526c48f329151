"""Real clients of SMTP and LMTP against the real process."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta

import pytest

from hemicycle.mailroom.models import Mail
from hemicycle.parties.models import Person
from hemicycle.registration.models import Registration
from hemicycle.statements.models import Statement
from tests.mailroom.conftest import Post, wait_for
from tests.mailroom.letters import letter, with_file
from tests.support.lists import World, reference_world


@pytest.fixture
def coming(transactional_db: None) -> World:
    """The reference hearing, to be held in two months by the wall's clock."""
    day = datetime.now(UTC).date() + timedelta(days=60)
    with reference_world(day) as world:
        return world


def of(world: World, registration: Registration, address: str) -> Registration:
    Person.objects.filter(pk=registration.person_id).update(email=address)
    return registration


def send(post: Post, *messages: object, to: str = "statements@hearing.example") -> None:
    with smtplib.SMTP("127.0.0.1", post.ports["SMTP"], timeout=30) as client:
        for message in messages:
            client.sendmail("ana@relief.example.org", [to], bytes(message))  # type: ignore[call-overload]


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
