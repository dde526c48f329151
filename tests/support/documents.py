"""Documents of a hearing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from hemicycle.before.meeting_documents import actions
from hemicycle.before.meeting_documents.actions import Details
from hemicycle.before.meeting_documents.models import MeetingDocument

if TYPE_CHECKING:
    from tests.support.lists import World

PDF = b"%PDF-1.7 what a presentation shows"


def pdf(name: str = "slides.pdf") -> SimpleUploadedFile:
    """A file that begins as a PDF does."""
    return SimpleUploadedFile(name, PDF)


def added_document(
    world: World, title: str = "Concept note", *, is_public: bool = True, **more: Any
) -> MeetingDocument:
    """A note that the office adds, or with `member` and `person` a panellist's presentation."""
    kind = MeetingDocument.Kind.PRESENTATION if "person" in more else MeetingDocument.Kind.NOTE
    details = Details(
        **{"kind": kind, "titles": {"en": title}, "is_public": is_public, **more.pop("says", {})}
    )
    given = {"hearing": world.hearing, "file": pdf(), "file_name": "slides.pdf", **more}
    return actions.add(details=details, **{"actor": world.office, **given})
