"""The public library: search and filters, one statement, its file, the sitemap."""

from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hemicycle.before.statements.files import download
from hemicycle.before.statements.library import publication, queries, search_engines
from hemicycle.before.statements.library.queries import FilterChoices, LibraryFilter
from hemicycle.before.statements.library.signals import FoundElsewhere, library_searched
from hemicycle.before.statements.library.snippets import SnippetPart, passage
from hemicycle.before.statements.queries import StatementDetails, title_cells, title_head
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import language_name
from hemicycle.ui.revalidation import revalidated
from hemicycle.ui.spreadsheets import csv_response

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A statement in the results of the library."""

    handed: StatementDetails
    who: tuple[str, ...]
    language: str
    passage: list[SnippetPart]


@require_safe
@public_hearing
@revalidated
def library(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the statements that anyone may read."""
    choices, asked = _asked(request, hearing)
    page = Paginator(queries.search(hearing, asked), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "hearing": hearing,
        "page": page,
        "rows": [_found(handed, asked) for handed in queries.details(hearing, page.object_list)],
        "elsewhere": _elsewhere(hearing, asked) if page.number == 1 else [],
        "asked": asked,
        "filters": _filters(choices, asked),
        "query": request.GET.urlencode(),
        "canonical": search_engines.absolute("statements:library", hearing.slug),
    }
    return render(request, "statements/library.html", context)


def _asked(request: HttpRequest, hearing: Hearing) -> tuple[FilterChoices, LibraryFilter]:
    choices = queries.choices(hearing, _("in writing"))
    return choices, queries.read_filter(request.GET, choices)


def _filters(
    choices: FilterChoices, asked: LibraryFilter
) -> list[tuple[str, str, str, list[object], str]]:
    """Return each select of the form: name, label, label for all, groups of choices, choice."""
    kinds = [("", choices.tracks), ("", choices.categories)]
    return [
        ("panel", _("Panel"), _("all panels"), [("", choices.panels)], asked.panel),
        ("category", _("Kind of participant"), _("everyone"), [*kinds], asked.category),
        ("language", _("Language"), _("all languages"), [("", choices.languages)], asked.language),
        ("status", _("Status"), _("delivered or not"), [("", choices.releases)], asked.release),
    ]


def _elsewhere(hearing: Hearing, asked: LibraryFilter) -> list[FoundElsewhere]:
    """Return what other pages say about the words; nothing if a filter is set."""
    if not asked.wanted.parts or asked.is_narrowed:
        return []
    return [page for page in library_searched.send(hearing, asked.wanted) if page is not None]


def _found(handed: StatementDetails, asked: LibraryFilter) -> SearchResult:
    tag = handed.statement.listing.language
    shown = passage(handed.public_text, asked.wanted, tag)
    return SearchResult(handed, publication.names(handed.statement), tag, shown)


@require_safe
@public_hearing
def published(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show one published statement, marked "check against delivery"."""
    handed = queries.published_statement(hearing, pk)
    if handed is None:
        return _not_public(request, hearing, pk)
    statement = handed.statement
    context = {
        "hearing": hearing,
        "handed": handed,
        "who": publication.names(statement),
        "is_named": statement.is_public_by_name,
        "language": statement.listing.language,
        "language_name": language_name(statement.listing.language),
        "canonical": search_engines.address(hearing, statement),
        "description": search_engines.description(handed),
        "linked_data": search_engines.linked_data(hearing, handed, _("Check against delivery")),
    }
    return _fresh(render(request, "statements/published.html", context))


@require_safe
@public_hearing
def published_file(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Return the file of a published statement; none under an alias, since files contain names."""
    handed = queries.published_statement(hearing, pk)
    if handed is None:
        return _not_public(request, hearing, pk)
    if not handed.statement.is_public_by_name:
        raise Http404
    return download(handed.latest)


def _not_public(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Return a short page: 410 for a statement that was public, so that search engines drop it.

    The page of any other statement is a 404.
    """
    gone = queries.was_public(hearing, pk)
    context = {"hearing": hearing, "gone": gone}
    answer = render(request, "statements/not_public.html", context, status=410 if gone else 404)
    answer["X-Robots-Tag"] = "noindex"
    return _fresh(answer)


def _fresh(answer: HttpResponse) -> HttpResponse:
    """Make caches revalidate a page, since it can be withdrawn at any time."""
    patch_cache_control(answer, no_cache=True)
    return answer


@require_safe
@public_hearing
def as_csv(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Download the statements of the page's search, all pages, as a table without texts."""
    _choices, asked = _asked(request, hearing)
    shown = queries.details(hearing, queries.search(hearing, asked))
    head = [_("Organization"), _("Speaker"), *title_head(), _("Panel"), _("Language")]
    head += [_("Status"), _("Words")]
    head += [_("Address"), _("Note")]
    note = _("Check against delivery")
    rows = [[*_cells(hearing, handed), note] for handed in shown]
    return _fresh(csv_response(f"{hearing.slug}-published-statements", head, rows))


def _cells(hearing: Hearing, handed: StatementDetails) -> list[str | int]:
    statement, place = handed.statement, handed.statement.inscription
    who = publication.names(statement)
    return [
        who[0],
        who[1] if who[1:] else "",
        *title_cells(handed.public_title),
        place.segment.title if place else _("in writing"),
        statement.listing.language,
        str(statement.get_release_display()),
        handed.latest.words if handed.latest else 0,
        search_engines.address(hearing, statement),
    ]


@require_safe
@public_hearing
def sitemap(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Return the sitemap of the hearing's published statements."""
    return _fresh(search_engines.sitemap(hearing))


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponseBase:
    """Return the index of the sitemaps."""
    return _fresh(search_engines.sitemap_index())


@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    """Return what search engines may read: no personal page, no office, no live room."""
    lines = ["User-agent: *"]
    closed = ("/my/", "/received/", "/office/", "/sign-in/", "/co-sign/", "/feed/", "/media-api/")
    lines += [f"Disallow: {path}" for path in closed]
    lines += [f"Sitemap: {search_engines.absolute('statements:sitemap-index')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
