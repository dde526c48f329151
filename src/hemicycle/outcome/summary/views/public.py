"""The public page of the summary."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_safe

from hemicycle.documents.writing.paper import ranges
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary.access import published_summary
from hemicycle.outcome.summary.document import SummaryContents, contents
from hemicycle.outcome.summary.participation import columns
from hemicycle.outcome.summary.references import LANGUAGE, notes
from hemicycle.outcome.summary.sources import handed_in
from hemicycle.outcome.summary.views.office import by_panel
from hemicycle.ui.revalidation import revalidated


@public_hearing
@require_safe
@revalidated
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The published summary."""
    found = contents(published_summary(hearing))
    numbers = found.numbers()
    with override(LANGUAGE):
        panels = by_panel([part for part in found.parts if not part.section.is_letter])
    for panel in panels:
        panel["parts"] = [
            {
                "section": part.section,
                "sentences": [
                    {
                        "text": sentence.row.text,
                        "addressee": sentence.row.addressee,
                        "numbers": ranges(numbers.cite(sentence.row.sources)),
                    }
                    for sentence in part.sentences
                ],
            }
            for part in panel["parts"]
        ]
    listed = zip(notes(hearing, numbers), numbers.of, strict=True)
    recorded = handed_in(hearing)
    context = {
        "hearing": hearing,
        "summary": found.summary,
        "panels": panels,
        "notes": [
            (note, _public_statement(key, found), _entry_of(key, recorded)) for note, key in listed
        ],
        "figures": found.figures,
        "columns": columns(),
    }
    return render(request, "summary/public.html", context)


def _entry_of(key: str, recorded: Mapping[str, int]) -> int | None:
    """Return the entry of a source: its own, or that of handing in a statement."""
    return int(key[1:]) if key.startswith("#") else recorded.get(key)


def _public_statement(key: str, found: SummaryContents) -> UUID | None:
    source = found.texts.get(key)
    return source.statement.id if source and source.statement.is_public else None
