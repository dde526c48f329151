"""Operations on public data: the same data as on the public pages."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.urls import reverse

from hemicycle.before.meeting_documents import queries as meeting_documents
from hemicycle.before.registration import published
from hemicycle.before.registration.demand import over_subscriptions
from hemicycle.before.speakers import panel_rules
from hemicycle.before.speakers import queries as speakers
from hemicycle.before.statements.library import publication
from hemicycle.before.statements.library import queries as library
from hemicycle.before.statements.queries import StatementDetails, title_cells
from hemicycle.hearing.setup import queries as hearings
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import queries as summaries
from hemicycle.outcome.summary.contents import ShownSection, contents
from hemicycle.record import keys, signing
from hemicycle.record.log import checkpoints
from hemicycle.site.api import cursors
from hemicycle.site.api.operations import Call, operation
from hemicycle.site.api.resources import request_shapes, shapes

TAG = "Open to all"


def _url(name: str, *args: object) -> str:
    return settings.BASE_URL + reverse(name, args=args)


def _short(hearing: Any) -> dict[str, Any]:
    """Return the fields common to all shapes of a hearing, which is one of `queries.published`."""
    return {
        "id": hearing.id,
        "slug": hearing.slug,
        "status": hearing.status,
        "title": hearing.title,
        "short_title": hearing.short_title,
        "original_language": hearing.original_language,
        "title_languages": [
            tag for tag, texts in hearing.translations.items() if texts.get("title")
        ],
        "time_zone": hearing.time_zone,
        "starts_at": hearing.starts,
        "ends_at": hearing.ends,
        "url": _url("hearing:page", hearing.slug),
        "is_postponed": hearing.is_postponed,
        "is_rehearsed": hearing.is_rehearsed,
    }


@operation(
    "GET",
    "hearings",
    name="hearings",
    summary="All hearings",
    answer=shapes.HearingsOut,
    query=request_shapes.PageIn,
    tag=TAG,
)
def all_hearings(call: Call) -> shapes.HearingsOut:
    """The published hearings, in the order of their short addresses."""
    rows = hearings.published().order_by("slug")
    shown, more = cursors.of_rows(rows, call.query, "slug", cursors.word)
    return shapes.HearingsOut(
        items=[shapes.HearingLineOut(**_short(hearing)) for hearing in shown], next=more
    )


@operation(
    "GET",
    "hearings/<slug:slug>",
    name="hearing",
    summary="One hearing, with programme, guiding questions and deadlines",
    answer=shapes.HearingOut,
    tag=TAG,
)
def one_hearing(call: Call) -> shapes.HearingOut:
    """A hearing as its page shows it."""
    hearing: Any = hearings.published().get(pk=call.hearing.pk)
    plain = ("theme", "objective", "format", "outcome", "convener", "venue", "hashtag")
    return shapes.HearingOut(
        **_short(hearing),
        **{name: getattr(hearing, name) for name in plain},
        languages=hearing.languages,
        mandate=[
            shapes.MandateOut(**{key: document.get(key, "") for key in ("symbol", "title", "url")})
            for document in hearing.mandate
        ],
        floor_time_limit_s=hearing.floor_time_limit_s,
        words_per_minute=hearing.words_per_minute,
        lists_are_public=hearing.public_list,
        calendar_url=_url("hearing:calendar", hearing.slug),
        statements_close_at=hearing.statements_close_at,
        tracks=[
            shapes.TrackOut(
                key=track.key,
                name=track.label,
                kind=track.kind.value,
                max_per_panel=track.max_per_panel,
            )
            for track in hearing.all_tracks
        ],
        deadlines=[
            shapes.DeadlineOut(track=deadline.track, closes_at=deadline.at)
            for deadline in hearing.deadlines.all()
        ],
        categories=[
            shapes.CategoryOut(
                key=category.key,
                label=category.label,
                track=category.track,
                eligibility=category.eligibility,
            )
            for category in hearing.categories.all()
        ],
        guiding_questions=[
            shapes.QuestionOut(
                number=guiding_question.number,
                short=guiding_question.short,
                text=guiding_question.text,
            )
            for guiding_question in hearing.guiding_questions.all()
        ],
        meetings=[_meeting(sitting) for sitting in hearings.programme(hearing)],
    )


def _meeting(sitting: hearings.Sitting) -> shapes.MeetingOut:
    meeting = sitting.meeting
    return shapes.MeetingOut(
        id=meeting.id,
        title=meeting.title,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        state=sitting.state,
        segments=[_segment(item) for item in sitting.items],
    )


def _segment(item: hearings.ScheduledSegment) -> shapes.SegmentOut:
    segment = item.segment
    return shapes.SegmentOut(
        id=segment.id,
        kind=segment.kind,
        title=segment.title,
        description=segment.public_description,
        starts_at=segment.starts_at,
        ends_at=segment.ends_at,
        members=[
            shapes.MemberOut(
                role=member.role,
                name=member.public.name,
                title=member.public.title,
                topic=member.public_topic,
            )
            for member in (*item.chairs, *item.moderators, *item.panellists)
        ],
    )


@operation(
    "GET",
    "hearings/<slug:slug>/speakers",
    name="speakers",
    summary="The lists of speakers, where the hearing publishes them",
    answer=shapes.PublicListsOut,
    tag=TAG,
)
def lists(call: Call) -> shapes.PublicListsOut:
    """How many speakers ask for the floor, and the names of those who agreed to be named."""
    is_published = call.hearing.public_list
    panels = list(panel_rules.panels(call.hearing))
    demands = over_subscriptions(panels)
    return shapes.PublicListsOut(
        published=is_published,
        panels=[
            shapes.PublicListOut(
                segment=demand.segment.id,
                title=demand.segment.title,
                inscribed=demand.inscribed,
                fits=demand.fits,
                lines=[_line(one) for one in speakers.public_list(panel)] if is_published else [],
            )
            for panel, demand in zip(panels, demands, strict=True)
        ],
    )


def _line(line: speakers.ListedSpeaker) -> shapes.PublicLineOut:
    agreed = line.inscription.registration.consents_to_list
    return shapes.PublicLineOut(
        position=line.position or 0,
        track=line.inscription.track,
        organization=line.public_organization if agreed else None,
        joined_by=line.public_joined_by if agreed else [],
        speaker=(line.public_speaker or None) if agreed else None,
        reading=str(line.reading) if agreed and line.reading else None,
        state=line.state,
    )


@operation(
    "GET",
    "hearings/<slug:slug>/statements",
    name="statements",
    summary="The published statements",
    answer=shapes.StatementsOut,
    query=request_shapes.PageIn,
    tag=TAG,
)
def published_statements(call: Call) -> shapes.StatementsOut:
    """Statements that participants delivered or wrote and allow to be published."""
    found = in_order(library.all_published(call.hearing))
    shown, more = cursors.of_list(found, call.query, place_of)
    items = [shapes.StatementLineOut(**_statement(call.hearing, item)) for item in shown]
    return shapes.StatementsOut(items=items, next=more)


def place_of(handed: StatementDetails) -> str:
    """Return a statement's position in its list: by its author's arrival; a mission may have
    several statements.
    """
    return f"{handed.statement.registration.arrival:012d} {handed.statement.id.hex}"


def in_order(found: list[StatementDetails]) -> list[StatementDetails]:
    """Return statements in the order of arrival of their authors."""
    return sorted(found, key=place_of)


def title_fields(title: str) -> dict[str, str]:
    """Return the fields of a statement's title, in both of its languages."""
    names = ("title", "title_language", "other_title", "other_title_language")
    return dict(zip(names, title_cells(title), strict=True))


def _statement(hearing: Hearing, handed: StatementDetails) -> dict[str, Any]:
    statement, latest = handed.statement, handed.latest
    place, names = statement.inscription, publication.names(handed.statement)
    return {
        "id": statement.id,
        "organization": names[0],
        "speaker": names[1] if names[1:] else None,
        **title_fields(handed.public_title),
        "segment": place.segment_id if place else None,
        "release": statement.release,
        "language": latest.language if latest else "",
        "words": latest.words if latest else 0,
        "note": "Check against delivery",
        "url": _url("statements:published", hearing.slug, statement.id),
    }


@operation(
    "GET",
    "hearings/<slug:slug>/statements/<uuid:pk>",
    name="statement",
    summary="One published statement with its text",
    answer=shapes.StatementOut,
    tag=TAG,
)
def published_statement(call: Call) -> shapes.StatementOut:
    """A published statement; not found after its author has withdrawn the consent."""
    wanted: UUID = call.ids["pk"]
    found = library.published_statement(call.hearing, wanted)
    if found is None:
        raise Http404
    named = found.statement.is_public_by_name  # files contain names
    file = _url("statements:published-file", call.hearing.slug, wanted) if named else None
    return shapes.StatementOut(
        **_statement(call.hearing, found), text=found.public_text, file_url=file
    )


@operation(
    "GET",
    "hearings/<slug:slug>/documents",
    name="documents",
    summary="The public documents: note, programme, presentations, background papers",
    answer=shapes.DocumentsOut,
    tag=TAG,
)
def documents(call: Call) -> shapes.DocumentsOut:
    """The documents that the hearing's page shows."""
    rows = meeting_documents.public(call.hearing)
    titles = meeting_documents.public_titles(call.hearing, rows)
    return shapes.DocumentsOut(
        items=[
            shapes.DocumentOut(
                id=document.id,
                kind=document.kind,
                title=title,
                original_language=document.original_language,
                title_languages=list(document.translations),
                language=document.language,
                file_name=document.shown_name,
                size=document.size,
                sha256=document.sha256,
                url=_url("meeting_documents:public", call.hearing.slug, document.pk),
            )
            for document, title in zip(rows, titles, strict=True)
        ]
    )


@operation(
    "GET",
    "hearings/<slug:slug>/summary",
    name="summary",
    summary="The summary, once it is published",
    answer=shapes.SummaryOut,
    tag=TAG,
)
def summary(call: Call) -> shapes.SummaryOut:
    """The published summary: each sentence with its sources."""
    found = summaries.summary_of(call.hearing)
    if found is None or found.published_at is None:
        raise Http404
    return shapes.SummaryOut(
        published_at=found.published_at,
        revision=found.revision,
        sections=[_section(part) for part in contents(found).parts],
    )


def _section(part: ShownSection) -> shapes.SectionOut:
    section = part.section
    return shapes.SectionOut(
        heading=section.heading,
        segment=section.segment_id,
        guiding_question=section.guiding_question.number if section.guiding_question else None,
        sentences=[
            shapes.SaidOut(
                text=sentence.text, sources=[_source(source) for source in sentence.sources]
            )
            for sentence in part.sentences
        ],
    )


def _source(source: Any) -> shapes.SourceOut:
    return shapes.SourceOut(
        statement=UUID(hex=source["statement"]) if "statement" in source else None,
        sentence=source.get("sentence"),
        entry=source.get("seq"),
    )


@operation(
    "GET",
    "hearings/<slug:slug>/chain",
    name="chain",
    summary="The published chain of the record",
    answer=shapes.ChainOut,
    query=request_shapes.PageIn,
    tag=TAG,
)
def chain(call: Call) -> shapes.ChainOut:
    """Numbers, digests and hashes, which identify no one."""
    first = (cursors.read(call.query.cursor, cursors.number) or 0) + 1
    head = published.head_of(call.hearing)
    last = published.links_between(call.hearing, head.seq, head.seq)
    key = checkpoints.public_key(call.hearing.id)
    rows = published.links_between(call.hearing, first, first + call.query.limit)
    shown, more = cursors.page(rows, call.query.limit, lambda row: row["seq"])
    return shapes.ChainOut(
        head=shapes.LinkOut(**last[0]) if last else None,
        public_key=keys.pem_of(key),
        fingerprint=signing.fingerprint(key),
        items=[shapes.LinkOut(**row) for row in shown],
        next=more,
    )


@operation(
    "POST",
    "receipts/check",
    name="receipts",
    summary="Check a receipt",
    answer=shapes.VerdictOut,
    body=request_shapes.ReceiptIn,
    tag=TAG,
    notes="Send the receipt as it was issued. A receipt that does not hold is answered with why.",
)
def check(call: Call) -> shapes.VerdictOut:
    """Whether a receipt is valid, and what it proves; nothing about any other person."""
    verdict = published.check(call.body.model_dump_json())
    holds = not verdict.problem
    return shapes.VerdictOut(
        holds=holds,
        problem=str(verdict.problem) or None,
        hearing=verdict.hearing.slug if verdict.hearing else None,
        entry=verdict.seq if holds else None,
        at=verdict.at,
        hash=verdict.hash or None,
        what=str(verdict.what) or None,
        track=str(verdict.track) or None,
        panel=verdict.panel or None,
        place=verdict.place,
    )
