"""Sentences drafted from the record alone: meetings held, speakers not reached, questions put."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from hemicycle.before.registration.list_phase import slots_of
from hemicycle.before.speakers.capacity import panels
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.outcome.summary.drafting import Citation, DraftSentence
from hemicycle.procedure import Floor
from hemicycle.procedure import events as e
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry


def sentences(hearing: Hearing) -> list[DraftSentence]:
    """Return sentences about the course of the hearing, each with its entries as sources."""
    told: list[DraftSentence] = []
    for meeting in hearing.meetings.all():
        told.extend(_meeting(hearing, meeting.id.hex))
    for segment in panels(hearing):
        told.extend(_panel(hearing, segment, floor_of(segment.meeting_id)))
    return told


def _meeting(hearing: Hearing, meeting: str) -> Iterator[DraftSentence]:
    rows = Entry.objects.filter(hearing=hearing.id, meeting=meeting).order_by("seq")
    opened = rows.filter(kind=e.MeetingOpened.KIND).first()
    closed = rows.filter(kind=e.MeetingClosed.KIND).last()
    if opened is None or closed is None or floor_of(UUID(hex=meeting)).phase != "closed":
        return
    begins, ends = _local(hearing, opened.at), _local(hearing, closed.at)
    yield DraftSentence(
        f"The meeting of {begins:%-d %B %Y} was opened at {begins:%H:%M} "
        f"and closed at {ends:%H:%M}.",
        (Citation(seq=opened.seq), Citation(seq=closed.seq)),
    )


def _panel(hearing: Hearing, segment: Segment, floor: Floor) -> Iterator[DraftSentence]:
    own = segment.id.hex
    waited = [slot for slot in slots_of(segment, floor) if slot.state == "not_reached"]
    closings = Entry.objects.filter(hearing=hearing.id, kind=e.SegmentClosed.KIND)
    closed = closings.filter(body__contains=own).order_by("seq").last()
    if waited and closed is not None:
        were = "speaker was" if len(waited) == 1 else "speakers were"
        yield DraftSentence(
            f"In “{segment.title}”, {len(waited)} {were} not reached for lack of time; what they "
            "sent in writing is weighed with all the rest.",
            (Citation(seq=closed.seq),),
            len(waited),
        )
    yield from _questions(hearing, segment, floor)


def _questions(hearing: Hearing, segment: Segment, floor: Floor) -> Iterator[DraftSentence]:
    """Report the questions drawn while the panel was open, without those undone."""
    rows = Entry.objects.filter(hearing=hearing.id, meeting=segment.meeting_id.hex)
    drawn: dict[str, int] = {}
    here = ""
    for entry in rows.filter(kind__in=(e.SegmentOpened.KIND, e.QuestionDrawn.KIND)).order_by("seq"):
        body = entry.fields()
        here = body.get("segment", here)
        if here == segment.id.hex and body.get("question") in floor.questions:
            drawn[body["question"]] = entry.seq
    if not drawn:
        return
    answered = sum(floor.questions[question].answered_at is not None for question in drawn)
    put = "question that a participant" if len(drawn) == 1 else "questions that participants"
    yield DraftSentence(
        f"In “{segment.title}”, {len(drawn)} {put} had sent beforehand "
        f"{'was' if len(drawn) == 1 else 'were'} put to the panel"
        f"{_answered(answered, len(drawn))}.",
        tuple(Citation(seq=seq) for seq in sorted(drawn.values())),
        len(drawn),
    )


def _answered(answered: int, drawn: int) -> str:
    if answered == drawn:
        return " and answered"
    if not answered:
        return "; none was marked as answered"
    return f"; {answered} of them {'was' if answered == 1 else 'were'} marked as answered"


def _local(hearing: Hearing, ms: int) -> datetime:
    return clock.from_ms(ms).astimezone(hearing.zone)
