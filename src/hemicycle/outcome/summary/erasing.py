"""Erase a person from the summary, its sentences, translations and versions."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary.models import (
    Presence,
    Sentence,
    SentenceTranslation,
    SummaryRecipient,
    SummaryVersion,
)
from hemicycle.record import clock
from hemicycle.record.writer import Writer


def erase_sentences(person: UUID, record: Writer) -> list[str]:
    """Blank the sentences that hold a person's words; those that only count them stay.

    The translations of blanked sentences are deleted. Versions are blanked in every language.
    """
    blanked = quoting(person, record.hearing)
    for row in blanked:
        row.text = row.drafted_as = row.addressee = ""
        row.once_cited = []
        row.erased_at = clock.from_ms(record.now)
        row.revision += 1
    changed = ["text", "drafted_as", "addressee", "once_cited", "erased_at", "revision"]
    Sentence.objects.bulk_update(blanked, changed)
    SentenceTranslation.objects.filter(sentence__in=blanked).delete()
    here = SentenceTranslation.objects.filter(sentence__section__summary__hearing=record.hearing)
    here.filter(written_by=person).update(written_by=None)
    statements = _statements_of(person, record.hearing)
    _erase_from_versions(statements, {row.id.hex for row in blanked}, record.hearing)
    Presence.objects.filter(
        person=person, sentence__section__summary__hearing=record.hearing
    ).delete()
    sent_to(person, record.hearing).update(name="", address="", person=None)
    return [row.id.hex for row in blanked]


def sent_to(person: UUID, hearing: UUID) -> QuerySet[SummaryRecipient]:
    """Return the proofs that a person was sent the summary."""
    return SummaryRecipient.objects.filter(person=person, circulation__summary__hearing=hearing)


def clear_recipients(hearing: Hearing) -> int:
    """Blank the recipients of the summary."""
    rows = SummaryRecipient.objects.filter(circulation__summary__hearing=hearing)
    named = rows.exclude(name="", address="")
    return named.update(name="", address="", person=None)


def _erase_from_versions(statements: set[str], blanked: set[str], hearing: UUID) -> None:
    """Blank a person's words in saved versions; their papers are built again when requested."""
    for version in SummaryVersion.objects.filter(summary__hearing=hearing):
        for section in version.content:
            for sentence in section["sentences"]:
                if sentence["id"] in blanked or _holds_words_of(
                    sentence["sources"], sentence["origin"], statements
                ):
                    sentence["text"] = sentence["addressee"] = ""
        version.pdf = version.docx = None
        version.save(update_fields=["content", "pdf", "docx"])


def quoting(person: UUID, hearing: UUID) -> list[Sentence]:
    """Return the sentences that hold a person's words.

    A drafted sentence quotes the first of its sources and only names the others; a sentence that
    someone edited may quote any of them, and any that it cited before.
    """
    wanted = _statements_of(person, hearing)
    if not wanted:
        return []
    rows = Sentence.objects.filter(section__summary__hearing=hearing, erased_at=None)
    return [
        row
        for row in rows
        if _holds_words_of(row.sources, row.origin, wanted) or not wanted.isdisjoint(row.once_cited)
    ]


def _statements_of(person: UUID, hearing: UUID) -> set[str]:
    own = Statement.objects.filter(hearing_id=hearing, registration__person=person)
    return {id.hex for id in own.values_list("id", flat=True)}


def _holds_words_of(
    sources: Sequence[Mapping[str, Any]], origin: str, statements: set[str]
) -> bool:
    quoted = [source for source in sources if "sentence" in source]
    if origin == Sentence.Origin.DRAFTED:
        quoted = quoted[:1]
    else:
        quoted = [source for source in sources if "statement" in source]
    return any(source["statement"] in statements for source in quoted)
