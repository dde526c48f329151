"""Entries about the summary, and what erasing a person does to the sentences that quote them."""

from uuid import UUID

from hemicycle.record import clock, erasure
from hemicycle.record.gate import Writer
from hemicycle.record.registry import declare, ids_only, nothing_personal
from hemicycle.statements.models import Statement
from hemicycle.summary.models import Sentence

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


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Blank the sentences that hold a person's words; what only counts them stays true."""
    blanked = quoting(person, record.hearing)
    for row in blanked:
        row.text = row.drafted_as = ""
        row.erased_at = clock.from_ms(record.now)
        row.revision += 1
    Sentence.objects.bulk_update(blanked, ["text", "drafted_as", "erased_at", "revision"])
    return [row.id.hex for row in blanked]


def quoting(person: UUID, hearing: UUID) -> list[Sentence]:
    """The sentences that hold a person's words.

    A drafted sentence quotes the first of its sources, the others are merely named in it; one that
    somebody edited may quote any of them.
    """
    own = Statement.objects.filter(hearing_id=hearing, registration__person=person)
    wanted = {id.hex for id in own.values_list("id", flat=True)}
    if not wanted:
        return []
    rows = Sentence.objects.filter(section__summary__hearing=hearing, erased_at=None)
    return [row for row in rows if _holds_words_of(row, wanted)]


def _holds_words_of(sentence: Sentence, statements: set[str]) -> bool:
    quoted = [source for source in sentence.sources if "sentence" in source]
    if sentence.origin == Sentence.Origin.DRAFTED:
        quoted = quoted[:1]
    else:
        quoted = [source for source in sentence.sources if "statement" in source]
    return any(source["statement"] in statements for source in quoted)
