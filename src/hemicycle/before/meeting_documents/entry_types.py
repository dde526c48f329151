"""Entries about the documents of a hearing."""

from hemicycle.record.entry_registry import declare, ids_only

ADDED = declare(
    "document.added",
    *("document", "kind", "size", "sha256", "public", "slot"),
    erasure=ids_only("document", "slot"),
).name
"""`size` is in bytes; `slot` is the seat of the panellist who handed it in, "" for the office's."""
CHANGED = declare(
    "document.changed", *("document", "kind", "public"), erasure=ids_only("document")
).name
AGREED = declare("document.agreed", *("document", "agrees"), erasure=ids_only("document")).name
"""Whether the panellist agrees that a file becomes public."""
REMOVED = declare("document.removed", "document", erasure=ids_only("document")).name
