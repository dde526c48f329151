"""A visitor posts on the wall, the secretariat approves it by keyboard, and the visitor sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from hemicycle.meeting.wall import actions
from hemicycle.meeting.wall.models import Post
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, office_page, reference_world
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def walled(transactional_db: None) -> Iterator[World]:
    with reference_world() as world:
        actions.set_up(
            hearing=world.hearing,
            is_public=True,
            takes_posts=True,
            is_moderated=True,
            actor=world.office,
        )
        yield world


def test_a_post_goes_from_a_phone_to_the_wall(walled: World, site: Site, pages: Pages) -> None:
    phone = pages.open(base_url=site.url, viewport={"width": 390, "height": 844}, locale="ar")
    phone.goto(f"/h/{walled.hearing.slug}/wall/")
    for text in ("أهلاً بكم", "Second", "Third"):
        phone.locator("input[name=name]").fill("Ada")
        phone.locator("textarea").fill(text)
        phone.locator("main form button").click()
        expect(phone.locator(".messages .notice")).to_be_visible()
    expect(phone.locator(".wall__post")).to_have_count(0)
    office = office_page(walled, site, pages)
    office.goto(f"/office/{walled.hearing.slug}/wall/")
    office.keyboard.press("n")
    office.wait_for_url("**/wall/posts/*/")  # the list shows the post too
    expect(office.get_by_text("أهلاً بكم")).to_be_visible()
    office.keyboard.press("Enter")
    expect(office.get_by_text("Second")).to_be_visible()
    office.get_by_label("Why").fill("Off topic")
    office.get_by_role("button", name="Hide and go to the next post").press("Enter")
    expect(office.get_by_text("Third")).to_be_visible()
    phone.reload()
    expect(phone.locator(".wall__post")).to_have_count(1)
    expect(phone.locator(".wall__text")).to_have_text("أهلاً بكم")
    assert barriers(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert sorted(Post.objects.values_list("state", flat=True)) == ["hidden", "shown", "waiting"]


def test_what_is_let_through_is_seen_in_the_hall(walled: World, site: Site, pages: Pages) -> None:
    slug = walled.hearing.slug
    hall = pages.open(base_url=site.url, viewport={"width": 1920, "height": 1080})
    hall.goto(f"/h/{slug}/hall/")
    live = pages.open(base_url=site.url, viewport={"width": 390, "height": 844}, locale="ar")
    live.goto(f"/h/{slug}/live/")
    office = office_page(walled, site, pages)
    office.goto(f"/office/{slug}/wall/")
    for place in ("the hall screen", "the live page"):
        office.get_by_role("button", name=f"Show the wall: {place}").press("Enter")
        expect(office.get_by_role("button", name=f"Hide the wall: {place}")).to_be_visible()
    writer = pages.open(base_url=site.url, viewport={"width": 390, "height": 844})
    writer.goto(f"/h/{slug}/wall/")
    writer.get_by_label("Your name").fill("Ada")
    writer.get_by_label("What you want to say").fill("Let survivors speak first.")
    writer.get_by_role("button", name="Send").press("Enter")
    expect(writer.locator(".messages .notice")).to_be_visible()
    for screen in (hall, live):
        expect(screen.locator(".wall-posts")).to_be_visible()
        expect(screen.locator(".wall-posts__post")).to_have_count(0)
    office.goto(f"/office/{slug}/wall/next/")
    office.keyboard.press("Enter")
    for screen in (hall, live):
        expect(screen.locator(".wall-posts__text")).to_have_text("Let survivors speak first.")
        assert barriers(screen) == []
    text = hall.locator(".wall-posts__text").evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize)"
    )
    assert text >= 28  # it is readable from a distance
    post = Post.objects.get()
    actions.hide(posts=[post], reason="By wish", actor=walled.office)
    for screen in (hall, live):
        expect(screen.locator(".wall-posts__post")).to_have_count(0)
