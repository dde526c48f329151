"""The triage in the office, and a participant's own questions."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from hemicycle.before.questions import actions
from hemicycle.before.questions.models import Question
from hemicycle.before.registration import links
from hemicycle.before.registration.access import actor_of
from hemicycle.hearing.setup import actions as hearings
from tests.support.lists import World
from tests.support.markup import tags_in_line

pytestmark = pytest.mark.django_db
State = Question.State


def page(world: World, name: str = "office", *more: object) -> str:
    return reverse(f"questions:{name}", args=(world.hearing.slug, *more))


def texts(html: str) -> list[str]:
    return [question.text for question in Question.objects.all() if question.text in html]


def test_questions_are_found_by_words_state_and_panel(world: World) -> None:
    world.ngo("Ngo Älpha", question="First question?")
    world.ngo("Ngo B", question="Second question?")
    first = Question.objects.get(text="First question?")
    guiding = world.hearing.guiding_questions.get(number=1)
    actions.sort(
        question=first, segment=world.panels[1], guiding_question=guiding, actor=world.office
    )
    client = world.client()
    found = {
        query: texts(client.get(page(world) + query).text)
        for query in (
            "",
            "?q=ngo+alpha",
            "?q=SECOND",
            "?state=sorted",
            f"?panel={world.panels[1].pk}",
            f"?guiding={guiding.pk}",
            "?state=nonsense&panel=nonsense",
        )
    }
    both = ["First question?", "Second question?"]
    assert list(found.values()) == [both, both[:1], both[1:], both[:1], both[:1], both[:1], both]


def test_the_page_costs_the_same_for_one_and_for_many(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world.ngo("Ngo A", question="Question 0?")
    client = world.client()
    with CaptureQueriesContext(connection) as one:
        client.get(page(world))
    for number in range(5):
        world.ngo(f"Ngo {number}", question=f"Question {number}?")
    with django_assert_num_queries(len(one)):
        client.get(page(world))


def test_one_by_one_to_the_last(world: World) -> None:
    for number in range(2):
        world.ngo(f"Ngo {number}", question=f"Question {number}?")
    client = world.client()
    first, second = Question.objects.all()
    begun = client.get(page(world, "first"))
    assert begun["Location"] == page(world, "triage", first.pk)
    guiding = world.hearing.guiding_questions.get(number=4)
    data = {"guiding_question": str(guiding.pk), "segment": "any", "to": "any", "reason": ""}
    done = client.post(page(world, "triage", first.pk), {**data, "do": "sort"})
    assert done["Location"] == page(world, "triage", second.pk)
    refused = client.post(page(world, "triage", second.pk), {**data, "do": "set-aside"})
    assert "Give the reason for setting the question aside" in refused.text
    done = client.post(
        page(world, "triage", second.pk),
        {**data, "do": "set-aside", "reason": "Asked twice"},
        follow=True,
    )
    assert "All questions have been reviewed." in done.text
    assert "Asked twice" in done.text
    assert [question.state for question in Question.objects.all()] == [
        State.SORTED,
        State.SET_ASIDE,
    ]


def test_many_at_once(world: World) -> None:
    for number in range(3):
        world.ngo(f"Ngo {number}", question=f"Question {number}?")
    client, pks = world.client(), list(Question.objects.values_list("pk", flat=True))
    none = client.post(page(world, "bulk"), {"do": "sort", "segment": "kept"})
    assert "Select at least one question first." in none.text
    chosen = {"chosen": [str(pk) for pk in pks[:2]], "segment": "kept", "guiding_question": "any"}
    done = client.post(page(world, "bulk"), {**chosen, "do": "sort"}, follow=True)
    assert "2 questions are ready for the moderator." in done.text
    aside = {**chosen, "chosen": [str(pks[2])], "do": "set-aside", "reason": ""}
    refused = client.post(page(world, "bulk"), aside)
    assert "Give the reason for setting the question aside" in refused.text
    client.post(page(world, "bulk"), {**aside, "reason": "Off the subject"})
    states = [question.state for question in Question.objects.all()]
    assert states == [State.SORTED, State.SORTED, State.SET_ASIDE]


def test_the_export_follows_the_filters(world: World) -> None:
    world.ngo("Ngo Alpha", question="=1+1?")
    world.ngo("Ngo B", question="Who pays?")
    content = world.client().get(page(world, "csv") + "?q=alpha").content.decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [(row["Question"], row["State"], row["Organization"]) for row in table] == [
        ("'=1+1?", "submitted", "Ngo Alpha")
    ]


def test_the_personal_page_takes_another_question_and_tells_of_both(world: World) -> None:
    registration = world.ngo("Ngo A", question="Who pays?")
    secret = links.secret_of(registration)
    own = f"/my/{secret}/questions/"
    client = Client()
    assert own in client.get(f"/my/{secret}/").text
    empty = client.post(own, {"text": " ", "segment": "any"})
    assert "Write your question first." in empty.text
    data = {"text": "And who decides?", "segment": str(world.panels[1].pk)}
    shown = client.post(own, data, follow=True)
    assert "Your question has been received." in shown.text
    assert "And who decides?" in shown.text
    assert "The secretariat will review it before the panel begins." in shown.text


def test_nothing_typed_is_lost_when_the_panel_began_meanwhile(world: World) -> None:
    registration = world.ngo("Ngo A")
    own = f"/my/{links.secret_of(registration)}/questions/"
    world.open_panel()
    late = {"text": "Too late, is it?", "segment": str(world.panels[0].pk)}
    answer = Client().post(own, late)
    assert answer.status_code == 200
    assert "Too late, is it?" in answer.text
    assert Question.objects.count() == 0


def test_after_five_no_more_are_offered(world: World) -> None:
    registration = world.ngo("Ngo A")
    for number in range(actions.MOST):
        actions.put(
            registration=registration,
            text=f"Question {number}",
            segment=None,
            actor=actor_of(registration),
        )
    own = f"/my/{links.secret_of(registration)}/questions/"
    assert "you have already submitted 5 questions" in Client().get(own).text


def test_a_question_under_an_alias_is_read_before_it_is_sent(world: World) -> None:
    author = world.ngo("River Watch", speaker="Amina Otieno", alias="Voice A")
    path = reverse("questions:own", args=(links.secret_of(author),))
    asked = {"text": "I, Amina Otieno of River Watch, ask: who pays?", "segment": "any"}
    answer = Client().post(path, asked)
    assert "I, <mark>Voice A</mark>, ask: who pays?" in tags_in_line(answer.content.decode())
    assert asked["text"] in answer.content.decode()  # the form keeps the text for changes
    read = {"read": answer.context["digest"]}
    Client().post(path, {**asked, **read, "text": "Call me on +1 212 555 0100."})
    assert not Question.objects.exists()
    assert Client().post(path, {**asked, **read}).status_code == 302
    assert Question.objects.get().public_text == "I, Voice A, ask: who pays?"


def test_neither_questions_nor_statements_wait_for_the_office_after_the_end(world: World) -> None:
    world.ngo("River Watch", 0, question="Who pays?")
    slug, client = world.hearing.slug, world.client()
    tasks = [reverse(name, args=(slug,)) for name in ("questions:first", "statements:missing")]

    def waiting() -> list[bool]:
        page = client.get(reverse("hearing:office", args=(slug,))).text
        return [f'href="{task}"' in page for task in tasks]

    assert waiting() == [True, True]
    hearings.end(hearing=world.hearing, actor=world.office)
    assert waiting() == [False, False]
