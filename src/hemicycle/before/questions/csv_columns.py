"""Questions as a table for exports."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.before.questions.models import Question
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.spreadsheets import Value
from hemicycle.ui.times import sortable


def head() -> list[str]:
    """The heads of the columns, in the reader's language."""
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


def rows(hearing: Hearing, questions: list[Question]) -> list[list[Value]]:
    """One row for each question; times in the hearing's zone."""
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
