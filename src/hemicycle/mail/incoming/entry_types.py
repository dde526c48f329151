"""Entry types about incoming mail."""

from hemicycle.record.entry_registry import declare, ids_only

RECEIVED = declare(
    "mail.received",
    *("mail", "purpose", "received", "state", "why", "registration", "confidence"),
    erasure=ids_only("mail", "registration"),
).name
DECIDED = declare(
    "mail.decided",
    *("mail", "purpose", "state", "why", "registration", "note"),
    erasure=ids_only("mail", "registration", "note"),
).name
