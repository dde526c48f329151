"""The entry types of the summary."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

DRAFTED = declare(
    "summary.drafted",
    *("summary", "language", "sections", "sentences", "kept", "statements"),
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
TRANSLATED = declare(
    "summary.translated",
    *("summary", "sentence", "language", "revision"),
    erasure=ids_only("sentence"),
).name
TRANSLATION_PUBLISHED = declare(
    "summary.translation_published",
    *("summary", "language", "version", "follows", "untranslated"),
    erasure=nothing_personal,
).name
TRANSLATION_TAKEN_BACK = declare(
    "summary.translation_taken_back", "summary", "language", erasure=nothing_personal
).name
TRANSLATION_KEPT = declare(
    "summary.translation_kept",
    *("summary", "language", "version", "number", "revision", "reason"),
    erasure=nothing_personal,
).name
MESSAGES_PUBLISHED = declare(
    "summary.messages_published",
    *("summary", "version", "languages"),
    erasure=nothing_personal,
).name
MESSAGES_TAKEN_BACK = declare(
    "summary.messages_taken_back", "summary", erasure=nothing_personal
).name
_CIRCULATED = (
    *("summary", "circulation", "version", "recipients", "missions", "participants"),
    *("panels", "co_signers", "listed", "messages"),
)
CIRCULATED = declare("summary.circulated", *_CIRCULATED, erasure=ids_only("messages")).name
MESSAGES_CIRCULATED = declare(
    "summary.messages_circulated", *_CIRCULATED, erasure=ids_only("messages")
).name
