"""The public page of the summary, in the reader's language if it is published in that language."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hemicycle.documents.writing.paper import ranges
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary.access import published_summary
from hemicycle.outcome.summary.contents import (
    SummaryContents,
    contents,
    public_languages,
    reader_choice,
)
from hemicycle.outcome.summary.headings import group_title, heading
from hemicycle.outcome.summary.participation import columns
from hemicycle.outcome.summary.references import ReferenceNumbers, notes
from hemicycle.outcome.summary.sources import handed_in
from hemicycle.ui.languages import speaking
from hemicycle.ui.revalidation import revalidated


@public_hearing
@require_safe
@revalidated
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the published summary."""
    summary = published_summary(hearing)
    languages = public_languages(summary)
    found = contents(summary, reader_choice(languages))
    context = {
        **public_context(found, languages),
        "published_at": found.version.kept_at if found.version else summary.published_at,
        "figures": found.figures(),
        "columns": columns(),
    }
    return render(request, "summary/public.html", context)


def public_context(found: SummaryContents, languages: Iterable[str]) -> dict[str, Any]:
    """Return the context of a public page: panels, numbered sources, languages."""
    hearing = found.summary.hearing
    recorded = handed_in(hearing)
    with speaking(found.language):
        numbers = found.numbers()
        panels = _panels(found, numbers)
        listed = zip(notes(hearing, numbers), numbers.of, strict=True)
        told = [
            (note, _public_statement(key, found), _entry_of(key, recorded)) for note, key in listed
        ]
    return {
        "hearing": hearing,
        "summary": found.summary,
        "found": found,
        "is_original": found.language == found.summary.language,
        "languages": [tag for tag in languages if tag != found.language],
        "panels": panels,
        "notes": told,
    }


def _panels(found: SummaryContents, numbers: ReferenceNumbers) -> list[dict[str, Any]]:
    """Return the sections under the titles of their panels, without the cover letter."""
    groups: list[dict[str, Any]] = []
    for part in found.parts:
        section = part.section
        if section.is_letter:
            continue
        title = group_title(section)
        if not groups or groups[-1]["title"] != title:
            asked = section.is_recommendations
            groups.append({"title": title, "parts": [], "is_recommendations": asked})
        question = section.guiding_question
        groups[-1]["parts"].append(
            {
                "heading": heading(section, found.language),
                "short": question.short if question else "",
                "text": question.text if question else "",
                "sentences": [
                    {
                        "text": found.as_html(sentence),
                        "addressee": sentence.addressee,
                        "language": sentence.language,
                        "is_foreign": sentence.language != found.language,
                        "numbers": ranges(numbers.cite(sentence.sources)),
                    }
                    for sentence in part.sentences
                ],
            }
        )
    return groups


def _entry_of(key: str, recorded: Mapping[str, int]) -> int | None:
    """Return the entry of a source: the entry itself, or the one that submitted the statement."""
    return int(key[1:]) if key.startswith("#") else recorded.get(key)


def _public_statement(key: str, found: SummaryContents) -> UUID | None:
    source = found.texts.get(key)
    return source.statement.id if source and source.statement.is_public else None
