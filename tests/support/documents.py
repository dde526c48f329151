"""Documents of a hearing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from hemicycle.before.meeting_documents import actions
from hemicycle.before.meeting_documents.actions import Details
from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import panel_seats

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import PanelMember
    from tests.support.lists import World

PDF = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 4 0 R
/Resources <</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>>> endobj
4 0 obj <</Length 55>> stream
BT /F1 12 Tf 20 50 Td (What a presentation shows) Tj ET
endstream endobj
trailer <</Root 1 0 R>>
startxref
0
%%EOF
"""
"""One page of text. It has no cross-reference table, which readers rebuild."""


def pdf(name: str = "slides.pdf") -> SimpleUploadedFile:
    """Return an upload with the content of `PDF`."""
    return SimpleUploadedFile(name, PDF)


def added_document(
    world: World, title: str = "Concept note", *, is_public: bool = True, **more: Any
) -> MeetingDocument:
    """Add a note as the secretariat, or a panellist's presentation with `member` and `person`."""
    kind = MeetingDocument.Kind.PRESENTATION if "person" in more else MeetingDocument.Kind.NOTE
    details = Details(
        **{"kind": kind, "titles": {"en": title}, "is_public": is_public, **more.pop("says", {})}
    )
    given = {"hearing": world.hearing, "file": pdf(), "file_name": "slides.pdf", **more}
    return actions.add(details=details, **{"actor": world.office, **given})


def seated(world: World, number: int = 0) -> tuple[PanelMember, Person]:
    """Seat a person as a panellist of the first panel; return the panellist and the person."""
    member = world.panels[0].members.filter(role=Role.PANELLIST).order_by("ordinal")[number]
    email = f"panellist{number}@hearing.example"
    person = panel_seats.seat(hearing=world.hearing, member=member, email=email, actor=world.office)
    assert person is not None
    member.refresh_from_db()
    return member, person


def slides(world: World, **more: Any) -> MeetingDocument:
    """Add the slides of the first panellist, who agrees that they become public."""
    member, person = seated(world)
    given = {"member": member, "person": person, "agrees": True, **more}
    return added_document(world, "Slides", **{"is_public": False, **given})


def publish(world: World, document: MeetingDocument) -> None:
    """Publish a panellist's slides as the secretariat."""
    details = Details(
        kind=MeetingDocument.Kind.PRESENTATION, titles={"en": "Slides"}, is_public=True
    )
    actions.change(document=document, details=details, actor=world.office)
    document.refresh_from_db()
