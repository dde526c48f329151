"""A meeting in words: what happened on the floor, newest first, told from its fold.

Because it is told from the floor and not from the entries, an act that was undone is not in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from hemicycle.before.questions.models import Question
from hemicycle.hearing.setup.models import Segment as Item
from hemicycle.meeting.state.display_names import Face
from hemicycle.procedure.state import Drawn, Floor, Slot
from hemicycle.procedure.state import Segment as Held

type Kind = Literal["opened", "floor", "question", "closed"]
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened at `at` (ms since the Unix epoch).

    `key` tells it from all others of the meeting. `about` is the id of the segment or question;
    `slot` is who took the floor, for how long in `used_ms`, None while they still speak.
    """

    key: str
    kind: Kind
    at: int
    about: str = ""
    slot: Slot | None = None
    used_ms: int | None = None


def lines(floor: Floor) -> tuple[Line, ...]:
    """All lines of a meeting, newest first."""
    told = [*_segments(floor), *_interventions(floor), *_questions(floor)]
    return tuple(sorted(told, key=_when, reverse=True))


def _when(line: Line) -> tuple[int, int, str]:
    """In one millisecond, an item opens before anything happens in it and closes after."""
    return line.at, KINDS.index(line.kind), line.key


def open_question(floor: Floor) -> Drawn | None:
    """The question before the panel: the last one put that is not answered yet."""
    still = [each for each in floor.questions.values() if each.answered_at is None]
    return max(still, key=lambda each: (each.at, each.question), default=None)


def _segments(floor: Floor) -> Iterable[Line]:
    for segment in _all_segments(floor):
        yield Line(f"opened-{segment.opened_at}", "opened", segment.opened_at, segment.id)
        if segment.closed_at is not None:
            yield Line(f"closed-{segment.closed_at}", "closed", segment.closed_at, segment.id)


def _all_segments(floor: Floor) -> Iterable[Held]:
    yield from (past.segment for past in floor.past)
    if floor.segment_open and floor.segment is not None:
        yield floor.segment


def _interventions(floor: Floor) -> Iterable[Line]:
    slots = _all_slots(floor)
    for held in floor.history:
        if held.used_ms and held.reason not in ("absent", "skipped"):
            yield Line(
                key=f"floor-{held.giving}",
                kind="floor",
                at=held.given_at,
                slot=slots[held.slot],
                used_ms=held.used_ms,
            )
    if (holder := floor.holder) is not None:
        yield Line(f"floor-{holder.giving}", "floor", holder.given_at, slot=slots[holder.slot])


def _all_slots(floor: Floor) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for past in floor.past:
        slots |= past.slots
    return slots | floor.slots


def _questions(floor: Floor) -> Iterable[Line]:
    for drawn in floor.questions.values():
        yield Line(f"question-{drawn.question}", "question", drawn.at, drawn.question)


@dataclass(frozen=True, slots=True)
class Names:
    """What lines are told with: names of speakers, titles of segments, texts of questions."""

    faces: dict[str, Face]
    titles: dict[str, str]
    questions: dict[str, Question]

    @classmethod
    def of(
        cls,
        told: Sequence[Line],
        floor: Floor,
        segments: Iterable[Item],
        known: dict[str, Face],
    ) -> "Names":
        """The names for these lines, and for the question before the panel; at most one query."""
        wanted = {line.about for line in told if line.kind == "question"}
        if (drawn := open_question(floor)) is not None:
            wanted.add(drawn.question)
        rows = Question.objects.select_related("to", "registration__organization")
        found = rows.filter(pk__in=[UUID(hex=each) for each in wanted]) if wanted else ()
        return cls(
            faces=known,
            titles={each.id.hex: each.title for each in segments},
            questions={row.id.hex: row for row in found},
        )

    def told(self, line: Line) -> dict[str, Any]:
        """A line as pages show it: `name` is who or what it is about, `more` says it closer."""
        face = self.faces.get(line.slot.id) if line.slot else None
        question = self.questions.get(line.about)
        if face is not None:
            name, more = face.name, face.organization
        elif question is not None:
            name, more = question.text, question.registration.public_organization
        else:
            name, more = self.titles.get(line.about, ""), ""
        return {
            "key": line.key,
            "kind": line.kind,
            "at": line.at,
            "name": name,
            "more": more,
            "used_ms": line.used_ms,
        }
