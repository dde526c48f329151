"""Queries of documents, and what a panellist or moderator needs to know of their own panels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.before.questions import queries as questions
from hemicycle.before.questions.models import Question
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import programme_words
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.mentions import replaced
from hemicycle.ui.words import mapped

KINDS = MeetingDocument.Kind.values
"""The kinds in the order in which pages list them."""


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """What a panellist, moderator or chair needs to prepare for a seat.

    `speakers` are the panellists of the segment, in the programme's order. `place` is the person's
    number among them, from 1, or 0 for a moderator or chair. `limit_ms` is None without a limit.
    """

    member: PanelMember
    speakers: Sequence[PanelMember]
    place: int
    limit_ms: int | None
    questions: Sequence[Question]

    @property
    def starts_at(self) -> datetime:
        """When the segment starts by the programme."""
        return self.member.segment.starts_at


def own_seats(hearing: Hearing, person: Person) -> list[OwnSeat]:
    """Return a person's seats on the panels, in the programme's order."""
    rows = PanelMember.objects.filter(person=person, segment__meeting__hearing=hearing)
    found = rows.select_related("segment__meeting__hearing", "person")
    in_order = found.prefetch_related("segment__members").order_by("segment__ordinal", "ordinal")
    return [_own_seat(member) for member in in_order]


def _own_seat(member: PanelMember) -> OwnSeat:
    segment = member.segment
    speakers = [other for other in segment.members.all() if other.role == Role.PANELLIST]
    ids = [speaker.pk for speaker in speakers]
    seconds = {
        Role.PANELLIST.value: member.limit_s,
        PanelMember.CHAIR: segment.chair_limit_s,
    }.get(member.role)
    return OwnSeat(
        member=member,
        speakers=speakers,
        place=ids.index(member.pk) + 1 if member.pk in ids else 0,
        limit_ms=seconds * 1000 if seconds else None,
        questions=_questions(member),
    )


def _questions(member: PanelMember) -> list[Question]:
    """Return the questions ready for the panel: all, or those that the panellist may answer.

    The moderator may draw a question that was sorted for no panel; no panellist sees it before.
    """
    ready = questions.ready_to_draw(member.segment)
    if member.role != Role.PANELLIST:
        return ready
    return [
        question
        for question in ready
        if question.to_id == member.pk
        or (question.to_id is None and question.segment_id == member.segment_id)
    ]


def of_hearing(hearing: Hearing) -> list[MeetingDocument]:
    """Return all documents by kind, then in their order, in one query."""
    rows = MeetingDocument.objects.filter(hearing=hearing).select_related("member__segment")
    return sorted(rows, key=_by_kind)


def of_person(hearing: Hearing, person: Person) -> list[MeetingDocument]:
    """Return the files that a panellist has handed in, in one query."""
    rows = MeetingDocument.objects.filter(hearing=hearing, person=person)
    return list(rows.select_related("member__segment"))


def handed_in(hearing: Hearing) -> list[MeetingDocument]:
    """Return the panellists' files, in the order in which they speak, in one query."""
    rows = MeetingDocument.objects.filter(hearing=hearing).exclude(member=None)
    in_order = ("member__segment__ordinal", "member__ordinal", "ordinal", "added_at", "id")
    return list(rows.select_related("member__segment").order_by(*in_order))


def public(hearing: Hearing) -> list[MeetingDocument]:
    """Return the documents that anyone may read, by kind, then in their order, in one query."""
    rows = MeetingDocument.objects.filter(hearing=hearing, is_public=True)
    found = [row for row in rows.select_related("member") if row.may_be_public]
    return sorted(found, key=_by_kind)


def public_titles(hearing: Hearing, documents: Sequence[MeetingDocument]) -> list[str]:
    """Return the titles as the public reads them: aliases replace the names of their bearers."""
    hidden = programme_words.bearers(hearing.pk) if documents else []
    return [
        mapped(document.title, lambda said: replaced(said, *hidden)) if hidden else document.title
        for document in documents
    ]


def _by_kind(document: MeetingDocument) -> tuple[object, ...]:
    return KINDS.index(document.kind), document.ordinal, document.added_at, document.pk
