"""The entries about booths."""

from hemicycle.record.entry_registry import declare, ids_only

_WHO = ("person", "booth")
ASSIGNED = declare("interpreter.assigned", *_WHO, erasure=ids_only("person")).name
RELEASED = declare("interpreter.released", *_WHO, erasure=ids_only("person")).name
