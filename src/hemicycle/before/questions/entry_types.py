"""Entries about questions until they are put to a panel; then the floor has its own."""

from uuid import UUID

from hemicycle.before.questions.models import Question
from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only
from hemicycle.record.writer import Writer

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


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Blank a person's questions; that one was put to the panel stays true."""
    asked = Question.objects.filter(registration__person=person, hearing_id=record.hearing)
    for question in asked.exclude(reason=""):
        erasure.erase_note(record, question.reason)
    ids = [row.hex for row in asked.values_list("id", flat=True)]
    asked.update(text="")
    return ids
