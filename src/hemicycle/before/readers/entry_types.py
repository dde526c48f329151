"""The entries about readers: ids only.

`link.changed` shows who then had the microphone: it names the person and the slot of each
connection.
"""

from hemicycle.record.entry_registry import declare, ids_only

_FIELDS = ("reader", "person", "slot")

NAMED = declare("reader.named", *_FIELDS, erasure=ids_only(*_FIELDS)).name
CONFIRMED = declare("reader.confirmed", *_FIELDS, erasure=ids_only(*_FIELDS)).name
"""From here on the seat is the reader's: the media engine ends other connections to it
(`engine/control/access.py`).
"""
TAKEN_BACK = declare("reader.taken_back", *_FIELDS, erasure=ids_only(*_FIELDS)).name
"""The reader's link is no longer valid.

The actor is the person who took it back, or the reader who declined.
"""
