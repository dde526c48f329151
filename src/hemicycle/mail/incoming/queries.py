"""Queries for the pages of incoming mail."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from hemicycle.hearing.setup.aliases import Hidden
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming import signals
from hemicycle.mail.incoming.models import Mail, Purpose
from hemicycle.mail.incoming.reasons import MATCHED, PROBLEMS, WHY
from hemicycle.mail.incoming.signals import Candidate, RegistrationSummary
from hemicycle.record.models import Note


@dataclass(frozen=True, slots=True)
class ProposedSender:
    """A candidate as a page shows it."""

    candidate: Candidate
    registration: RegistrationSummary
    reasons: list[str]

    @property
    def sureness(self) -> str:
        """A word of `ui.states` for the confidence."""
        confidence = self.candidate.confidence
        return "certain" if confidence >= 90 else "likely" if confidence >= 70 else "unsure"


@dataclass(frozen=True, slots=True)
class MailRow:
    """A message in the list of mail."""

    mail: Mail
    why: str
    registration: RegistrationSummary | None


def mail_of(hearing: Hearing) -> QuerySet[Mail]:
    """Return the hearing's mail."""
    return Mail.objects.filter(hearing_id=hearing.id)


def counts(hearing: Hearing) -> dict[str, int]:
    """Count the hearing's mail by state."""
    rows = mail_of(hearing).order_by().values_list("state").annotate(Count("id"))
    return {**dict.fromkeys(Mail.State.values, 0), **dict(rows)}


def found(hearing: Hearing, state: str, purpose: str, words: str) -> QuerySet[Mail]:
    """Return mail by state and purpose, with words in its subject or sender; the newest
    decision first.
    """
    rows = mail_of(hearing).defer("text")
    if state in Mail.State.values:
        rows = rows.filter(state=state)
    if purpose in Purpose.values:
        rows = rows.filter(purpose=purpose)
    words = words.replace("\0", "").strip()
    if words:
        rows = rows.filter(
            Q(subject__icontains=words)
            | Q(from_name__icontains=words)
            | Q(from_address__icontains=words)
        )
    oldest_first = state in {Mail.State.WAITING, Mail.State.STORED}
    return rows.order_by("received_at" if oldest_first else "-received_at", "id")


def without(hidden: Hidden, rows: QuerySet[Mail]) -> QuerySet[Mail]:
    """Leave out mail that is known to be from people with an alias."""
    theirs = Q(person__in=hidden.people) | Q(folded__in=hidden.addresses)
    return rows.annotate(folded=Lower("from_address")).exclude(theirs) if hidden else rows


def mail_rows(rows: list[Mail]) -> list[MailRow]:
    """Return the rows of the list; one query for each app that knows people."""
    registrations = signals.summaries({row.registration_id for row in rows if row.registration_id})
    return [
        MailRow(
            row,
            str(WHY.get(row.why, "")),
            registrations.get(row.registration_id) if row.registration_id else None,
        )
        for row in rows
    ]


def proposed_senders(mail: Mail) -> list[ProposedSender]:
    """Return the registrations that a message may belong to and that an app still knows."""
    kept: list[dict[str, Any]] = mail.candidates
    registrations = signals.summaries([UUID(hex=candidate["registration"]) for candidate in kept])
    return [
        ProposedSender(
            Candidate(key, key, candidate["confidence"], tuple(candidate["reasons"])),
            registrations[key],
            [str(MATCHED.get(reason, reason)) for reason in candidate["reasons"]],
        )
        for candidate in kept
        if (key := UUID(hex=candidate["registration"])) in registrations
    ]


def problems(mail: Mail) -> list[str]:
    """Return the labels of a message's problems."""
    return [str(PROBLEMS.get(problem, problem)) for problem in mail.problems]


def note_of(mail: Mail) -> str:
    """Return the reason that a person gave."""
    row = Note.objects.filter(key=mail.note).first() if mail.note else None
    return row.text if row else ""
