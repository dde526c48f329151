"""The security log: sign-ins, refusals, and what was granted, revoked, exported and erased.

`note` is the only way to write to it, and code in every folder may call it. A line holds ids,
codes, networks and numbers: each value must have the form of one of these, so that it cannot
contain a secret, link, address or name. An action is written once its transaction is committed; a
refusal is written immediately, since its transaction is rolled back. A setting says where the lines
are written (`site.security`).
"""

import ipaddress
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db import transaction

LOGGER: Final = logging.getLogger("hemicycle.security")


class SecurityEvent(StrEnum):
    """All events that are logged. Add a new event here, and to the labels of the page."""

    SIGNED_IN = "session.begun"
    SIGN_IN_FAILED = "session.refused"
    SIGNED_OUT = "session.ended"
    CREDENTIAL_ADDED = "credential.added"
    CREDENTIAL_REMOVED = "credential.removed"
    CREDENTIALS_RESET = "credentials.reset"
    APPOINTED = "role.given"
    DISMISSED = "role.taken"
    DUTIES_SET = "duties.set"
    LINK_MADE = "link.made"
    LINK_USED = "link.used"
    LINK_REVOKED = "link.revoked"
    TOKEN_MADE = "token.made"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - likewise
    IDENTITY_CONFIRMED = "identity.confirmed"
    IDENTITY_DISPUTED = "identity.disputed"
    IDENTITY_LAPSED = "identity.lapsed"
    EXPORTED = "data.exported"
    ERASED = "person.erased"
    RECORDINGS_LOST = "recordings.lost"
    ACCESS_REFUSED = "access.refused"
    LIMITED = "limit.reached"


IMMEDIATE: Final = frozenset(
    {
        SecurityEvent.SIGN_IN_FAILED,
        SecurityEvent.ACCESS_REFUSED,
        SecurityEvent.LIMITED,
    }
)
"""Refusals, which are written even if the transaction is rolled back."""

_CODE: Final = re.compile(r"[a-z][a-z_-]{0,29}(?:[.:][a-z][a-z0-9_-]{0,39})?")
"""A word of a closed vocabulary, such as `expired` or `registration:csv`.

No secret has this form: ours have 43 characters in both cases, and session keys have 32 with
digits.
"""
_ID: Final = re.compile(r"[0-9a-f]{32}")
_network: ContextVar[str] = ContextVar("security_log_network", default="")


def note(
    event: SecurityEvent,
    *,
    hearing: UUID | None = None,
    person: UUID | str | None = None,
    actor: str = "",
    role: str = "",
    what: str = "",
    reason: str = "",
    count: int | None = None,
) -> None:
    """Write one line about `event`.

    `person` is its subject, `actor` who did it (an id as in `record.writer.Actor`), `what` its
    object (the name of a URL, of a limit, of a kind of link), `reason` the reason for a refusal and
    `count` a number of items. Raises `ValueError` for a value that is not an id, code or number.
    """
    told: dict[str, Any] = {
        "event": str(event),
        "hearing": hearing.hex if hearing else "",
        "person": _id(person),
        "actor": actor if actor.startswith("system:") and _code(actor) else _id(actor),
        "role": _code(role),
        "what": _code(what),
        "reason": _code(reason),
        "count": count,
        "network": _network.get(),
    }
    line = {name: value for name, value in told.items() if value not in ("", None)}
    if event in IMMEDIATE:
        _write(line)
    else:
        transaction.on_commit(lambda: _write(line), robust=True)


def network() -> str:
    """Return the network that is added to lines now; "" for none."""
    return _network.get()


@contextmanager
def coming_from(network: str) -> Iterator[None]:
    """Add a network to every line that is noted within the block.

    `network` is an IP address, a network such as `2001:db8::/64`, or "" for none. Raises
    `ValueError` for anything else.
    """
    if network:
        ipaddress.ip_network(network)
    token = _network.set(network)
    try:
        yield
    finally:
        _network.reset(token)


def _write(line: dict[str, Any]) -> None:
    LOGGER.info("%s", line["event"], extra={"security": line})


def _id(given: UUID | str | None) -> str:
    spelt = given.hex if isinstance(given, UUID) else given or ""
    if spelt and not _ID.fullmatch(spelt):
        raise ValueError("the security log takes ids of 32 hexadecimal digits")
    return spelt


def _code(given: str) -> str:
    if given and not _CODE.fullmatch(given):
        raise ValueError("the security log takes codes, such as expired or registration:csv")
    return given
