"""The entry types of the summary."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

DRAFTED = declare(
    "summary.drafted",
    *("summary", "sections", "sentences", "kept", "statements"),
    erasure=nothing_personal,
).name
EDITED = declare(
    "summary.edited",
    *("summary", "sections", "sentence", "what", "revision"),
    erasure=ids_only("sentence"),
).name
PUBLISHED = declare("summary.published", "summary", "revision", erasure=nothing_personal).name
TAKEN_BACK = declare("summary.taken_back", "summary", "revision", erasure=nothing_personal).name
KEPT = declare(
    "summary.version_kept",
    *("summary", "version", "number", "revision", "reason"),
    erasure=nothing_personal,
).name
CIRCULATED = declare(
    "summary.circulated",
    *("summary", "circulation", "version", "recipients", "missions", "participants"),
    *("panels", "co_signers", "listed", "messages"),
    erasure=ids_only("messages"),
).name
