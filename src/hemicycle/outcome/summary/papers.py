"""The summary as files: a draft is set anew each time, a published one once for everybody."""

from hemicycle.documents.writing import to_docx, to_pdf
from hemicycle.outcome.summary.models import Summary, Version
from hemicycle.outcome.summary.paper import compose


def published_version(summary: Summary) -> Version | None:
    """The version that is public now; None while none is."""
    if summary.published_at is None:
        return None
    return summary.versions.filter(reason=Version.Reason.PUBLISHED).first()


def pdf_of(summary: Summary) -> bytes:
    """The summary as PDF."""
    version = published_version(summary)
    if version is not None and version.pdf is not None:
        return bytes(version.pdf)
    return _kept(version, "pdf", to_pdf(compose(summary)).content)


def docx_of(summary: Summary) -> bytes:
    """The summary as a Word document."""
    version = published_version(summary)
    if version is not None and version.docx is not None:
        return bytes(version.docx)
    return _kept(version, "docx", to_docx(compose(summary)))


def _kept(version: Version | None, kind: str, made: bytes) -> bytes:
    """Keep a published paper; where another process has set it first, that one counts."""
    if version is None:
        return made
    rows = Version.objects.filter(pk=version.pk)
    if rows.filter(**{f"{kind}__isnull": True}).update(**{kind: made}):
        return made
    first = rows.values_list(kind, flat=True).get()
    return bytes(first) if first is not None else made
