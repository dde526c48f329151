"""What erasing a person does to evidence, approvals, objections and copies of lists."""

from uuid import UUID

from django.db.models import Q

from hemicycle.before.accreditation.files import drop_file
from hemicycle.before.accreditation.models import (
    Approval,
    EditionCopy,
    EditionLine,
    Evidence,
    FocalPoint,
    LeftOut,
    Objection,
)
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.secrets import new_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, erasure
from hemicycle.record.writer import Writer


def erase_evidence(person: UUID, record: Writer) -> list[str]:
    """Delete an applicant's evidence, and blank the reasons given about them.

    An organization stays on lists, unless it is hidden behind an alias.
    """
    ids: list[str] = []
    own = {"registration__person": person, "registration__hearing": record.hearing}
    for piece in Evidence.objects.filter(**own):
        ids.append(piece.id.hex)
        drop_file(piece)
        piece.delete()
    approvals = Approval.objects.filter(**own)
    ids += [_blank_approval(approval, record) for approval in approvals]
    EditionLine.objects.filter(**own).exclude(registration__alias="").update(
        organization="–", country=""
    )
    about = {f"line__{name}": value for name, value in own.items()}
    for objection in Objection.objects.filter(**about):
        ids.append(objection.id.hex)
        erasure.erase_note(record, objection.reason)
        erasure.erase_note(record, objection.settlement)
    for left_out in LeftOut.objects.filter(**own):
        ids.append(left_out.id.hex)
        erasure.erase_note(record, left_out.reason)
    return ids


def erase_focal_point(person: UUID, record: Writer) -> list[str]:
    """Dismiss a focal point: revoke their links and blank the reasons they gave."""
    ids: list[str] = []
    for point in FocalPoint.objects.filter(person=person, hearing=record.hearing):
        ids.append(point.id.hex)
        FocalPoint.objects.filter(pk=point.pk, dismissed_at=None).update(
            dismissed_at=clock.from_ms(record.now)
        )
        ids += [_blank_approval(approval, record) for approval in point.approvals.all()]
    return ids


def _blank_approval(approval: Approval, record: Writer) -> str:
    erasure.erase_note(record, approval.reason)
    approval.link_hash = new_secret()[1]
    if approval.state == Approval.State.ASKED:
        approval.state = Approval.State.REVOKED
    approval.save(update_fields=["link_hash", "state"])
    return approval.id.hex


def erase_copies(person: UUID, record: Writer) -> list[str]:
    """Close a person's copies of no-objection lists; the mission's objections stand."""
    own = Q(person_id=person)
    if email := Person.objects.filter(pk=person).values_list("email", flat=True).first():
        own |= Q(address__iexact=email)
    copies = list(EditionCopy.objects.filter(own, edition__hearing=record.hearing))
    for copy in copies:
        _close(copy)
    return [copy.id.hex for copy in copies]


def clear_copies(hearing: Hearing) -> int:
    """Blank the addresses to which no-objection lists were sent, and close their links."""
    copies = list(EditionCopy.objects.filter(edition__hearing=hearing).exclude(address=""))
    for copy in copies:
        _close(copy)
    return len(copies)


def _close(copy: EditionCopy) -> None:
    copy.person, copy.address, copy.link_hash = None, "", new_secret()[1]
    copy.save(update_fields=["person", "address", "link_hash"])
