"""Queries of questions: for the triage, the moderator's queue, and participants."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from hemicycle.before.questions.actions import MOST, has_begun
from hemicycle.before.questions.models import Question
from hemicycle.before.registration import covering
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.names import search_key
from hemicycle.before.speakers import panel_rules
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.record.models import Note

State = Question.State


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A participant's question, with the reason if it was set aside."""

    question: Question
    reason: str


def questions_of(hearing: Hearing) -> QuerySet[Question]:
    """Return the hearing's questions with all that a page shows of them, in two queries."""
    questions = Question.objects.filter(hearing_id=hearing.id).select_related(
        "segment",
        "guiding_question",
        "to",
        "registration__organization",
        "registration__person",
        "registration__category",
    )
    return questions.prefetch_related("registration__co_signers")


def live(questions: QuerySet[Question]) -> QuerySet[Question]:
    """Return questions whose registration is active and confirmed."""
    return questions.filter(
        registration__status__in=Registration.LIVE, registration__confirmed_at__isnull=False
    )


def ready_to_draw(segment: Segment) -> list[Question]:
    """Return the moderator's queue for a panel: the questions sorted for it or for any panel.

    They are in the order of their guiding questions, then of arrival; two queries.
    """
    ready = questions_of(segment.meeting.hearing).filter(
        Registration.taking_part("registration__"),
        Q(segment=segment) | Q(segment=None),
        state=State.SORTED,
    )
    return sorted(
        ready, key=lambda question: (_number(question), question.submitted_at, question.id)
    )


def _number(question: Question) -> int:
    return question.guiding_question.number if question.guiding_question else 1_000


def counts(hearing: Hearing) -> dict[str, int]:
    """Count the questions in each state, in one query."""
    rows = live(Question.objects.filter(hearing_id=hearing.id)).order_by().values_list("state")
    found = dict(rows.annotate(Count("pk")))
    return {state.value: found.get(state.value, 0) for state in State}


def own(registration: Registration) -> list[OwnQuestion]:
    """Return a participant's questions, the oldest first, in two queries."""
    questions = list(registration.questions.select_related("segment", "guiding_question"))
    words = reasons(questions)
    return [OwnQuestion(question, words.get(question.reason, "")) for question in questions]


def open_panels(registration: Registration) -> list[Segment]:
    """Return the panels that still accept questions in writing."""
    panels = panel_rules.panels(registration.hearing)
    return [panel for panel in panels if not has_begun(panel)]


def can_ask(registration: Registration, panels: list[Segment]) -> bool:
    """Whether the registration can put another question now."""
    few = registration.questions.count() < MOST
    return registration.is_live and bool(panels) and few


def reasons(questions: list[Question]) -> dict[str, str]:
    """Return the reasons for setting questions aside, by the keys of their notes."""
    keys = {question.reason for question in questions if question.reason}
    return dict(Note.objects.filter(key__in=keys).values_list("key", "text")) if keys else {}


def cover(questions: Iterable[Question]) -> None:
    """Replace names by aliases in questions, in memory only: they are shown and never saved."""
    for question in questions:
        question.text = question.public_text
        covering.cover([question.registration], as_organization=True)


def matching(questions: list[Question], words: str) -> list[Question]:
    """Return the questions with all `words` in text or asker, regardless of case and accents."""
    wanted = search_key(words).split()
    return [
        question for question in questions if all(word in _haystack(question) for word in wanted)
    ]


def _haystack(question: Question) -> str:
    registration = question.registration
    parts = (
        question.text,
        registration.organization.name,
        registration.person.name,
        registration.reference,
    )
    return search_key(*parts)
