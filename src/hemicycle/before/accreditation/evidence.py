"""Evidence of eligibility, which applicants add and remove while the registration is undecided.

Files have the same limits as statements and are read by the same guarded process before the
hearing's transaction begins; the worker reads files that were sent from a page (`uploads`). A file
that is not a document is refused.
"""

from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.db.models import Sum
from django.utils.translation import gettext as _

from hemicycle.before.accreditation import entry_types, files
from hemicycle.before.accreditation.models import Evidence
from hemicycle.before.registration import quota, refusals
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.actions import KEPT_ANYWAY, LIMITS, sentence_of
from hemicycle.documents.reading import UnreadableDocument, extract
from hemicycle.hearing.jobs.stored_files import StoredFirst, stored_first
from hemicycle.record import clock, writer

Form = Evidence.Form
Status = Registration.Status
MOST = 10
"""The largest number of pieces of evidence for one registration."""


def unfit(sentence: str, field: str = "") -> refusals.RegistrationRefused:
    """Return the refusal of something that cannot be accepted."""
    return refusals.RegistrationRefused(refusals.Reason.UNFIT, sentence, field)


def add(
    *,
    registration: Registration,
    form: Evidence.Form,
    text: str = "",
    file_name: str = "",
    data: bytes = b"",
    actor: writer.Actor,
    is_checked: bool = False,
    stored: StoredFirst | None = None,
) -> Evidence:
    """Add words, a link or a file; adding the same again changes nothing.

    Set `is_checked` after a call of `check_file`. A caller that holds the hearing's lock passes
    `stored`, the result of `store`. Raises `RegistrationRefused` for a file that is not a
    document, for more than `MOST` pieces, and once the registration is decided or no longer
    active.
    """
    if form == Form.FILE:
        if too_much := quota.excess(registration, len(data)):
            raise unfit(too_much, "file")
        if not is_checked:
            check_file(file_name, data)
    digest = sha256(data or text.encode()).hexdigest()
    with (
        _stored(file_name, data, stored) as own,
        writer.writing(registration.hearing_id, actor=actor) as record,
    ):
        _check_open(registration)
        given = {piece.sha256: piece for piece in registration.evidence.all()}
        if digest in given:
            return given[digest]
        if len(given) >= MOST:
            raise unfit(
                _("You can add at most %(n)s pieces of evidence. Remove one first.") % {"n": MOST}
            )
        piece = Evidence(
            registration=registration,
            form=form,
            text=text,
            file_name=PurePath(file_name.replace("\0", "")).name[:255],
            size=len(data),
            sha256=digest,
            added_at=clock.from_ms(record.now),
        )
        piece.file = own.take() if own else ""
        piece.save(force_insert=True)
        body = {**_told(piece), "form": form.value, "size": piece.size}
        record.append(entry_types.EVIDENCE_ADDED, body)
    return piece


def stored_bytes(registration: Registration) -> int:
    """Return the size of all evidence of a registration in bytes."""
    return registration.evidence.aggregate(sum=Sum("size"))["sum"] or 0


def check_file(file_name: str, data: bytes) -> None:
    """Check that a file is a document. Raises `RegistrationRefused` if it is not."""
    try:
        extract(data, name=file_name, limits=LIMITS)
    except UnreadableDocument as error:
        if error.code not in KEPT_ANYWAY:  # a scan without text is evidence too
            raise unfit(sentence_of(error), "file") from error


def _check_open(registration: Registration) -> None:
    registration.refresh_from_db(fields=["status"])
    if registration.status not in {Status.SUBMITTED, Status.WAITING}:
        raise unfit(
            _("This registration has been decided, so its evidence can no longer be changed.")
        )


def store(file_name: str, data: bytes) -> AbstractContextManager[StoredFirst]:
    """Store a file under a generated name before its row. Raises `OSError` if that fails."""
    suffix = PurePath(file_name.replace("\0", "")).suffix.lower()[:8]
    return stored_first(Evidence, f"{uuid4().hex}{suffix}", ContentFile(data))


def _stored(
    file_name: str, data: bytes, already: StoredFirst | None
) -> AbstractContextManager[StoredFirst | None]:
    return store(file_name, data) if data and already is None else nullcontext(already)


def _told(piece: Evidence) -> dict[str, object]:
    return {"registration": piece.registration_id.hex, "evidence": piece.id.hex}


def remove(*, registration: Registration, pk: UUID, actor: writer.Actor) -> bool:
    """Remove a piece; return False if there is none.

    Raises `RegistrationRefused` once the registration is decided.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        _check_open(registration)
        piece = registration.evidence.filter(pk=pk).first()
        if piece is None:
            return False
        record.append(entry_types.EVIDENCE_REMOVED, _told(piece))
        files.drop_file(piece)
        piece.delete()
    return True
