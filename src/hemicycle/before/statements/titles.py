"""A statement's title, in one language or two: submitted with the text, and corrected afterwards.

It is confidential, held, masked, searched and erased in the same way as the text. The record binds
each title by a note, which erasure blanks.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from hemicycle.before.statements import entry_types
from hemicycle.before.statements.models import Statement
from hemicycle.record.writer import Writer
from hemicycle.ui.words import original, spellings


@dataclass(frozen=True, slots=True)
class GivenTitle:
    """A title in one or two languages; languages are BCP 47 tags, "" for none."""

    title: str = ""
    language: str = ""
    other_title: str = ""
    other_language: str = ""

    @classmethod
    def of(cls, statement: Statement) -> "GivenTitle":
        """Return the title that a statement has; without one, everything is empty."""
        title = original(statement.title)
        pairs = ((tag, str(texts["title"])) for tag, texts in statement.translations.items())
        other_language, other_title = next(pairs, ("", ""))
        return cls(title, statement.original_language, other_title, other_language)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "GivenTitle":
        """Return the title from `data`, the form in which `as_data` stored it."""
        return cls(**data)

    def as_data(self) -> dict[str, str]:
        """Return the title in the form in which a job stores it."""
        return asdict(self)


UNTITLED = GivenTitle()


def assign(record: Writer, statement: Statement, given: GivenTitle) -> bool:
    """Give a statement this title; return whether it has changed."""
    if GivenTitle.of(statement) == given:
        return False
    statement.title, statement.original_language = given.title, given.language
    other = {given.other_language: {"title": given.other_title}}
    statement.translations = other if given.other_title else {}
    statement.save(update_fields=["title", "original_language", "translations"])
    body = {
        "statement": statement.id.hex,
        "title": record.note(given.title),
        "language": given.language,
        "other_title": record.note(given.other_title),
        "other_language": given.other_language,
    }
    record.append(entry_types.TITLED, body)
    return True


def having(statements: QuerySet[Statement], words: str) -> list[UUID]:
    """Return the statements whose title contains the words in one of its languages, in any case.

    SQLite stores translations as JSON with escapes, so a query could not find the words.
    """
    wanted = words.casefold()
    return [
        statement.pk
        for statement in statements.exclude(title="")
        if any(wanted in title.casefold() for title in spellings(statement.title))
    ]


def fingerprint(statement: Statement) -> str:
    """Return a fingerprint of a statement's present title; "" if it has no title.

    The form that publishes words under an alias sends it along, so that nobody publishes words that
    they have not read.
    """
    given = GivenTitle.of(statement)
    if not given.title:
        return ""
    return sha256("\0".join(given.as_data().values()).encode()).hexdigest()[:16]
