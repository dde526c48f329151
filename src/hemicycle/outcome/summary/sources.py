"""A source opened: the passage of a statement, or the entry of the record, in full."""

from typing import Any
from uuid import UUID

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import material
from hemicycle.outcome.summary.drafting.sentences import split
from hemicycle.outcome.summary.naming import told
from hemicycle.record import clock
from hemicycle.record.models import Entry


def passage(hearing: Hearing, statement: UUID, sentence: int | None) -> dict[str, Any] | None:
    """A statement with its sentences, the cited one marked; None for another hearing's."""
    found = [source for source in material.statements(hearing) if source.statement.id == statement]
    if not found:
        return None
    said = [
        {"number": number, "text": text, "cited": number == sentence}
        for number, text in enumerate(split(found[0].text))
    ]
    return {"kind": "statement", "one": found[0], "said": said, "sentence": sentence}


def entry(hearing: Hearing, seq: int) -> dict[str, Any] | None:
    """An entry of the record, told in words. None where the record has no such entry."""
    row = Entry.objects.filter(hearing=hearing.id, seq=seq).first()
    if row is None:
        return None
    return {
        "kind": "entry",
        "row": row,
        "at": clock.from_ms(row.at),
        "told": told([row])[row.seq],
        "by": _name(row.actor),
    }


def _name(actor: str) -> str:
    try:
        person = Person.objects.filter(pk=UUID(hex=actor)).first()
    except ValueError:
        return actor
    return person.name if person else ""
