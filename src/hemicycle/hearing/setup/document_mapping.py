"""Mapping between a hearing's document and its rows.

Writing keeps a row (and so its id, which inscriptions and summaries use) if the new document still
means the same thing. Segments are matched by their kind and title, or else by their place.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Model, ProtectedError
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import (
    Category,
    Deadline,
    GuidingQuestion,
    Hearing,
    Meeting,
    PanelMember,
    Segment,
)
from hemicycle.hearing.setup.schema import Document, InvalidDocument, Problem
from hemicycle.mentions import Bearer, replaced
from hemicycle.ui.words import Translated, original, tidy

WORDS = (
    "slug", "title", "short_title", "theme", "objective", "format", "outcome", "convener", "venue",
    "platform", "webcast", "hashtag", "time_zone", "languages", "original_language",
    "retention_days", "witnesses_asked", "mandate", "places", "mailboxes",
    "witnesses",
)  # fmt: skip
FLOOR = {
    "time_limit_seconds": "floor_time_limit_s",
    "high_level_seconds": "high_level_limit_s",
    "joint_seconds": "joint_limit_s",
    "warning_seconds": "warning_s",
    "extension_seconds": "extension_s",
    "at_limit": "at_limit",
    "grace_seconds": "grace_s",
    "points_of_order": "points_of_order",
    "walk_ups": "walk_ups",
    "without_connection": "without_line",
    "words_per_minute": "words_per_minute",
    "public_delay_seconds": "public_delay_s",
    "plate": "plate",
    "clock": "clock",
}
REGISTRATION = ("list_of_speakers", "max_per_organization", "public_list", "confirmation_hours")


def zone_of(hearing: Hearing) -> tzinfo:
    """Return the hearing's time zone; UTC if a draft has none."""
    return zone_named(hearing.time_zone)


def zone_named(name: str) -> tzinfo:
    """Return the time zone of that name; UTC for ""."""
    return ZoneInfo(name) if name else UTC


def to_document(hearing: Hearing, *, in_public: bool = False) -> Document:
    """Return the hearing as a document, equal to the document from which it was written.

    With `in_public`, it is the document for the public: people with an alias appear only under it.
    """
    zone = zone_of(hearing)
    return {
        **{name: original(getattr(hearing, name)) for name in WORDS},
        "translations": hearing.translations,
        "floor": {key: getattr(hearing, name) for key, name in FLOOR.items()},
        "registration": {name: getattr(hearing, name) for name in REGISTRATION},
        "statements": {
            "closes": _local(at, zone) if (at := hearing.statements_close_at) else None,
            "late": hearing.late_statements,
        },
        "tracks": [dict(track) for track in hearing.tracks],
        "merge": {"counts": [], **hearing.merge},
        "balance": {**hearing.balance},
        "deadlines": [
            {"track": deadline.track, "closes": _local(deadline.at, zone)}
            for deadline in hearing.deadlines.all()
        ],
        "categories": [
            {key: original(getattr(category, key)) for key in CATEGORY}
            for category in hearing.categories.all()
        ],
        "meetings": [
            _meeting_document(meeting, zone, in_public) for meeting in hearing.meetings.all()
        ],
        "guiding_questions": [
            {**question.originals(), "translations": question.translations}
            for question in hearing.guiding_questions.all()
        ],
    }


CATEGORY = (
    *("key", "label", "track", "eligibility", "needs_review"),
    *("evidence", "focal_point", "no_objection", "max_registrations", "waiting_list"),
    "translations",
)


def _meeting_document(meeting: Meeting, zone: tzinfo, in_public: bool) -> Document:
    starts = _local(meeting.starts_at, zone)
    return {
        **meeting.originals(),
        "translations": meeting.translations,
        "date": starts.date(),
        "starts": starts,
        "ends": _local(meeting.ends_at, zone),
        "segments": [
            _segment_document(segment, zone, in_public) for segment in meeting.segments.all()
        ],
    }


def _segment_document(segment: Segment, zone: tzinfo, in_public: bool) -> Document:
    hidden = [bearer for member in segment.members.all() if (bearer := member.bearer)]
    return {
        "kind": segment.kind,
        **_texts(segment, hidden if in_public else [], "description"),
        "starts": _local(segment.starts_at, zone),
        "ends": _local(segment.ends_at, zone),
        "presentations_seconds": segment.presentations_s,
        "max_inscriptions": segment.max_inscriptions,
        "places_by_track": {**segment.places_by_track},
        "waiting_list": segment.waiting_list,
        "public_delay_seconds": segment.public_delay_s,
        "discussion": segment.discussion,
        "chair_seconds": segment.chair_limit_s,
        "members": [_member_document(member, in_public) for member in segment.members.all()],
    }


def _member_document(member: PanelMember, in_public: bool) -> Document:
    hidden = [member.bearer] if in_public and member.bearer else []
    texts = _texts(member, hidden, "topic")
    if hidden:
        texts["title"] = member.public.title
        for translated in texts["translations"].values():
            translated.pop("title", None)
    return {
        "role": member.role,
        "name": member.public.name if in_public else member.name,
        **texts,
        "translations": tidy(texts["translations"]),
        "alias": "" if in_public else member.alias,
        "limit_seconds": member.limit_s,
    }


def _texts(row: Translated, hidden: Sequence[Bearer], name: str) -> Document:
    """Return the row's texts and translations, with the names of `hidden` replaced in `name`."""
    texts = {**row.originals(), "translations": deepcopy(row.translations)}
    for said in (texts, *texts["translations"].values()) if hidden else ():
        if said.get(name):
            said[name] = replaced(said[name], *hidden)
    return texts


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def set_words(hearing: Hearing, document: Document) -> None:
    """Set the document's own fields, without its lists of rows, on the hearing; do not save it."""
    for name in WORDS:
        setattr(hearing, name, document[name])
    hearing.translations = document["translations"]
    for key, name in FLOOR.items():
        setattr(hearing, name, document["floor"][key])
    for name in REGISTRATION:
        setattr(hearing, name, document["registration"][name])
    closes = document["statements"]["closes"]
    hearing.statements_close_at = closes.replace(tzinfo=zone_of(hearing)) if closes else None
    hearing.late_statements = document["statements"]["late"]
    hearing.tracks = document["tracks"]
    hearing.merge = document["merge"]
    hearing.balance = document["balance"]


def set_rows(hearing: Hearing, document: Document) -> None:
    """Change the hearing's rows to match the document.

    Raises `InvalidDocument` if that would remove a segment with inscriptions or a category with
    registrations.
    """
    try:
        _set_programme(hearing, document["meetings"])
        _set_lists(hearing, document)
    except ProtectedError as error:
        row = next(iter(error.protected_objects))
        sentence = _("“%(name)s” is in use and cannot be removed: participants have chosen it.")
        name = getattr(row, "segment", None) or getattr(row, "category", None) or hearing
        raise InvalidDocument([Problem(("meetings",), sentence % {"name": name})]) from error


def _set_lists(hearing: Hearing, document: Document) -> None:
    zone = zone_of(hearing)
    language = {"original_language": hearing.original_language}
    _match(
        Deadline.objects.filter(hearing=hearing),
        document["deadlines"],
        same=lambda row, wanted: row.track == wanted["track"],
        alike=lambda row, wanted: False,
        put=lambda row, wanted, place: _put(
            row or Deadline(hearing=hearing),
            track=wanted["track"],
            at=wanted["closes"].replace(tzinfo=zone),
        ),
    )
    _free_ordinals(Category.objects.filter(hearing=hearing))
    _match(
        Category.objects.filter(hearing=hearing),
        document["categories"],
        same=lambda row, wanted: row.key == wanted["key"],
        alike=lambda row, wanted: original(row.label) == wanted["label"],
        put=lambda row, wanted, place: _put(
            row or Category(hearing=hearing), ordinal=place, **language, **wanted
        ),
    )
    questions = GuidingQuestion.objects.filter(hearing=hearing)
    questions.update(number=F("number") + 10_000)
    _match(
        questions,
        document["guiding_questions"],
        same=lambda row, wanted: original(row.text) == wanted["text"],
        put=lambda row, wanted, place: _put(
            row or GuidingQuestion(hearing=hearing), number=place, **language, **wanted
        ),
    )


def _set_programme(hearing: Hearing, meetings: list[Document]) -> None:
    zone = zone_of(hearing)
    old = Meeting.objects.filter(hearing=hearing)
    _free_ordinals(old)
    kept = _match(
        old,
        meetings,
        same=lambda row, wanted: original(row.title) == wanted["title"] != "",
        put=lambda row, wanted, place: _put(
            row or Meeting(hearing=hearing),
            ordinal=place,
            original_language=hearing.original_language,
            **_said(wanted, Meeting),
            **_times(wanted, zone),
        ),
        prune=False,
    )
    pairs = [
        (meeting, segment)
        for meeting, wanted in zip(kept, meetings, strict=True)
        for segment in wanted["segments"]
    ]
    segments = _match(
        Segment.objects.filter(meeting__hearing=hearing).select_related("meeting"),
        pairs,
        same=lambda row, pair: (
            (row.kind, original(row.title)) == (pair[1]["kind"], pair[1]["title"])
        ),
        alike=lambda row, pair: row.kind == pair[1]["kind"],
        put=lambda row, pair, place: _put_segment(row, pair, place, zone),
    )
    for row, (_meeting, wanted) in zip(segments, pairs, strict=True):
        _set_members(row, wanted["members"])
    old.exclude(pk__in=[meeting.pk for meeting in kept]).delete()


def _put_segment(
    row: Segment | None, pair: tuple[Meeting, Document], place: int, zone: tzinfo
) -> Segment:
    meeting, wanted = pair
    return _put(
        row or Segment(),
        meeting=meeting,
        ordinal=place,
        kind=wanted["kind"],
        original_language=meeting.original_language,
        **_said(wanted, Segment),
        presentations_s=wanted["presentations_seconds"],
        max_inscriptions=wanted["max_inscriptions"],
        places_by_track=wanted["places_by_track"],
        waiting_list=wanted["waiting_list"],
        public_delay_s=wanted["public_delay_seconds"],
        discussion=wanted["discussion"],
        chair_limit_s=wanted["chair_seconds"],
        **_times(wanted, zone),
    )


def _set_members(segment: Segment, members: list[Document]) -> None:
    _match(
        PanelMember.objects.filter(segment=segment),
        members,
        same=lambda row, wanted: (row.role, row.name) == (wanted["role"], wanted["name"]),
        put=lambda row, wanted, place: _put(
            row or PanelMember(segment=segment),
            ordinal=place,
            role=wanted["role"],
            name=wanted["name"],
            original_language=segment.original_language,
            **_said(wanted, PanelMember),
            alias=wanted["alias"],
            limit_s=wanted["limit_seconds"],
        ),
    )


def _said(wanted: Document, model: type[Translated]) -> dict[str, Any]:
    return {name: wanted[name] for name in (*model.words(), "translations")}


def _times(wanted: Document, zone: tzinfo) -> dict[str, datetime]:
    return {
        "starts_at": wanted["starts"].replace(tzinfo=zone),
        "ends_at": wanted["ends"].replace(tzinfo=zone),
    }


def _put[M: Model](row: M, **values: Any) -> M:
    """Set the values and save the row if they differ from its values; return the row."""
    changed = [
        name for name, value in values.items() if original(getattr(row, name, None)) != value
    ]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save()
    return row


def _free_ordinals(rows: Any) -> None:
    """Move old ordinals out of the way: new ones are saved row by row, and must be unique."""
    rows.update(ordinal=F("ordinal") + 10_000)


def _match[M: Model, W](
    old: Iterable[M],
    wanted: list[W],
    *,
    same: Callable[[M, W], bool],
    put: Callable[[M | None, W, int], M],
    alike: Callable[[M, W], bool] = lambda row, item: True,
    prune: bool = True,
) -> list[M]:
    """Match each wanted item with its old row, if there is one, and delete unmatched rows.

    An item takes the first free row for which `same` is true. The remaining items are paired, in
    order, with free rows for which `alike` is true, for example if a title was corrected.
    """
    free = list(old)
    taken: list[M | None] = [_take(free, item, same) for item in wanted]
    for index, item in enumerate(wanted):
        taken[index] = taken[index] or _take(free, item, alike)
    if prune:
        for row in free:
            row.delete()
    return [
        put(row, item, place)
        for place, (row, item) in enumerate(zip(taken, wanted, strict=True), 1)
    ]


def _take[M: Model, W](free: list[M], item: W, fits: Callable[[M, W], bool]) -> M | None:
    for index, row in enumerate(free):
        if fits(row, item):
            return free.pop(index)
    return None
