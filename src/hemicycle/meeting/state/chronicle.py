"""The chronicle of a meeting: the events on the floor, newest first.

It is derived from the state of the floor and not from the entries, so it leaves out undone acts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from hemicycle.before.questions.models import Question
from hemicycle.hearing.setup.models import Segment
from hemicycle.meeting.state.display_names import DisplayName
from hemicycle.procedure.state import DrawnQuestion, Floor, FloorSegment, Slot

type Kind = Literal["opened", "floor", "discussion", "question", "closed"]
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)


@dataclass(frozen=True, slots=True)
class ChronicleLine:
    """One event of a meeting at `at` (ms since the Unix epoch).

    `key` is unique in the meeting. `about` is the id of the segment or question. `slot` is who took
    the floor, and `used_ms` how long they spoke, None while they still speak. `spoke` are those who
    were heard in a discussion, in descending order of their time.
    """

    key: str
    kind: Kind
    at: int
    about: str = ""
    slot: Slot | None = None
    used_ms: int | None = None
    spoke: tuple[Slot, ...] = ()

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All slots whose names the line needs."""
        return self.spoke if self.slot is None else (self.slot, *self.spoke)


def lines(floor: Floor) -> tuple[ChronicleLine, ...]:
    """Return all lines of a meeting, newest first."""
    found = [
        *_segments(floor),
        *_interventions(floor),
        *_discussions(floor),
        *_questions(floor),
    ]
    return tuple(sorted(found, key=_when, reverse=True))


def _when(line: ChronicleLine) -> tuple[int, int, str]:
    """Return the sort key of a line.

    Within one millisecond, an item opens before anything happens in it, and closes after.
    """
    return line.at, KINDS.index(line.kind), line.key


def open_question(floor: Floor) -> DrawnQuestion | None:
    """Return the question before the panel: the last one put that has not been answered."""
    unanswered = [drawn for drawn in floor.questions.values() if drawn.answered_at is None]
    return max(unanswered, key=lambda drawn: (drawn.at, drawn.question), default=None)


def _segments(floor: Floor) -> Iterable[ChronicleLine]:
    for segment in _all_segments(floor):
        yield ChronicleLine(f"opened-{segment.opened_at}", "opened", segment.opened_at, segment.id)
        if segment.closed_at is not None:
            yield ChronicleLine(
                f"closed-{segment.closed_at}", "closed", segment.closed_at, segment.id
            )


def _all_segments(floor: Floor) -> Iterable[FloorSegment]:
    yield from (past.segment for past in floor.past)
    if floor.segment_open and floor.segment is not None:
        yield floor.segment


def _interventions(floor: Floor) -> Iterable[ChronicleLine]:
    slots = _all_slots(floor)
    for held in floor.history:
        if held.used_ms and held.reason not in ("absent", "skipped"):
            yield ChronicleLine(
                key=f"floor-{held.giving}",
                kind="floor",
                at=held.given_at,
                slot=slots[held.slot],
                used_ms=held.used_ms,
            )
    if (holder := floor.holder) is not None:
        yield ChronicleLine(
            f"floor-{holder.giving}", "floor", holder.given_at, slot=slots[holder.slot]
        )


def _discussions(floor: Floor) -> Iterable[ChronicleLine]:
    slots = _all_slots(floor)
    for talk in floor.discussions:
        voiced = sorted(floor.voiced_ms.get(talk.opening, {}).items(), key=lambda one: -one[1])
        yield ChronicleLine(
            key=f"discussion-{talk.opening}",
            kind="discussion",
            at=talk.opened_at,
            about=talk.segment,
            spoke=tuple(slots[slot] for slot, spoke_ms in voiced if spoke_ms),
        )


def _all_slots(floor: Floor) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for past in floor.past:
        slots |= past.slots
    return slots | floor.slots


def _questions(floor: Floor) -> Iterable[ChronicleLine]:
    for drawn in floor.questions.values():
        yield ChronicleLine(f"question-{drawn.question}", "question", drawn.at, drawn.question)


@dataclass(frozen=True, slots=True)
class ChronicleTexts:
    """The texts of lines: names of speakers, titles of segments, texts of questions."""

    display_names: dict[str, DisplayName]
    titles: dict[str, str]
    questions: dict[str, Question]

    @classmethod
    def of(
        cls,
        lines: Sequence[ChronicleLine],
        floor: Floor,
        segments: Iterable[Segment],
        names: dict[str, DisplayName],
    ) -> "ChronicleTexts":
        """Read the texts for these lines and for the question before the panel in one query."""
        wanted = {line.about for line in lines if line.kind == "question"}
        if (drawn := open_question(floor)) is not None:
            wanted.add(drawn.question)
        related = ("registration__organization", "registration__person")
        rows = Question.objects.select_related("to", *related)
        found = rows.filter(pk__in=[UUID(hex=id) for id in wanted]) if wanted else ()
        return cls(
            display_names=names,
            titles={segment.id.hex: segment.title for segment in segments},
            questions={row.id.hex: row for row in found},
        )

    def as_data(self, line: ChronicleLine) -> dict[str, Any]:
        """Return a line for pages: `name` is its subject, `more` adds a detail."""
        speaker = self.display_names.get(line.slot.id) if line.slot else None
        question, reading = self.questions.get(line.about), None
        if speaker is not None:
            name, more, reading = speaker.name, speaker.organization, speaker.reading
        elif question is not None:
            name, more = question.public_text, question.public_asker
        else:
            spoke = [self.display_names[slot.id].name for slot in line.spoke]
            name, more = self.titles.get(line.about, ""), ", ".join(spoke)
        return {
            "key": line.key,
            "kind": line.kind,
            "at": line.at,
            "name": name,
            "more": more,
            "chairs": speaker is not None and speaker.chairs,
            "is_read": reading is not None,
            "reader": reading.name if reading else "",
            "used_ms": line.used_ms,
        }
