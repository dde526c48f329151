"""The archive's index page, which needs no script, server or network."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hemicycle.before.questions.models import Question
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import Statement
from hemicycle.before.statements.titles import GivenTitle
from hemicycle.documents.writing.paper import ranges
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive.csv_columns import PUT, asker
from hemicycle.outcome.archive.hearing_documents import ArchivedDocument
from hemicycle.outcome.summary.contents import (
    ShownSection,
    ShownSentence,
    SummaryContents,
    contents,
    in_file_names,
    public_languages,
)
from hemicycle.outcome.summary.headings import group_title, heading
from hemicycle.outcome.summary.models import Summary
from hemicycle.outcome.summary.participation import PanelOutcome
from hemicycle.outcome.summary.references import ReferenceNumbers, notes, zone_of
from hemicycle.record import clock
from hemicycle.record.models import Head
from hemicycle.ui.languages import colon, own_name, speaking


def render(
    hearing: Hearing,
    head: Head,
    outcomes: Sequence[PanelOutcome],
    summary: Summary | None,
    names: Mapping[UUID, str],
    *,
    documents: Sequence[ArchivedDocument],
    public: bool,
) -> str:
    """Return the page's HTML; `names` are the files of statements in the archive, by version."""
    context = {
        "hearing": hearing,
        "zone": zone_of(hearing),
        "head": head,
        "at": clock.from_ms(head.at),
        "public": public,
        "meetings": hearing.meetings.prefetch_related("segments__members"),
        "panels": [_panel(outcome, public=public) for outcome in outcomes],
        "documents": documents,
        "statements": _statements(hearing, names, public=public),
        "questions": _questions(hearing, public=public),
        "summaries": _summaries(summary, public=public) if summary else [],
    }
    return render_to_string("archive/index.html", context)


def _panel(outcome: PanelOutcome, *, public: bool) -> dict[str, Any]:
    return {
        "segment": outcome.segment,
        "turns": [
            {
                "turn": turn,
                "name": turn.name if public else turn.inscription.registration.organization.name,
                "state": turn.state_label,
            }
            for turn in outcome.turns
            if turn.position is not None or not public
        ],
    }


def _statements(
    hearing: Hearing, names: Mapping[UUID, str], *, public: bool
) -> list[dict[str, Any]]:
    rows = Statement.objects.filter(hearing_id=hearing.id).select_related(
        "registration__organization", "registration__category", "inscription__segment"
    )
    found = []
    for row in rows.prefetch_related("versions").order_by("registration__arrival", "id"):
        if public and not (row.is_public_by_name and row.registration.takes_part):
            continue
        versions = sorted(row.versions.all(), key=lambda version: version.number)
        files = [(version, names[version.pk]) for version in versions if version.pk in names]
        text = next((version.text for version in reversed(versions) if version.text), "")
        found.append({"row": row, "title": GivenTitle.of(row), "files": files, "text": text})
    return found


def _questions(hearing: Hearing, *, public: bool) -> list[dict[str, Any]]:
    rows = Question.objects.filter(
        Registration.taking_part("registration__"), hearing_id=hearing.id, state__in=PUT
    ).select_related("registration__organization", "registration__category", "segment")
    return [
        {
            "row": row,
            "who": asker(row) if public else row.registration.organization.name,
            "state": str(row.get_state_display()),
        }
        for row in rows.order_by("drawn_at", "id")
    ]


# ── The summary in its languages ──────────────────────────────────────────────────────────────


def languages(summary: Summary, *, public: bool) -> list[str]:
    """Return the languages of the summary in the archive, the original's first.

    The public archive has the published languages, the secretariat's also those that were begun.
    """
    if public:
        return public_languages(summary)
    rows = summary.translations.order_by("language")
    return [summary.language, *rows.values_list("language", flat=True)]


def _summaries(summary: Summary, *, public: bool) -> list[dict[str, Any]]:
    return [_summary(summary, language) for language in languages(summary, public=public)]


def _summary(summary: Summary, language: str) -> dict[str, Any]:
    found = contents(summary, language)
    is_original = language == summary.language
    suffix = in_file_names(summary, language)
    with speaking(language):
        numbers = found.numbers()
        return {
            "language": language,
            "name": own_name(language),
            "is_original": is_original,
            "suffix": suffix,
            "is_draft": not (found.version or (is_original and summary.published_at)),
            "anchor": f"source{suffix.replace('.', '-')}",
            "parts": [_part(part, numbers, found) for part in found.parts],
            "notes": notes(summary.hearing, numbers),
            "sources": _("Sources"),
            "remarks": found.remarks(),
        }


def _part(part: ShownSection, numbers: ReferenceNumbers, found: SummaryContents) -> dict[str, Any]:
    return {
        "heading": heading(part.section, found.language),
        "panel": group_title(part.section),
        "sentences": [
            {
                "text": _words(sentence, found.as_html(sentence)),
                "numbers": ranges(numbers.cite(sentence.sources)),
                "language": "" if sentence.language == found.language else sentence.language,
            }
            for sentence in part.sentences
        ],
    }


def _words(sentence: ShownSentence, text: SafeString) -> SafeString:
    if not sentence.addressee:
        return text
    return format_html("{}{}{}", sentence.addressee, colon(), text)
