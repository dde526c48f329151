"""The view model of the interpreters' console: the floor, who comes next, and the texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils.safestring import SafeString

from hemicycle.before.statements.queries import StatementDetails, details_of, statements_of
from hemicycle.documents.reading.words import count
from hemicycle.hearing.people.public_identity import PublicIdentity
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.interpretation.glossary import Lexicon, lexicon
from hemicycle.meeting.room.console import Console, SlotRow, console
from hemicycle.meeting.state.meeting_view import current_meeting

SHOWN = 3
"""The number of next speakers that the console shows."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph of a text as HTML with terms marked; `before` counts the words before it."""

    text: SafeString
    before: int


@dataclass(frozen=True, slots=True)
class BoothText:
    """A statement as the booth reads it; `words` is the number of its words."""

    handed: StatementDetails
    passages: tuple[Passage, ...]
    words: int

    @property
    def speaker(self) -> PublicIdentity:
        """The identity of the speaker for the booth: an alias replaces the name here too."""
        statement = self.handed.statement
        place = statement.inscription
        return statement.registration.public_identity(place.speaker if place else None)

    @property
    def confidential(self) -> bool:
        """Whether the statement is still confidential, because it has not been delivered."""
        return self.handed.statement.release == "embargoed"


@dataclass(frozen=True, slots=True)
class BoothConsole:
    """View model of the interpreters' console; `texts` are the slots with a statement."""

    console: Console
    texts: frozenset[str]

    @property
    def holder(self) -> SlotRow | None:
        """The row of the speaker who has the floor."""
        return self.console.holder

    @property
    def upcoming(self) -> tuple[SlotRow, ...]:
        """The rows of the next speakers."""
        return self.console.upcoming[:SHOWN]


def booth_console(hearing: Hearing) -> BoothConsole | None:
    """Return the console of the current meeting; None for a hearing without meetings."""
    meeting, _floor = current_meeting(hearing.id)
    if meeting is None:
        return None
    seen = console(hearing, meeting)
    rows = [row for row in (seen.holder, *seen.upcoming) if row]
    slots = [UUID(hex=row.slot.id) for row in rows]
    statements = statements_of(hearing).filter(inscription__in=slots)
    with_text = frozenset(slot.hex for slot in statements.values_list("inscription", flat=True))
    return BoothConsole(seen, with_text)


def text_of(hearing: Hearing, slot: UUID, language: str) -> BoothText | None:
    """Return the newest readable statement for a place on a list, for the booth of `language`.

    Returns None if there is none.
    """
    rows = details_of(hearing, statements_of(hearing).filter(inscription=slot))
    newest = next((row for row in rows if row.text), None)
    if newest is None:
        return None
    words = newest.public_text  # interpreters say it on air, and it appears in captions
    spoken = newest.latest.language if newest.latest else ""
    passages = tuple(_passages(words, lexicon(hearing, language), spoken))
    return BoothText(newest, passages, count(words))


def _passages(text: str, terms: Lexicon, language: str) -> Iterator[Passage]:
    before = 0
    for paragraph in text.splitlines():
        if words := paragraph.strip():
            yield Passage(terms.marked(words, language), before)
            before += count(words)
