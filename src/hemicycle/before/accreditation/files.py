"""Downloads of evidence and lists, served so that no browser executes their content."""

from functools import partial

from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy

from hemicycle.before.accreditation import paper
from hemicycle.before.accreditation.models import (
    Edition,
    Evidence,
)
from hemicycle.documents.writing import to_docx, to_pdf
from hemicycle.hearing.exports.tables import TableKind, TableToExport
from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.downloads import kept
from hemicycle.ui.spreadsheets import csv_response

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def piece(found: Evidence | None) -> FileResponse:
    """Return a piece of evidence as a download; raise `Http404` if it or its file is missing."""
    return kept(found.file if found else None, found.file_name if found else "")


def _read(hearing: Hearing, asked: QueryDict) -> TableToExport:
    found = Edition.objects.select_related("hearing").get(
        hearing=hearing, number=int(str(asked["number"]))
    )
    return TableToExport(
        f"no-objection-{found.number}",
        paper.head(),
        paper.rows(found),
        found.lines.count(),
        {kind: partial(_composed, found, kind) for kind in TYPES},
    )


TABLE = TableKind(
    "no-objection", gettext_lazy("No-objection lists"), "accreditation:editions", _read
)


def _composed(found: Edition, kind: str) -> bytes:
    composed = paper.compose(found)
    return to_docx(composed) if kind == "docx" else to_pdf(composed).content


def edition(found: Edition, kind: str) -> HttpResponse:
    """Return a no-objection list as `csv`, `docx` or `pdf`; raise `Http404` for another kind."""
    name = f"{found.hearing.slug}-no-objection-{found.number}"
    if kind == "csv":
        return csv_response(name, paper.head(), paper.rows(found))
    if kind not in TYPES:
        raise Http404
    content = _composed(found, kind)
    disposition = f'attachment; filename="{name}.{kind}"'
    return HttpResponse(
        content, content_type=TYPES[kind], headers={"Content-Disposition": disposition}
    )


def drop_file(piece: Evidence) -> None:
    """Delete the file of a piece of evidence after the commit."""
    stored_files.drop(piece.file.name or "")
