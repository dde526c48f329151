"""The results of a rehearsal: outcomes, speaking times, and the verification of the record."""

from collections import Counter
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any

from hemicycle.before.questions.models import Question
from hemicycle.before.registration.models import Inscription
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup.models import Hearing
from hemicycle.procedure import Floor, Intervention, Slot
from hemicycle.procedure.state import PRESENTING
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry, Head, Note
from hemicycle.record.verify import Report, verify

FIELDS = (
    "hearing",
    "seq",
    "kind",
    "version",
    "at",
    "actor",
    "role",
    "meeting",
    "body",
    "digest",
    "hash",
)


REFUSED = "refused_on_review"


def places(hearing: Hearing) -> dict[str, int]:
    """Count the places on the lists by outcome; `inscribed` is their sum."""
    rows = Inscription.objects.filter(hearing_id=hearing.id)
    counted = Counter(_became(rows, _slots(_floors(hearing))))
    states = ("delivered", "not_reached", "absent", "skipped", "withdrawn", REFUSED, "waiting")
    return {"inscribed": counted.total(), **{state: counted[state] for state in states}}


def _became(rows: Iterable[Inscription], slots: dict[str, Slot]) -> Iterator[str]:
    for row in rows:
        slot = slots.get(row.id.hex)
        if row.state != Inscription.State.INSCRIBED:
            refused = row.state == Inscription.State.REFUSED
            yield REFUSED if refused else "withdrawn"
        elif slot is None or slot.state == "speaking":
            yield "waiting"
        else:
            yield slot.state


def written(hearing: Hearing) -> dict[str, int]:
    """Count the statements and questions."""
    questions = Question.objects.filter(hearing_id=hearing.id)
    answered = questions.filter(state=Question.State.ANSWERED)
    statements = Statement.objects.filter(hearing_id=hearing.id, versions__isnull=False)
    return {
        "statements": statements.distinct().count(),
        "questions": questions.count(),
        "questions_answered": answered.count(),
    }


def clock_figures(hearing: Hearing) -> dict[str, float | int | None]:
    """Return times in seconds and counts; speaking times only of speakers on the lists."""
    floors = _floors(hearing)
    slots = _slots(floors)
    held = [turn for floor in floors for turn in floor.history]
    spoken = [turn for turn in held if _is_speech(turn, slots)]
    changeovers = [turn.changeover_ms for turn in held if turn.changeover_ms is not None]
    over = [turn.used_ms - turn.limit_ms for turn in spoken]
    entries = Entry.objects.filter(hearing=hearing.id)
    return {
        "speaking_median_s": _seconds(median(e.used_ms for e in spoken) if spoken else None),
        "changeover_median_s": _seconds(median(changeovers) if changeovers else None),
        "longest_overrun_s": _seconds(max([0, *over])),
        "cuts": entries.filter(kind="microphone.closed", body__contains='"cause":"limit"').count(),
        "extensions": entries.filter(kind="floor.extended").count(),
        "interruptions": entries.filter(kind="floor.interrupted").count(),
        "undone": entries.filter(kind="act.undone").count(),
    }


def _is_speech(turn: Intervention, slots: dict[str, Slot]) -> bool:
    heard = turn.reason in ("finished", "cut", "moderator")
    return heard and turn.role not in PRESENTING and not turn.question and turn.slot in slots


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else round(ms / 1000, 1)


def _floors(hearing: Hearing) -> list[Floor]:
    return [floor_of(meeting.id) for meeting in hearing.meetings.order_by("ordinal")]


def _slots(floors: Iterable[Floor]) -> dict[str, Slot]:
    """Return the slots of all segments in their last state, by id."""
    found: dict[str, Slot] = {}
    for floor in floors:
        for past in floor.past:
            found.update(past.slots)
        found.update(floor.slots)
    return found


def verification(hearing: Hearing) -> Report:
    """Verify the hearing's whole record, as `hemicycle verify` does."""
    entries = Entry.objects.filter(hearing=hearing.id).order_by("seq").values(*FIELDS)
    heads = Head.objects.filter(hearing=hearing.id).values("hearing", "seq", "hash")
    notes = Note.objects.filter(hearing=hearing.id, erased_at=None).values("key", "salt", "text")
    salted = ({**note, "salt": bytes(note["salt"])} for note in notes)
    return verify(entries.iterator(), heads, salted)


def figures(hearing: Hearing) -> dict[str, Any]:
    """Return all figures from the tables and the record."""
    report = verification(hearing)
    return {
        **places(hearing),
        **written(hearing),
        "clock": clock_figures(hearing),
        "entries": report.entries,
        "verification": {
            "holds": report.holds,
            "entries": report.entries,
            "broken": str(report.broken) if report.broken else None,
        },
    }
