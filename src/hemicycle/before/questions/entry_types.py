"""Entries about questions until they are put to a panel; the floor's entries follow."""

from hemicycle.record.entry_registry import declare, ids_only

SUBMITTED = declare(
    "question.submitted",
    *("question", "registration", "segment"),
    erasure=ids_only("question", "registration"),
).name
SORTED = declare(
    "question.sorted",
    *("question", "guiding_question", "segment", "to"),
    erasure=ids_only("question"),
).name
SET_ASIDE = declare(
    "question.set_aside", "question", "note", erasure=ids_only("question", "note")
).name
