"""Signals with which incoming mail asks other apps about registrations, which it does not know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from hemicycle.hearing.setup.models import Hearing
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of a message's sender; `people` are those whose letter the message answers."""

    hearing: UUID
    address: str
    name: str
    tokens: tuple[str, ...] = ()
    people: tuple[UUID, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registration that a message may belong to: the confidence (0 to 100), and its reasons."""

    registration: UUID
    person: UUID
    confidence: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistrationSummary:
    """A registration as pages show it."""

    name: str
    organization: str
    reference: str
    url: str
    has_alias: bool = False


sender_candidates = Signal[[Clues], Iterable[Candidate]]("sender_candidates")
"""Sent with (clues): the registrations that a message with these clues may belong to.

Sent while a message is processed or its page is made, outside any transaction.
"""

registration_search = Signal[[Hearing, str], Iterable[Candidate]]("registration_search")
"""Sent with (hearing, words): the registrations that contain the words, or have that id.

A person chooses the sender from them.
"""

registration_summaries = Signal[[list[UUID]], Mapping[UUID, RegistrationSummary]](
    "registration_summaries"
)
"""Sent with (ids): the summaries of these registrations for pages, by id, if the receiver
knows them.
"""


def search(hearing: Hearing, words: str) -> list[Candidate]:
    """Return the registrations that contain `words`; none if `words` is empty."""
    return list(chain.from_iterable(registration_search.send(hearing, words))) if words else []


def summaries(ids: Iterable[UUID]) -> dict[UUID, RegistrationSummary]:
    """Return the summaries of these registrations for pages, by id; unknown ones are left out."""
    known: dict[UUID, RegistrationSummary] = {}
    for answer in registration_summaries.send(list(ids)):
        known.update(answer)
    return known
