"""Questions from the form to the answer."""

from __future__ import annotations

import json

import pytest

from hemicycle.before.questions import actions, queries
from hemicycle.before.questions.actions import QuestionRefused
from hemicycle.before.questions.models import Question
from hemicycle.before.registration import changes
from hemicycle.before.registration.access import actor_of
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import PanelMember, Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.models import Entry, Note
from tests.support.lists import World

pytestmark = [pytest.mark.postgresql("ordering"), pytest.mark.django_db]
State = Question.State


def told(world: World, kind: str) -> list[dict[str, object]]:
    entries = Entry.objects.filter(hearing=world.hearing.id, kind=kind).order_by("seq")
    return [json.loads(entry.body) for entry in entries]


def letters() -> list[str]:
    found = Message.objects.filter(purpose=Message.Purpose.QUESTION)
    return sorted(message.subject.partition(": ")[2] for message in found)


def asked(world: World, text: str = "Who pays for shelters?") -> Question:
    world.ngo("Ngo A", question=text)
    return Question.objects.get(text=text)


def sorted_question(world: World, panel: Segment | None, text: str = "Who pays?") -> Question:
    question = asked(world, text)
    return actions.sort(
        question=question,
        segment=panel,
        guiding_question=world.hearing.guiding_questions.get(number=3),
        actor=world.office,
    )


def test_a_question_comes_with_the_form(world: World) -> None:
    registration = world.ngo("Ngo A", question="Who pays for shelters?")
    question = Question.objects.get()
    assert (question.registration, question.text, question.state) == (
        registration,
        "Who pays for shelters?",
        State.SUBMITTED,
    )
    assert told(world, "question.submitted") == [
        {"question": question.id.hex, "registration": registration.id.hex, "segment": ""}
    ]


def test_the_same_words_twice_are_one_question_and_five_are_enough(world: World) -> None:
    registration = world.ngo("Ngo A")
    for number in (1, 1, 2, 3, 4, 5):
        world.clock.advance(1)
        actions.put(
            registration=registration,
            text=f" Question {number} ",
            segment=None,
            actor=actor_of(registration),
        )
    assert [question.text for question in Question.objects.all()] == [
        f"Question {number}" for number in (1, 2, 3, 4, 5)
    ]
    with pytest.raises(QuestionRefused, match="You have submitted 5 questions"):
        actions.put(
            registration=registration, text="Six", segment=None, actor=actor_of(registration)
        )


@pytest.mark.parametrize(("text", "says"), [("  ", "Write your"), ("x" * 1001, "at most 1000")])
def test_what_is_no_question_is_answered_with_a_sentence(
    world: World, text: str, says: str
) -> None:
    registration = world.ngo("Ngo A")
    with pytest.raises(QuestionRefused, match=says):
        actions.put(
            registration=registration, text=text, segment=None, actor=actor_of(registration)
        )


def test_one_who_has_withdrawn_asks_no_more(world: World) -> None:
    registration = world.ngo("Ngo A", question="Who pays?")
    changes.withdraw(registration=registration, reason="", actor=actor_of(registration))
    with pytest.raises(QuestionRefused, match="no longer valid"):
        actions.put(
            registration=registration, text="And?", segment=None, actor=actor_of(registration)
        )
    assert queries.counts(world.hearing)[State.SUBMITTED] == 0


def test_a_question_is_taken_until_its_panel_begins(world: World) -> None:
    registration = world.ngo("Ngo A")
    world.open_panel()
    with pytest.raises(QuestionRefused, match="has begun"):
        actions.put(
            registration=registration,
            text="Late?",
            segment=world.panels[0],
            actor=actor_of(registration),
        )
    actions.put(
        registration=registration,
        text="In time?",
        segment=world.panels[1],
        actor=actor_of(registration),
    )
    assert [question.text for question in Question.objects.all()] == ["In time?"]


def test_sorted_for_a_panel_and_to_a_panellist_of_it(world: World) -> None:
    question = asked(world)
    here, there = (
        PanelMember.objects.filter(segment=panel, role=Role.PANELLIST)[0] for panel in world.panels
    )
    guiding = world.hearing.guiding_questions.get(number=2)
    with pytest.raises(QuestionRefused, match="panellist of the panel"):
        actions.sort(
            question=question,
            segment=world.panels[0],
            guiding_question=guiding,
            to=there,
            actor=world.office,
        )
    actions.sort(
        question=question,
        segment=world.panels[0],
        guiding_question=guiding,
        to=here,
        actor=world.office,
    )
    assert told(world, "question.sorted") == [
        {
            "question": question.id.hex,
            "guiding_question": 2,
            "segment": world.panels[0].id.hex,
            "to": here.id.hex,
        }
    ]
    assert queries.ready_to_draw(world.panels[0]) == [question]
    assert queries.ready_to_draw(world.panels[1]) == []


def test_the_queue_follows_the_guiding_questions(world: World) -> None:
    texts = {"late": None, "second": 2, "first": 1, "first too": 1}
    for text, number in texts.items():
        guiding = world.hearing.guiding_questions.filter(number=number or 0).first()
        actions.sort(
            question=asked(world, text),
            segment=None,
            guiding_question=guiding,
            actor=world.office,
        )
        world.clock.advance(1000)
    found = [question.text for question in queries.ready_to_draw(world.panels[0])]
    assert found == ["first", "first too", "second", "late"]


def test_set_aside_with_a_reason_that_the_asker_reads(world: World) -> None:
    question = asked(world)
    with pytest.raises(QuestionRefused, match="Give the reason"):
        actions.set_aside(question=question, reason=" ", actor=world.office)
    actions.set_aside(question=question, reason="Names a person", actor=world.office)
    assert [(own.question.state, own.reason) for own in queries.own(question.registration)] == [
        (State.SET_ASIDE, "Names a person")
    ]
    actions.sort(question=question, segment=None, guiding_question=None, actor=world.office)
    assert [(own.question.state, own.reason) for own in queries.own(question.registration)] == [
        (State.SORTED, "")
    ]


def test_many_are_sorted_or_none(world: World) -> None:
    first, second = asked(world, "one"), asked(world, "two")
    world.open_panel()
    world.press(c.DrawQuestion(second.id.hex))
    with pytest.raises(QuestionRefused, match="already been put to the panel"):
        actions.sort_all(
            questions=[first, second],
            guiding_question=None,
            segment=None,
            keep_panel=True,
            actor=world.office,
        )
    first.refresh_from_db()
    assert first.state == State.SUBMITTED


def test_what_the_moderator_draws_the_asker_is_told(world: World) -> None:
    question = sorted_question(world, world.panels[0])
    world.open_panel()
    world.press(c.DrawQuestion(question.id.hex))
    question.refresh_from_db()
    assert (question.state, question.drawn_at is not None) == (State.DRAWN, True)
    assert letters() == ["your question was put to the panel"]
    assert queries.ready_to_draw(world.panels[0]) == []
    world.clock.advance(90_000)
    world.press(c.AnswerQuestion(question.id.hex))
    question.refresh_from_db()
    assert question.state == State.ANSWERED
    assert question.answered_at is not None
    assert question.drawn_at is not None
    assert (question.answered_at - question.drawn_at).total_seconds() == 90
    assert letters() == ["your question was answered", "your question was put to the panel"]


def test_a_draw_that_is_undone_lets_the_question_wait_again(world: World) -> None:
    question = sorted_question(world, world.panels[0])
    world.open_panel()
    world.press(c.DrawQuestion(question.id.hex))
    world.press(c.AnswerQuestion(question.id.hex))
    world.press(c.Undo())
    question.refresh_from_db()
    assert (question.state, question.answered_at) == (State.DRAWN, None)
    world.clock.advance(1)
    world.press(c.Undo())
    question.refresh_from_db()
    assert (question.state, question.drawn_at) == (State.SORTED, None)
    assert "your question is waiting again" in letters()
    assert queries.ready_to_draw(world.panels[0]) == [question]


def test_erasing_a_person_blanks_their_words_and_keeps_the_record(world: World) -> None:
    question = asked(world)
    actions.set_aside(question=question, reason="Names a person", actor=world.office)
    person = question.registration.person_id
    erasure.erase(hearing=world.hearing.id, person=person, actor=world.office)
    question.refresh_from_db()
    assert question.text == ""
    assert Note.objects.get(key=question.reason).text == ""
    assert told(world, "question.set_aside") == [
        {"question": question.id.hex, "note": question.reason}
    ]
