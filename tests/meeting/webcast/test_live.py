"""The public's live page: its costs, what it shows, and that everyone may open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hemicycle.before.questions import actions as questions
from hemicycle.before.questions.models import Question
from hemicycle.meeting.state.meeting_view import uninterpreted
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World


def url(world: World) -> str:
    return reverse("webcast:live", args=(world.hearing.slug,))


def test_the_page_tells_the_floor_and_what_came_before(panel: World, client: Client) -> None:
    panel.press(c.GiveFloor())
    panel.clock.advance(61_000)
    panel.press(c.GiveFloor())
    page = client.get(url(panel)).content.decode()
    for words in ("Speaker of Examplia", "spoke for", "1:01", "Speaker of Open Doors"):
        assert words in page
    assert "Late Voices" not in page


def test_the_question_before_the_panel_is_shown(world: World, client: Client) -> None:
    world.ngo("Open Doors", 0, question="What works?")
    question = Question.objects.get()
    questions.sort(
        question=question, segment=world.panels[0], guiding_question=None, actor=world.office
    )
    world.open_panel()
    assert "What works?" not in client.get(url(world)).content.decode()
    world.press(c.DrawQuestion(question.id.hex))
    page = client.get(url(world)).content.decode()
    assert 'data-show="question.text">What works?<' in page


def test_a_closed_meeting_keeps_its_chapters(panel: World, client: Client) -> None:
    panel.press(c.GiveFloor())
    panel.clock.advance(61_000)
    panel.press(c.CloseSegment())
    panel.press(c.CloseMeeting())
    page = client.get(url(panel)).content.decode()
    assert "Speaker of Examplia" in page
    assert "The meeting has not begun" in page  # of the afternoon's meeting, which is next


def test_few_queries_however_much_was_said(panel: World, client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url(panel)).status_code == 200
        return len(seen)

    panel.press(c.GiveFloor())
    few = count()
    for _ in range(3):
        panel.clock.advance(60_000)
        panel.press(c.GiveFloor())
    assert count() == few
    assert few <= 20


def test_a_draft_is_nobodys_to_watch(panel: World, client: Client) -> None:
    panel.hearing.status = "draft"
    panel.hearing.save()
    assert client.get(url(panel)).status_code == 404


def test_the_public_learns_into_which_languages_nobody_interprets(panel: World) -> None:
    meeting = panel.panels[0].meeting

    def silent() -> list[str]:
        return uninterpreted(["ar", "en", "fr"], floor_of(meeting.id))

    assert silent() == []  # nobody speaks
    slot = floor_of(meeting.id).next_slot()
    assert slot is not None
    assert slot.languages[0] == "en"
    panel.press(c.GiveFloor())
    assert silent() == ["ar", "fr"]
    panel.press(c.ReportBooth("fr", "person", "fr", live=True))
    assert silent() == ["ar"]
    panel.press(c.ReportBooth("fr", "person", "fr", live=False))
    assert silent() == ["ar", "fr"]
