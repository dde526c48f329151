"""Entries about statements."""

from hemicycle.record.entry_registry import declare, ids_only

HANDED_IN = declare(
    "statement.handed_in",
    *("statement", "registration", "inscription", "version", "number", "words", "sha256"),
    *("received", "late"),
    erasure=ids_only("statement", "registration", "inscription", "version"),
).name
"""A version was submitted.

`received` is in ms; `late` says whether it was after the deadline for statements at that time.
"""
TITLED = declare(
    "statement.titled",
    *("statement", "title", "language", "other_title", "other_language"),
    erasure=ids_only("statement", "title", "other_title"),
).name
"""The title was set. Titles are notes, languages BCP 47 tags; both are "" if there is none."""
CONSENT_CHANGED = declare(
    "statement.consent_changed",
    *("statement", "publish"),
    erasure=ids_only("statement"),
).name
RELEASED = declare("statement.released", "statement", "release", erasure=ids_only("statement")).name
RELEASED_BY_HAND = declare(
    "statement.released_by_hand",
    *("statement", "release", "reason"),
    erasure=ids_only("statement", "reason"),
).name
NAMING_CHANGED = declare(
    "statement.naming_changed", "statement", "naming", erasure=ids_only("statement")
).name

WORDS_HELD = declare("statement.words_held", "statement", erasure=ids_only("statement")).name
WORDS_RELEASED = declare(
    "statement.words_released", "statement", "number", erasure=ids_only("statement")
).name
"""The text of version `number`, under an alias, was released by a person who has read it.

They read it as the public sees it.
"""

VIDEO_HANDED_IN = declare(
    "video.handed_in",
    *("video", "inscription", "number", "duration_ms", "size", "sha256"),
    erasure=ids_only("video", "inscription"),
).name
VIDEO_WITHDRAWN = declare(
    "video.withdrawn", "video", "inscription", erasure=ids_only("video", "inscription")
).name
VIDEO_PLAY_CHOSEN = declare(
    "video.play_chosen",
    *("video", "inscription", "play"),
    erasure=ids_only("video", "inscription"),
).name
