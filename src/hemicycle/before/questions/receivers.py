"""How questions follow registrations, mail, the meeting and the erasing of a person."""

from uuid import UUID

from django.utils.translation import ngettext

from hemicycle.before.consent.models import Use
from hemicycle.before.consent.signals import consent_changed
from hemicycle.before.questions import actions, cards, csv_columns, projections
from hemicycle.before.questions.by_mail import QuestionHandler
from hemicycle.before.questions.models import Question
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import (
    Merge,
    merge_effects,
    personal_cards,
    registration_submitted,
    registrations_merged,
    request_texts,
)
from hemicycle.hearing.exports import tables
from hemicycle.hearing.setup.models import Segment
from hemicycle.hearing.setup.signals import office_search, overview_tasks, personal_holdings
from hemicycle.mail.incoming import handlers
from hemicycle.mail.incoming.models import Purpose
from hemicycle.record import erasure
from hemicycle.record.signals import floor_changed, person_erased
from hemicycle.record.writer import Writer

handlers.register(Purpose.QUESTIONS, QuestionHandler())
floor_changed.connect(projections.follow)
tables.register(csv_columns.TABLE)
personal_cards.connect(cards.personal)
overview_tasks.connect(cards.tasks)
office_search.connect(cards.found)
personal_holdings.connect(cards.holdings)


@request_texts.connect
def texts(registrations: list[UUID]) -> dict[UUID, str]:
    """Return the texts of the questions of registrations, by registration."""
    rows = Question.objects.filter(registration__in=registrations).order_by("submitted_at", "id")
    found: dict[UUID, str] = {}
    for registration, text in rows.values_list("registration", "text"):
        found[registration] = f"{found.get(registration, '')} {text}"
    return found


@registration_submitted.connect
def take(record: Writer, registration: Registration, cleaned: Cleaned) -> None:
    """Accept the question that a registration's form contains, if there is one."""
    if not cleaned.question:
        return
    panel = cleaned.question_segment
    segment = Segment.objects.filter(pk=panel).first() if panel else None
    actions.put(
        registration=registration, text=cleaned.question, segment=segment, actor=record.actor
    )


@merge_effects.connect
def tell_merge(merge: Merge) -> list[str]:
    """Say how many questions move with a registration that is merged."""
    number = Question.objects.filter(registration=merge.left).count()
    said = ngettext("%(n)s question moves.", "%(n)s questions move.", number)
    return [said % {"n": number}] if number else []


@registrations_merged.connect
def follow_merge(_record: Writer, merge: Merge) -> None:
    """Move the questions of a merged registration to the one that stays."""
    Question.objects.filter(registration=merge.left).update(registration=merge.kept)


@consent_changed.connect
def follow_consent(record: Writer, registration: Registration, use: Use, is_given: bool) -> None:
    """Show or hide the asker's name on their questions when this consent changes."""
    if use == Use.QUESTION:
        Question.objects.filter(registration=registration).update(names_asker=is_given)


@person_erased.connect
def erase_questions(person: UUID, record: Writer) -> list[str]:
    """Blank the texts of a person's questions; the fact that they were put to a panel remains."""
    asked = Question.objects.filter(registration__person=person, hearing_id=record.hearing)
    for question in asked.exclude(reason=""):
        erasure.erase_note(record, question.reason)
    ids = [row.hex for row in asked.values_list("id", flat=True)]
    asked.update(text="")
    return ids
