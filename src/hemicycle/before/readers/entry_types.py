"""The entries about readers: ids alone. Who then had the microphone is told by `link.changed`,
which names the person and the slot of each connection."""

from hemicycle.record.entry_registry import declare, ids_only

_FIELDS = ("reader", "person", "slot")

NAMED = declare("reader.named", *_FIELDS, erasure=ids_only(*_FIELDS)).name
CONFIRMED = declare("reader.confirmed", *_FIELDS, erasure=ids_only(*_FIELDS)).name
"""From here on the seat is the reader's: the media engine ends what others have open there
(`engine/control/access.py`)."""
TAKEN_BACK = declare("reader.taken_back", *_FIELDS, erasure=ids_only(*_FIELDS)).name
"""The reader's link opens nothing any more. The actor is whoever took it back, or the reader who
declined."""
