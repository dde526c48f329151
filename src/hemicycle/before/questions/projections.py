"""Projection of the floor onto questions: which were drawn and answered."""

from datetime import datetime
from uuid import UUID

from hemicycle.before.questions import letters
from hemicycle.before.questions.models import Question
from hemicycle.mail.outgoing.texts import Letter
from hemicycle.procedure import Floor
from hemicycle.procedure import events as e
from hemicycle.procedure.state import DrawnQuestion
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.record.writer import Writer

State = Question.State
TOLD = {State.DRAWN: letters.PUT, State.ANSWERED: letters.ANSWERED}


def follow(record: Writer, meeting: UUID, event: e.Event, floor: Floor) -> None:
    """Update a question after one event of a meeting, inside its transaction."""
    match event:
        case e.QuestionDrawn(question=question) | e.QuestionAnswered(question=question):
            _agree(question, floor)
        case e.ActUndone(act=act):
            undone = Entry.objects.get(hearing=record.hearing, seq=act)
            if undone.kind in (e.QuestionDrawn.KIND, e.QuestionAnswered.KIND):
                _agree(undone.fields()["question"], floor)


def _agree(slot: str, floor: Floor) -> None:
    """Update a question to its state on the floor, and tell the asker."""
    related = ("registration__hearing", "registration__person")
    question = Question.objects.select_related(*related).filter(pk=UUID(slot)).first()
    if question is None:
        return
    before, drawn = question.state, floor.questions.get(slot)
    question.state = _state(drawn)
    question.drawn_at = _moment(drawn.at if drawn else None)
    question.answered_at = _moment(drawn.answered_at if drawn else None)
    question.save(update_fields=["state", "drawn_at", "answered_at"])
    if question.state == before or not question.registration.is_live:
        return
    with letters.in_their_language(question):
        if letter := _letter(before, question):
            letters.tell(question, letter)


def _state(drawn: DrawnQuestion | None) -> Question.State:
    if drawn is None:
        return State.SORTED
    return State.DRAWN if drawn.answered_at is None else State.ANSWERED


def _letter(before: str, question: Question) -> Letter | None:
    if question.state == State.SORTED:
        return letters.TAKEN_BACK
    if before == State.ANSWERED:
        return None  # undoing the end of an answer needs no letter
    return TOLD[State(question.state)]


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else clock.from_ms(ms)
