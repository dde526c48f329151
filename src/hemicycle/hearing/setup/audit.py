"""The record in words: each entry with a sentence, its actor and its time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from hemicycle.hearing.people.models import Role
from hemicycle.record import clock, labels
from hemicycle.record.models import Entry


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry in words, as a row of the audit page."""

    seq: int
    at: datetime
    kind: str
    says: str
    actor: str
    role: str


def rows_of(entries: list[Entry]) -> list[AuditRow]:
    """Return entries in words, by a fixed number of queries."""
    bodies = [{**entry.fields(), "actor": entry.actor} for entry in entries]
    names = labels.names_for(bodies)
    return [
        AuditRow(
            seq=entry.seq,
            at=clock.from_ms(entry.at),
            kind=entry.kind,
            says=labels.describe(entry.kind, entry.fields(), names),
            actor=_actor(entry.actor, names),
            role=_role(entry.role),
        )
        for entry in entries
    ]


def _actor(actor: str, names: Any) -> str:
    if actor.startswith("system:"):
        return _("the system (%(part)s)") % {"part": actor.removeprefix("system:")}
    return names.get("actor", {}).get(actor) or _("erased person")


def _role(role: str) -> str:
    return str(Role(role).label) if role in Role.values else ""
