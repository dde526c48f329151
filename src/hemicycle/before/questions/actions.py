"""Actions on questions before a meeting: put, sort, set aside.

A question is drawn and answered on the floor. The floor's events are the only source of these
states: `projections` writes them to the rows, in the events' transaction, and queues a message to
the asker.
"""

from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.consent import queries as consents
from hemicycle.before.questions import entry_types
from hemicycle.before.questions.models import Question
from hemicycle.before.registration import refusals
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import GuidingQuestion, PanelMember, Segment
from hemicycle.record import clock, writer
from hemicycle.record.compiled import CompiledQuery, insert
from hemicycle.record.floor import floor_of

State = Question.State
LONGEST = 1000
MOST = 5
"""The largest number of questions of one registration."""
LONGEST_REASON = 500
TRIAGED = (State.SUBMITTED, State.SORTED, State.SET_ASIDE)
"""States in which the secretariat handles a question; after them it belongs to the meeting."""


class QuestionRefused(refusals.RegistrationRefused):
    """Raised when an action on a question is not allowed. `sentence` says why; nothing changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(refusals.Reason.MEETING_BEGUN, sentence, "question")


_status_now = CompiledQuery(
    lambda registration: Registration.objects.filter(pk=registration).values_list("status"),
    registration=UUID,
)
_questions_of = CompiledQuery(
    lambda registration: Question.objects.filter(registration=registration), registration=UUID
)


def put(
    *, registration: Registration, text: str, segment: Segment | None, actor: writer.Actor
) -> Question:
    """Accept a question from a participant; the same text for the same panel is one question.

    Raises `QuestionRefused` without a text or for one that is too long, after `MOST` questions,
    from a registration that is no longer active, and once the panel has begun.
    """
    text = text.strip()
    with writer.writing(registration.hearing_id, actor=actor) as record:
        [(registration.status,)] = _status_now(registration=registration.id)
        own = _questions_of(registration=registration.id)
        for same in own:
            if (same.text, same.segment_id) == (text, segment.id if segment else None):
                return same
        _check_may_put(registration, text, segment, len(own))
        question = Question(
            hearing_id=registration.hearing_id,
            registration=registration,
            segment=segment,
            text=text,
            language=registration.language,
            names_asker=consents.names_asker(registration),
            submitted_at=clock.from_ms(record.now),
        )
        insert(question)
        record.append(
            entry_types.SUBMITTED,
            {
                "question": question.id.hex,
                "registration": registration.id.hex,
                "segment": segment.id.hex if segment else "",
            },
        )
    return question


def _check_may_put(
    registration: Registration, text: str, segment: Segment | None, before: int
) -> None:
    if not text:
        raise QuestionRefused(_("Write your question first."))
    if len(text) > LONGEST:
        sentence = _("A question has at most %(most)d characters; this one has %(n)d.")
        raise QuestionRefused(sentence % {"most": LONGEST, "n": len(text)})
    if not registration.is_live:
        raise QuestionRefused(
            _("This registration is no longer valid, so you cannot submit questions.")
        )
    if before >= MOST:
        sentence = _("You have submitted %(most)d questions, which is the maximum.")
        raise QuestionRefused(sentence % {"most": MOST})
    if segment is not None and has_begun(segment):
        sentence = _("“%(panel)s” has begun and no longer accepts written questions.")
        raise QuestionRefused(sentence % {"panel": segment.title})


def has_begun(segment: Segment) -> bool:
    """Whether the panel has opened, or its meeting has closed without it."""
    floor, own = floor_of(segment.meeting_id), segment.id.hex
    here = floor.segment is not None and floor.segment.id == own
    return here or floor.phase == "closed" or any(past.segment.id == own for past in floor.past)


def sort(
    *,
    question: Question,
    segment: Segment | None,
    guiding_question: GuidingQuestion | None,
    to: PanelMember | None = None,
    actor: writer.Actor,
) -> Question:
    """Make a question ready for the draw, with its panel, its guiding question and its panellist.

    Raises `QuestionRefused` once it was put to a panel, and for a panellist of another panel.
    """
    if to is not None and (to.role != Role.PANELLIST or segment is None or to.segment != segment):
        raise QuestionRefused(_("Choose a panellist of the panel that the question is for."))
    with writer.writing(question.hearing_id, actor=actor) as record:
        _take(question)
        wanted = (State.SORTED, segment, guiding_question, to)
        if wanted == (question.state, question.segment, question.guiding_question, question.to):
            return question
        question.state = State.SORTED
        question.segment, question.guiding_question, question.to = segment, guiding_question, to
        question.reason = ""
        question.save(update_fields=["state", "segment", "guiding_question", "to", "reason"])
        record.append(
            entry_types.SORTED,
            {
                "question": question.id.hex,
                "guiding_question": guiding_question.number if guiding_question else 0,
                "segment": segment.id.hex if segment else "",
                "to": to.id.hex if to else "",
            },
        )
    return question


def set_aside(*, question: Question, reason: str, actor: writer.Actor) -> Question:
    """Remove a question from the draw; the reason is stored and sent to the asker.

    Raises `QuestionRefused` without a reason, and once it was put to a panel.
    """
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise QuestionRefused(
            _(
                "Give the reason for setting the question aside. The person "
                "who asked it can read the reason."
            )
        )
    with writer.writing(question.hearing_id, actor=actor) as record:
        _take(question)
        if question.state == State.SET_ASIDE:
            return question
        question.state = State.SET_ASIDE
        question.reason = record.note(reason)
        question.save(update_fields=["state", "reason"])
        record.append(entry_types.SET_ASIDE, {"question": question.id.hex, "note": question.reason})
    return question


def sort_all(
    *,
    questions: list[Question],
    guiding_question: GuidingQuestion | None,
    segment: Segment | None,
    keep_panel: bool,
    actor: writer.Actor,
) -> None:
    """Make several questions ready for the draw, all or none; `keep_panel` keeps each one's panel.

    A panellist to whom a question was assigned stays if the panel stays the same.
    """
    with writer.writing(questions[0].hearing_id, actor=actor):
        for question in questions:
            panel = question.segment if keep_panel else segment
            to = question.to if question.to and question.to.segment == panel else None
            sort(
                question=question,
                segment=panel,
                guiding_question=guiding_question,
                to=to,
                actor=actor,
            )


def set_aside_all(*, questions: list[Question], reason: str, actor: writer.Actor) -> None:
    """Set several questions aside for one reason, all or none."""
    with writer.writing(questions[0].hearing_id, actor=actor):
        for question in questions:
            set_aside(question=question, reason=reason, actor=actor)


def _take(question: Question) -> None:
    """Read the question again in the transaction; raise if it was put to the panel meanwhile."""
    question.refresh_from_db()
    if question.state not in TRIAGED:
        raise QuestionRefused(_("This question has already been put to the panel."))
