"""Entries about training sessions, and what erasing a person does to their places."""

from uuid import UUID

from hemicycle.before.training.models import SignUp
from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only, nothing_personal
from hemicycle.record.writer import Writer

_TIMES = ("training", "starts_at", "minutes", "language", "capacity")
SCHEDULED = declare("training.scheduled", *_TIMES, erasure=nothing_personal).name
CHANGED = declare("training.changed", *_TIMES, erasure=nothing_personal).name
CANCELLED = declare("training.cancelled", "training", "note", erasure=nothing_personal).name

_WHO = ("training", "registration")
_GONE = ids_only("registration")
SIGNED_UP = declare("training.signed_up", *_WHO, erasure=_GONE).name
QUEUED = declare("training.queued", *_WHO, erasure=_GONE).name
PROMOTED = declare("training.promoted", *_WHO, erasure=_GONE).name
SIGNED_OFF = declare("training.signed_off", *_WHO, erasure=_GONE).name
ATTENDED = declare("training.attended", *_WHO, erasure=_GONE).name
ABSENT = declare("training.absent", *_WHO, erasure=_GONE).name


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Take the person out of the sessions; that somebody came stays true."""
    own = SignUp.objects.filter(registration__person=person, session__hearing=record.hearing)
    own.delete()
    return []
