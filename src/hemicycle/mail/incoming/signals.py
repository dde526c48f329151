"""What incoming mail asks the apps above it: it knows no registrations itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from hemicycle.hearing.setup.models import Hearing
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class Clues:
    """Clues about the sender of a message. `people` are those whose mail from us it answers."""

    hearing: UUID
    address: str
    name: str
    tokens: tuple[str, ...] = ()
    people: tuple[UUID, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registration that a message may belong to: how sure (0 to 100), and why (`reasons`)."""

    registration: UUID
    person: UUID
    confidence: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistrationSummary:
    """How a page shows a registration."""

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
    """Return the registrations that contain `words`; none for no words."""
    return list(chain.from_iterable(registration_search.send(hearing, words))) if words else []


def summaries(ids: Iterable[UUID]) -> dict[UUID, RegistrationSummary]:
    """How pages show the registrations that somebody knows, by id."""
    known: dict[UUID, RegistrationSummary] = {}
    for answer in registration_summaries.send(list(ids)):
        known.update(answer)
    return known
