"""Entries about questions until they are put to a panel; then the floor has its own."""

from hemicycle.record.registry import declare, ids_only

declare(
    "question.submitted",
    *("question", "registration", "segment"),
    erasure=ids_only("question", "registration"),
)
declare(
    "question.sorted",
    *("question", "guiding_question", "segment", "to"),
    erasure=ids_only("question"),
)
declare("question.set_aside", "question", "note", erasure=ids_only("question", "note"))
