"""The archive's index page, which needs no script, server or network."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from hemicycle.before.questions.models import Question
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import Statement
from hemicycle.documents.writing.paper import ranges
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive.csv_columns import PUT, asker
from hemicycle.outcome.summary.document import contents, panel_title
from hemicycle.outcome.summary.models import Section, Sentence, Summary
from hemicycle.outcome.summary.participation import PanelOutcome
from hemicycle.outcome.summary.references import notes, zone_of
from hemicycle.record import clock
from hemicycle.record.models import Head


def render(
    hearing: Hearing,
    head: Head,
    outcomes: Sequence[PanelOutcome],
    summary: Summary | None,
    names: Mapping[UUID, str],
    *,
    public: bool,
) -> str:
    """The page's HTML; `names` are the files of statements in the archive, by version."""
    context = {
        "hearing": hearing,
        "zone": zone_of(hearing),
        "head": head,
        "at": clock.from_ms(head.at),
        "public": public,
        "meetings": hearing.meetings.prefetch_related("segments__members"),
        "panels": [_panel(outcome, public=public) for outcome in outcomes],
        "statements": _statements(hearing, names, public=public),
        "questions": _questions(hearing, public=public),
        "summary": _summary(summary) if summary else None,
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
        found.append({"row": row, "files": files, "text": text})
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


def _panel_of(section: Section) -> str:
    if section.is_recommendations:
        return "Recommendations"
    own = {section.LETTER, section.MESSAGES, section.PARTICIPATION}
    return "" if section.key in own else panel_title(section)


def _words(row: Sentence) -> str:
    return f"{row.addressee}: {row.text}" if row.addressee else row.text


def _summary(summary: Summary) -> dict[str, Any]:
    found = contents(summary)
    numbers = found.numbers()
    parts = [
        {
            "section": part.section,
            "panel": _panel_of(part.section),
            "sentences": [
                (_words(sentence.row), ranges(numbers.cite(sentence.row.sources)))
                for sentence in part.sentences
            ],
        }
        for part in found.parts
    ]
    return {
        "published": summary.published_at,
        "parts": parts,
        "notes": notes(summary.hearing, numbers),
    }
