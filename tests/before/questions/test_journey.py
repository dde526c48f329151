"""The secretariat sorts questions in a real browser, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.questions.models import Question
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, office_page, reference_world
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def filled(transactional_db: None) -> Iterator[World]:
    with reference_world() as world:
        for name in "ABCD":
            world.ngo(f"Ngo {name}", 0, question=f"Who pays, asks {name}?")
        yield world


@pytest.fixture
def office(filled: World, site: Site, pages: Pages) -> Page:
    return office_page(filled, site, pages)


def test_questions_are_sorted_without_a_mouse(filled: World, office: Page) -> None:
    office.goto(f"/office/{filled.hearing.slug}/questions/")
    office.get_by_role("link", name="Sort one by one").press("Enter")
    for key in ("3", "5", "0"):
        expect(office.get_by_text("Who pays, asks")).to_be_visible()
        with office.expect_navigation():
            office.keyboard.press(key)
            office.keyboard.press("Enter")
    assert barriers(office) == []
    office.get_by_label("Why it is set aside").fill("Asked before")
    office.get_by_role("button", name="Set aside and show the next").press("Enter")
    expect(office.get_by_text("All questions have been reviewed.")).to_be_visible()
    found = {
        (question.state, question.guiding_question.number if question.guiding_question else None)
        for question in Question.objects.select_related("guiding_question")
    }
    assert found == {("sorted", 3), ("sorted", 5), ("sorted", None), ("set-aside", None)}
