"""Entries about training sessions."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

_TIMES = ("training", "starts_at", "minutes", "language", "capacity", "interpretation")
SCHEDULED = declare("training.scheduled", *_TIMES, erasure=nothing_personal).name
CHANGED = declare("training.changed", *_TIMES, erasure=nothing_personal).name
CANCELLED = declare("training.cancelled", "training", "note", erasure=nothing_personal).name
ROOM_OPENED = declare("training.room_opened", "training", "room", erasure=nothing_personal).name

_WHO = ("training", "registration")
_GONE = ids_only("registration")
SIGNED_UP = declare("training.signed_up", *_WHO, erasure=_GONE).name
QUEUED = declare("training.queued", *_WHO, erasure=_GONE).name
PROMOTED = declare("training.promoted", *_WHO, erasure=_GONE).name
SIGNED_OFF = declare("training.signed_off", *_WHO, erasure=_GONE).name
ATTENDED = declare("training.attended", *_WHO, erasure=_GONE).name
ABSENT = declare("training.absent", *_WHO, erasure=_GONE).name
