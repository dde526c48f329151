"""Search in the published summary, for the library's search."""

from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.before.statements.library.search_query import SearchQuery
from hemicycle.before.statements.library.signals import FoundElsewhere
from hemicycle.before.statements.library.snippets import parts_in, passage
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary.contents import contents, public_languages, reader_choice
from hemicycle.outcome.summary.queries import summary_of

MOST_SHOWN = 3
"""The most sentences that the library shows; it counts the others."""


def found(hearing: Hearing, wanted: SearchQuery) -> FoundElsewhere | None:
    """Return the sentences with all the words, in the reader's language or else the original's."""
    summary = summary_of(hearing)
    languages = public_languages(summary) if summary is not None else []
    if summary is None or not languages:
        return None
    parts = set(wanted.parts)
    rows = [
        (sentence.text, sentence.language)
        for section in contents(summary, reader_choice(languages)).parts
        if not section.section.is_letter
        for sentence in section.sentences
        if parts_in(sentence.text, wanted.parts, sentence.language) == parts
    ]
    if not rows:
        return None
    return FoundElsewhere(
        label=_("In the summary"),
        path=reverse("summary:public", args=(hearing.slug,)),
        passages=[(passage(text, wanted, tag), tag) for text, tag in rows[:MOST_SHOWN]],
        more=len(rows[MOST_SHOWN:]),
    )
