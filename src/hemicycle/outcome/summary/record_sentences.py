"""Sentences drafted from the record alone: meetings held, speakers not reached, questions put.

They are in the active language.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration.list_phase import slots_of
from hemicycle.before.speakers.panel_rules import panels
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.outcome.summary.drafting import Citation, DraftSentence
from hemicycle.procedure import Floor
from hemicycle.procedure import events as e
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from hemicycle.ui import times


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
    told = {
        "day": times.words(begins, "date"),
        "opened": f"{begins:%H:%M}",
        "closed": f"{ends:%H:%M}",
    }
    yield DraftSentence(
        _("The meeting of %(day)s was opened at %(opened)s and closed at %(closed)s.") % told,
        (Citation(seq=opened.seq), Citation(seq=closed.seq)),
    )


def _panel(hearing: Hearing, segment: Segment, floor: Floor) -> Iterator[DraftSentence]:
    own = segment.id.hex
    waited = [slot for slot in slots_of(segment, floor) if slot.state == "not_reached"]
    closings = Entry.objects.filter(hearing=hearing.id, kind=e.SegmentClosed.KIND)
    closed = closings.filter(body__contains=own).order_by("seq").last()
    if waited and closed is not None:
        said = ngettext(
            "In “%(panel)s”, %(n)s speaker was not reached for lack of time; what they sent in "
            "writing is weighed with all the rest.",
            "In “%(panel)s”, %(n)s speakers were not reached for lack of time; what they sent in "
            "writing is weighed with all the rest.",
            len(waited),
        )
        yield DraftSentence(
            said % {"panel": segment.title, "n": times.number(len(waited))},
            (Citation(seq=closed.seq),),
            len(waited),
        )
    yield from _questions(hearing, segment, floor)


def _questions(hearing: Hearing, segment: Segment, floor: Floor) -> Iterator[DraftSentence]:
    """Report the questions put to the panel while it was open, without those undone."""
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
    said = ngettext(
        "In “%(panel)s”, %(n)s question that a participant had sent beforehand was put to the "
        "panel; marked as answered: %(answered)s.",
        "In “%(panel)s”, %(n)s questions that participants had sent beforehand were put to the "
        "panel; marked as answered: %(answered)s.",
        len(drawn),
    )
    told = {"panel": segment.title, "n": times.number(len(drawn))}
    yield DraftSentence(
        said % {**told, "answered": times.number(answered)},
        tuple(Citation(seq=seq) for seq in sorted(drawn.values())),
        len(drawn),
    )


def _local(hearing: Hearing, ms: int) -> datetime:
    return clock.from_ms(ms).astimezone(hearing.zone)
