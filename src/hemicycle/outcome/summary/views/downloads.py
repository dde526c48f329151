"""Downloads: the summary as DOCX and PDF in each language, and the table of recommendations."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import queries
from hemicycle.outcome.summary.access import drafted_summary, published_summary
from hemicycle.outcome.summary.contents import contents, in_file_names, published_version
from hemicycle.outcome.summary.document import docx_of, pdf_of
from hemicycle.outcome.summary.models import Summary
from hemicycle.ui.languages import speaking
from hemicycle.ui.spreadsheets import csv_response, xlsx_response

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})
MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_FILES: dict[str, Callable[[Summary, str], bytes]] = {"docx": docx_of, "pdf": pdf_of}


@never_cache
@secretariat
@require_GET
def docx(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Send the summary as a Word document, published or not."""
    return _paper(drafted_summary(hearing), "docx")


@never_cache
@secretariat
@require_GET
def pdf(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Send the summary as PDF, published or not."""
    return _paper(drafted_summary(hearing), "pdf")


@public_hearing
@require_safe
def public_docx(request: HttpRequest, hearing: Hearing, language: str = "") -> HttpResponse:
    """Send the published summary as a Word document."""
    return _paper(_public(hearing, language), "docx", language)


@public_hearing
@require_safe
def public_pdf(request: HttpRequest, hearing: Hearing, language: str = "") -> HttpResponse:
    """Send the published summary as PDF."""
    return _paper(_public(hearing, language), "pdf", language)


@never_cache
@secretariat
@require_GET
def recommendations(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponse:
    """Send the table of recommendations for a spreadsheet, published or not."""
    return _recommendations(drafted_summary(hearing), kind)


@public_hearing
@require_safe
def public_recommendations(
    request: HttpRequest, hearing: Hearing, kind: str, language: str = ""
) -> HttpResponse:
    """Send the published table of recommendations for a spreadsheet."""
    return _recommendations(_public(hearing, language), kind, language)


def _public(hearing: Hearing, language: str) -> Summary:
    """Return the published summary; `Http404` if it is not public in that language.

    "" stands for the original's language, here and in the other functions of this module.
    """
    summary = published_summary(hearing)
    if published_version(summary, language) is None:
        raise Http404(_("The summary of this hearing is not published in this language."))
    return summary


def _paper(summary: Summary, kind: str, language: str = "") -> HttpResponse:
    return file_response(_FILES[kind](summary, language), summary, language, kind)


def file_response(content: bytes, summary: Summary, language: str, kind: str) -> HttpResponse:
    """Return a response with a paper of the summary; the original's file name has no language."""
    name = f"{summary.hearing.slug}-summary{in_file_names(summary, language)}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=MEDIA_TYPES[kind], headers=headers)


def _recommendations(summary: Summary, kind: str, language: str = "") -> HttpResponse:
    """Return a response with the table of recommendations as CSV or a workbook."""
    write = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if write is None:
        raise Http404(_("There is no such export."))
    with speaking(language or summary.language):
        head, rows = queries.recommendations(contents(summary, language))
    named = in_file_names(summary, language)
    return write(f"{summary.hearing.slug}-recommendations{named}", head, rows)
