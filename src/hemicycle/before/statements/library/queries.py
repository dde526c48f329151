"""Queries of the library: search and filters, in the same order on every database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict

from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers import panel_rules
from hemicycle.before.statements.library import search_index
from hemicycle.before.statements.library.search_query import SearchQuery, SearchTerm, read
from hemicycle.before.statements.library.snippets import parts_in
from hemicycle.before.statements.models import Listing, Statement
from hemicycle.before.statements.queries import StatementDetails, details_of, statements_of
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.hearing.setup.public_delay import known_until
from hemicycle.ui.languages import SOURCE, language_name
from hemicycle.ui.words import original

WRITTEN = "written"
"""The value of the panel filter that selects contributions in writing."""
Release = Statement.Release


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """The search and filters of a request; unknown values are dropped."""

    wanted: SearchQuery
    panel: str = ""
    category: str = ""
    language: str = ""
    release: str = ""

    @property
    def is_anything(self) -> bool:
        """Whether any filter is set; if not, an empty result means an empty library."""
        return bool(self.wanted.text) or self.is_narrowed

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter apart from the words is set."""
        return any((self.panel, self.category, self.language, self.release))


def read_filter(data: QueryDict, choices: "FilterChoices") -> LibraryFilter:
    """Read the filter from a query string."""
    return LibraryFilter(
        wanted=read(data.get("q", "")),
        panel=_known(data.get("panel", ""), choices.panels),
        category=_known(data.get("category", ""), choices.kinds),
        language=_known(data.get("language", ""), choices.languages),
        release=_known(data.get("status", ""), choices.releases),
    )


type Choice = tuple[str, str]


def _known(value: str, choices: Iterable[Choice]) -> str:
    return value if any(value == key for key, _label in choices) else ""


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """The values of each filter of the library, as pairs of value and label."""

    panels: Sequence[Choice]
    tracks: Sequence[Choice]
    categories: Sequence[Choice]
    languages: Sequence[Choice]
    releases: Sequence[Choice]

    @property
    def kinds(self) -> list[Choice]:
        """The choices of tracks and categories together."""
        return [*self.tracks, *self.categories]


def choices(hearing: Hearing, written: str) -> FilterChoices:
    """Return the panels, tracks and categories of a hearing, and the languages of its library.

    `written` is the label of contributions in writing.
    """
    panels = [(str(panel.ordinal), panel.title) for panel in panel_rules.panels(hearing)]
    rows = readable(hearing).exclude(language="")
    tags = rows.order_by("language").values_list("language", flat=True).distinct()
    released = [
        (release.value, str(release.label)) for release in Release if release != Release.EMBARGOED
    ]
    return FilterChoices(
        panels=[*panels, (WRITTEN, written)],
        tracks=[(track.key, track.label) for track in hearing.all_tracks],
        categories=[(category.key, category.label) for category in hearing.categories.all()],
        languages=[(tag, language_name(tag)) for tag in tags],
        releases=released,
    )


def search(hearing: Hearing, what: LibraryFilter) -> QuerySet[Listing]:
    """Return the library's rows for a search, in the library's order.

    Without words, that is the order of the panels, then of delivery. With words, each must be in
    the names, the text or the title of the panel: matches in names come first, then texts that
    contain the words next to each other, and last those that match only by their panel.
    """
    rows = _narrowed(readable(hearing), what)
    if what.wanted.is_vain:
        return rows.none()
    order = (
        F("statement__inscription__segment__ordinal").asc(nulls_last=True),
        "statement__released_at",
        "statement__registration__arrival",
        "statement_id",
    )
    if not what.wanted.parts:
        return rows.order_by(*order)
    rows = rows.filter(_matching(hearing, what.wanted))
    return rows.annotate(rank=_rank(what.wanted)).order_by("rank", *order)


def _matching(hearing: Hearing, wanted: SearchQuery) -> Q:
    """Return the condition that a statement or its panel contains each part of a search."""
    titled: dict[SearchTerm, list[UUID]] = {}
    for panel in panel_rules.panels(hearing):
        for part in _parts_in_title(panel, wanted):
            titled.setdefault(part, []).append(panel.pk)
    own = tuple(part for part in wanted.parts if part not in titled)
    found = Q(pk__in=search_index.matching(SearchQuery(wanted.text, own))) if own else Q()
    for part, panels in titled.items():
        alone = search_index.matching(SearchQuery(wanted.text, (part,)))
        found &= Q(pk__in=alone) | Q(statement__inscription__segment__in=panels)
    return found


def _parts_in_title(panel: Segment, wanted: SearchQuery) -> set[SearchTerm]:
    translated = {tag: texts.get("title", "") for tag, texts in panel.translations.items()}
    titles = {panel.original_language or SOURCE: original(panel.title), **translated}
    return {
        part
        for language, title in titles.items()
        for part in parts_in(title, wanted.parts, language)
    }


def readable(hearing: Hearing) -> QuerySet[Listing]:
    """Return the library's rows that anyone may read now.

    The conditions for publication are checked again on the statements, and statements that the
    public has not yet seen delivered are left out.
    """
    rows = Listing.objects.filter(
        Registration.taking_part("statement__registration__"),
        hearing_id=hearing.id,
        statement__consents_to_publish=True,
    )
    rows = rows.exclude(statement__is_held=True).exclude(_not_seen(hearing, "statement__"))
    return rows.exclude(statement__release=Release.EMBARGOED).exclude(
        statement__naming=Statement.Naming.WITHHELD
    )


def _not_seen(hearing: Hearing, prefix: str = "") -> Q:
    """Return the condition for statements released by events that the delayed public has not seen.

    Contributions in writing are released by the end of the last meeting.
    """
    not_seen, known = Q(pk__in=[]), known_until(hearing)
    for meeting, until in known.items():
        spoken_in = {f"{prefix}inscription__segment__meeting": meeting}
        not_seen |= Q(**spoken_in, **{f"{prefix}released_at__gt": until})
    if known:
        in_writing = {f"{prefix}inscription": None}
        not_seen |= Q(**in_writing, **{f"{prefix}released_at__gt": min(known.values())})
    return not_seen


def _narrowed(rows: QuerySet[Listing], what: LibraryFilter) -> QuerySet[Listing]:
    narrow = Q()
    if what.panel == WRITTEN:
        narrow &= Q(statement__inscription=None)
    elif what.panel:
        narrow &= Q(statement__inscription__segment__ordinal=int(what.panel))
    if what.category in TrackKind.values:
        narrow &= Q(statement__registration__track=what.category)
    elif what.category:
        narrow &= Q(statement__registration__category__key=what.category)
    if what.language:
        narrow &= Q(language=what.language)
    if what.release:
        narrow &= Q(statement__release=what.release)
    return rows.filter(narrow)


def _rank(wanted: SearchQuery) -> Case:
    whens = [When(pk__in=search_index.in_head(wanted), then=Value(0))]
    if phrase := wanted.phrase:
        whens.append(When(pk__in=search_index.as_phrase(phrase), then=Value(1)))
    whens.append(When(pk__in=search_index.matching(wanted), then=Value(2)))
    return Case(*whens, default=Value(3), output_field=IntegerField())


def details(hearing: Hearing, rows: Iterable[Listing]) -> list[StatementDetails]:
    """Return the statements of rows of the library, in the same order: two queries."""
    ids = [row.statement_id for row in rows]
    there = {statement.pk: statement for statement in statements_of(hearing).filter(pk__in=ids)}
    return details_of(hearing, [there[pk] for pk in ids if pk in there])


def published_statement(hearing: Hearing, pk: UUID) -> StatementDetails | None:
    """Return a statement that anyone may read now; None otherwise."""
    rows = statements_of(hearing).filter(pk=pk, listing__isnull=False)
    statement = rows.exclude(_not_seen(hearing)).first()
    if statement is None or not (statement.is_public and statement.registration.takes_part):
        return None
    return details_of(hearing, [statement])[0]


def all_published(hearing: Hearing) -> list[StatementDetails]:
    """Return all published statements of a hearing."""
    return details(hearing, search(hearing, LibraryFilter(wanted=read(""))))


def was_public(hearing: Hearing, pk: UUID) -> bool:
    """Return whether a statement has ever been in the library."""
    rows = Statement.objects.filter(hearing_id=hearing.id, pk=pk).exclude(_not_seen(hearing))
    return rows.exclude(published_at=None).exists()
