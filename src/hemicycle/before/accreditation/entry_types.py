"""Entries about accreditation, and what erasing a person does to the rows behind them."""

from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from hemicycle.before.accreditation.models import (
    Approval,
    EditionCopy,
    Evidence,
    FocalPoint,
    Objection,
)
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.secrets import new_secret
from hemicycle.record import clock, erasure
from hemicycle.record.entry_registry import declare, ids_only, nothing_personal
from hemicycle.record.writer import Writer

_PIECE = ids_only("registration", "evidence")
EVIDENCE_ADDED = declare(
    "evidence.added", *("registration", "evidence", "form", "size"), erasure=_PIECE
).name
EVIDENCE_REMOVED = declare("evidence.removed", "registration", "evidence", erasure=_PIECE).name

FOCAL_POINT_NAMED = declare(
    "focal_point.named",
    *("focal_point", "person", "category"),
    erasure=ids_only("focal_point", "person"),
).name
FOCAL_POINT_DISMISSED = declare(
    "focal_point.dismissed", "focal_point", "person", erasure=ids_only("focal_point", "person")
).name

_ASKED = ids_only("registration", "approval", "focal_point", "reason")
APPROVAL_ASKED = declare(
    "approval.asked", *("registration", "approval", "focal_point", "expires"), erasure=_ASKED
).name
APPROVAL_ANSWERED = declare(
    "approval.answered", *("registration", "approval", "answer", "reason"), erasure=_ASKED
).name
APPROVAL_REVOKED = declare("approval.revoked", "registration", "approval", erasure=_ASKED).name

EDITION_FROZEN = declare(
    "no_objection.frozen",
    *("edition", "number", "lines", "deadline", "digest"),
    erasure=nothing_personal,
).name
EDITION_CIRCULATED = declare(
    "no_objection.circulated", "edition", "recipients", erasure=nothing_personal
).name
EDITION_CLOSED = declare(
    "no_objection.closed", "edition", "accepted", erasure=nothing_personal
).name
OBJECTED = declare(
    "objection.entered",
    *("objection", "registration", "mission", "received", "reason"),
    erasure=ids_only("objection", "registration", "reason"),
).name
SETTLED = declare(
    "objection.settled",
    *("objection", "registration", "answer", "reason"),
    erasure=ids_only("objection", "registration", "reason"),
).name


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Delete an applicant's evidence, and blank the reasons that were given about them."""
    ids: list[str] = []
    own = {"registration__person": person, "registration__hearing": record.hearing}
    for piece in Evidence.objects.filter(**own):
        ids.append(piece.id.hex)
        drop_file(piece)
        piece.delete()
    approvals = Approval.objects.filter(**own)
    ids += [_blank_approval(approval, record) for approval in approvals]
    about = {f"line__{name}": value for name, value in own.items()}
    for objection in Objection.objects.filter(**about):
        ids.append(objection.id.hex)
        erasure.erase_note(record, objection.reason)
        erasure.erase_note(record, objection.settlement)
    return ids


@erasure.register
def erase_focal_point(person: UUID, record: Writer) -> list[str]:
    """Dismiss a focal point: links open nothing any more, and the reasons they gave go."""
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


@erasure.register
def erase_copies(person: UUID, record: Writer) -> list[str]:
    """Close a person's copies of no-objection lists; the mission's objections stand."""
    own = Q(person_id=person)
    if email := Person.objects.filter(pk=person).values_list("email", flat=True).first():
        own |= Q(address__iexact=email)
    copies = list(EditionCopy.objects.filter(own, edition__hearing=record.hearing))
    for copy in copies:
        copy.person, copy.address, copy.link_hash = None, "", new_secret()[1]
        copy.save(update_fields=["person", "address", "link_hash"])
    return [copy.id.hex for copy in copies]


def drop_file(piece: Evidence) -> None:
    """Delete a piece's file once what is being done is certain: no file can be rolled back."""
    if piece.file:
        transaction.on_commit(partial(default_storage.delete, piece.file.name or ""))
