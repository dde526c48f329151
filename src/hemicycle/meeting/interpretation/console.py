"""What the interpreters' desk shows of the meeting: the floor, who comes next, and the texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from hemicycle.before.statements.queries import StatementDetails, handed, statements_of
from hemicycle.documents.reading.words import count
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room.console import Console, Line, console
from hemicycle.meeting.state.meeting_view import current_meeting

SHOWN = 3
"""How many of those who come next are shown."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph of a text, and how many words come before it."""

    text: str
    before: int


@dataclass(frozen=True, slots=True)
class Text:
    """A statement as the booth reads it."""

    handed: StatementDetails
    passages: tuple[Passage, ...]
    words: int

    @property
    def confidential(self) -> bool:
        """Whether it has not been delivered yet."""
        return self.handed.statement.release == "embargoed"


@dataclass(frozen=True, slots=True)
class Desk:
    """One snapshot of the meeting from a booth; `texts` are the slots whose statement is here."""

    console: Console
    texts: frozenset[str]

    @property
    def holder(self) -> Line | None:
        """Who has the floor."""
        return self.console.holder

    @property
    def upcoming(self) -> tuple[Line, ...]:
        """Those who come next."""
        return self.console.upcoming[:SHOWN]


def desk(hearing: Hearing) -> Desk | None:
    """The current meeting as the booths see it; None for a hearing without meetings."""
    meeting, _floor = current_meeting(hearing.id)
    if meeting is None:
        return None
    seen = console(hearing, meeting)
    lines = [each for each in (seen.holder, *seen.upcoming) if each]
    slots = [UUID(hex=each.slot.id) for each in lines]
    rows = statements_of(hearing).filter(inscription__in=slots)
    found = frozenset(each.hex for each in rows.values_list("inscription", flat=True))
    return Desk(seen, found)


def text_of(hearing: Hearing, slot: UUID) -> Text | None:
    """The newest text that was handed in for a place on a list, if it could be read."""
    rows = handed(hearing, statements_of(hearing).filter(inscription=slot))
    newest = next((each for each in rows if each.text), None)
    if newest is None:
        return None
    passages = tuple(_passages(newest.text))
    return Text(newest, passages, count(newest.text))


def _passages(text: str) -> Iterator[Passage]:
    before = 0
    for paragraph in text.splitlines():
        if words := paragraph.strip():
            yield Passage(words, before)
            before += count(words)
