"""Entry types about letters; they hold ids and numbers only, never an address."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

MAILED = declare("mailing.sent", "mailing", "letter", "recipients", erasure=nothing_personal).name
STOPPED = declare("mailing.stopped", "mailing", "letters", erasure=nothing_personal).name
RELEASED = declare("mailing.released", "mailing", "letters", erasure=nothing_personal).name
REST_CANCELLED = declare("letters.cancelled", "purpose", "letters", erasure=nothing_personal).name
ANNOUNCED = declare("plan.announced", "changes", "recipients", erasure=nothing_personal).name
KEPT_QUIET = declare("plan.kept_quiet", "changes", erasure=nothing_personal).name
REWORDED = declare(
    "letter.reworded", "letter", "language", "audience", erasure=nothing_personal
).name
RESTORED = declare(
    "letter.restored", "letter", "language", "audience", erasure=nothing_personal
).name
LETTERHEAD = declare("letterhead.changed", "language", erasure=nothing_personal).name
NUMBERED = declare("references.numbered", "pattern", "following", erasure=nothing_personal).name
UNNUMBERED = declare("references.stopped", erasure=nothing_personal).name
REFERENCED = declare("reference.taken", "letter", "reference", erasure=nothing_personal).name
LISTED = declare("recipients.changed", "list", "lines", erasure=nothing_personal).name
CALENDARS = declare("calendars.switched", "on", erasure=nothing_personal).name

_GONE = ids_only("message")
RETRIED = declare("message.retried", "message", erasure=_GONE).name
CANCELLED = declare("message.cancelled", "message", erasure=_GONE).name
SETTLED = declare("message.settled", "message", erasure=_GONE).name
