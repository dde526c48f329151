"""Questions as a table for exports."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from hemicycle.before.questions import queries
from hemicycle.before.questions.forms import SortingOptions
from hemicycle.before.questions.models import Question
from hemicycle.hearing.exports.tables import TableKind, TableToExport
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui import searches
from hemicycle.ui.spreadsheets import Value
from hemicycle.ui.times import sortable


def head() -> list[str]:
    """Return the headings of the columns, in the reader's language."""
    return [
        _("Question"),
        _("State"),
        _("Panel"),
        _("Guiding question"),
        pgettext("recipient", "To"),
        _("Organization"),
        _("Name"),
        _("Category"),
        _("Language"),
        _("Reference"),
        _("Received"),
        _("Put to the panel"),
        _("Answered"),
    ]


def chosen(hearing: Hearing, asked: QueryDict, choices: SortingOptions) -> QuerySet[Question]:
    """Return the questions that match the menus of the office's page."""
    rows = queries.live(queries.questions_of(hearing))
    if (state := asked.get("state", "")) in Question.State.values:
        rows = rows.filter(state=state)
    if panel := choices.panel(asked.get("panel", "")):
        rows = rows.filter(segment=panel)
    if guiding := choices.guiding_question(asked.get("guiding", "")):
        rows = rows.filter(guiding_question=guiding)
    return rows


def found(
    rows: QuerySet[Question], asked: QueryDict, *, by_real_names: bool = True
) -> list[Question]:
    """Return the questions among `rows` that contain the words of the page's search.

    Without `by_real_names` they are searched, and shown, as the public reads them.
    """
    words, questions = searches.words(asked), list(rows)
    if not by_real_names:
        queries.cover(questions)
    return queries.matching(questions, words) if words else questions


def _read(hearing: Hearing, asked: QueryDict) -> TableToExport:
    some = chosen(hearing, asked, SortingOptions.of(hearing))
    return TableToExport("questions", head(), _rows(hearing, some, asked), some.count())


def _rows(hearing: Hearing, some: QuerySet[Question], asked: QueryDict) -> Iterator[list[Value]]:
    yield from rows(hearing, found(some, asked))


TABLE = TableKind("questions", gettext_lazy("Questions"), "questions:office", _read)


def rows(hearing: Hearing, questions: list[Question]) -> list[list[Value]]:
    """Return one row for each question; times are in the hearing's zone."""
    zone = hearing.zone
    return [_row(question, zone) for question in questions]


def _row(question: Question, zone: ZoneInfo) -> list[Value]:
    registration = question.registration
    return [
        question.text,
        question.state,
        question.segment.title if question.segment else "",
        question.guiding_question.number if question.guiding_question else None,
        question.to.name if question.to else "",
        registration.organization.name,
        registration.person.name,
        registration.category.label,
        question.language,
        registration.reference,
        *(sortable(at, zone) for at in _moments(question)),
    ]


def _moments(question: Question) -> tuple[datetime | None, ...]:
    return question.submitted_at, question.drawn_at, question.answered_at
