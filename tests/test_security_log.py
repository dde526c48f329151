"""The security log takes ids, codes, networks and numbers, and nothing that opens a page."""

from __future__ import annotations

import logging
import secrets
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from hemicycle import security_log
from hemicycle.security_log import SecurityEvent

HEARING, PERSON = UUID(int=1), UUID(int=2)


@pytest.mark.django_db(transaction=True)
def test_a_line_says_what_happened_where_and_by_whom(
    security_lines: list[dict[str, Any]],
) -> None:
    with security_log.coming_from("2001:db8:0:1::/64"):
        security_log.note(
            SecurityEvent.APPOINTED,
            hearing=HEARING,
            person=PERSON,
            actor="system:seed",
            role="moderator",
            what="sign-in",
            reason="expired",
            count=0,
        )
    security_log.note(SecurityEvent.SIGNED_IN, person=PERSON.hex)
    assert security_lines == [
        {
            "event": "role.given",
            "hearing": HEARING.hex,
            "person": PERSON.hex,
            "actor": "system:seed",
            "role": "moderator",
            "what": "sign-in",
            "reason": "expired",
            "count": 0,
            "network": "2001:db8:0:1::/64",
        },
        {"event": "session.begun", "person": PERSON.hex},
    ]


def _secrets() -> list[str]:
    """Return one secret of each kind that this software makes, and typed text."""
    return [
        secrets.token_urlsafe(32),
        f"hem_{secrets.token_urlsafe(32)}",
        secrets.token_hex(32),
        SessionStore()._get_new_session_key(),  # type: ignore[attr-defined]
        "/my/abc/",
        "name@hearing.example",
        "HC-7K3-QP9",
        "Ada Example",
        "a\nb",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("field", ["person", "actor", "role", "what", "reason"])
def test_no_secret_fits_into_any_field_of_any_event(
    field: str, security_lines: list[dict[str, Any]]
) -> None:
    for event in SecurityEvent:
        for secret in _secrets():
            given: dict[str, Any] = {field: secret}
            with pytest.raises(ValueError, match="the security log takes"):
                security_log.note(event, **given)
    assert security_lines == []


def test_a_network_is_one() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):  # noqa: SIM117
        with security_log.coming_from(secrets.token_urlsafe(32)):
            pass


@pytest.mark.django_db(transaction=True)
def test_an_act_is_written_when_it_is_committed_and_a_refusal_at_once(
    security_lines: list[dict[str, Any]],
) -> None:
    with transaction.atomic():
        security_log.note(SecurityEvent.EXPORTED, hearing=HEARING)
        security_log.note(SecurityEvent.LIMITED, what="register", count=3)
        transaction.set_rollback(True)
    with transaction.atomic():
        security_log.note(SecurityEvent.ERASED, hearing=HEARING)
        before = list(security_lines)
    assert before == [{"event": "limit.reached", "what": "register", "count": 3}]
    assert security_lines[1:] == [{"event": "person.erased", "hearing": HEARING.hex}]


@pytest.mark.django_db(transaction=True)
def test_a_log_that_cannot_be_written_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError("the disk is full")

    handler = Broken()
    security_log.LOGGER.addHandler(handler)
    try:
        with transaction.atomic():
            security_log.note(SecurityEvent.EXPORTED, hearing=uuid4())
    finally:
        security_log.LOGGER.removeHandler(handler)
    assert connection.in_atomic_block is False
