"""A summary that somebody has translated, in words that tests recognize."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemicycle.outcome.summary import actions, translating
from hemicycle.outcome.summary.models import (
    Sentence,
    SentenceTranslation,
    Summary,
    SummaryTranslation,
)
from hemicycle.record import clock

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.record.writer import Actor

WORDS = {
    "ar": "ترجمة الجملة",
    "es": "Traducción de la frase",
    "fr": "Traduction de la phrase",
    "ru": "Перевод предложения",
    "zh": "句子的译文",
}
"""The beginning of each translated sentence; its number, in the order of the summary, follows."""


def translate_all(summary: Summary, language: str, *, but: int = 0) -> list[Sentence]:
    """Translate every sentence except the last `but`, and return those.

    Only the rows are written, since the effects of saving a translation have their own tests.
    """
    rows = Sentence.objects.filter(section__summary=summary, removed_at=None, erased_at=None)
    found = list(rows.order_by("section__ordinal", "ordinal"))
    done = found[: len(found) - but]
    SummaryTranslation.objects.get_or_create(summary=summary, language=language)
    SentenceTranslation.objects.bulk_create(
        SentenceTranslation(
            sentence=row,
            language=language,
            text=f"{WORDS[language]} {number}.",
            addressee=f"{WORDS[language]} A{number}" if row.addressee else "",
            of_text=row.text,
            of_addressee=row.addressee,
            written_at=clock.now(),
        )
        for number, row in enumerate(done)
    )
    return found[len(done) :]


def published_in(hearing: Hearing, actor: Actor, *languages: str) -> Summary:
    """Draft and publish a summary, with all its sentences translated into some languages."""
    summary = actions.draft(hearing=hearing, actor=actor)
    for language in languages:
        translate_all(summary, language)
    summary = actions.publish(hearing=hearing, actor=actor)
    for language in languages:
        translating.publish(hearing=hearing, language=language, actor=actor)
    return summary
