"""Downloads: the summary as DOCX and PDF, and the table of recommendations."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import queries
from hemicycle.outcome.summary.access import drafted_summary, published_summary
from hemicycle.outcome.summary.document import docx_of, pdf_of
from hemicycle.outcome.summary.models import Summary
from hemicycle.ui.spreadsheets import csv_response, xlsx_response

secretariat = for_roles(Role.SECRETARIAT)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


@never_cache
@secretariat
@require_GET
def docx(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The summary as a Word document, published or not."""
    return _docx(drafted_summary(hearing))


@never_cache
@secretariat
@require_GET
def pdf(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The summary as PDF, published or not."""
    return _pdf(drafted_summary(hearing))


@public_hearing
@require_safe
def public_docx(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The published summary as a Word document."""
    return _docx(published_summary(hearing))


@public_hearing
@require_safe
def public_pdf(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The published summary as PDF."""
    return _pdf(published_summary(hearing))


@never_cache
@secretariat
@require_GET
def recommendations(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponse:
    """The table of recommendations for a spreadsheet, published or not."""
    return _recommendations(drafted_summary(hearing), kind)


@public_hearing
@require_safe
def public_recommendations(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponse:
    """The published table of recommendations for a spreadsheet."""
    return _recommendations(published_summary(hearing), kind)


def _docx(summary: Summary) -> HttpResponse:
    return _file(docx_of(summary), DOCX, f"{summary.hearing.slug}-summary.docx")


def _pdf(summary: Summary) -> HttpResponse:
    return _file(pdf_of(summary), PDF, f"{summary.hearing.slug}-summary.pdf")


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)


def _recommendations(summary: Summary, kind: str) -> HttpResponse:
    """The table of recommendations as CSV or a workbook."""
    write = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if write is None:
        raise Http404(_("There is no such export."))
    head, rows = queries.recommendations(summary)
    return write(f"{summary.hearing.slug}-recommendations", head, rows)
