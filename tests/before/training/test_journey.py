"""A session from its schedule to the seat in its room, in a real browser, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from hemicycle.before.registration import links
from hemicycle.before.training.models import Session, SignUp
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, office_page, reference_world
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def today(transactional_db: None) -> Iterator[World]:
    """The reference hearing, two weeks from now."""
    with reference_world(datetime.now(UTC).date() + timedelta(days=14)) as world:
        yield world


def test_a_session_is_scheduled_joined_and_attended(today: World, site: Site, pages: Pages) -> None:
    pages.allow("/media/")  # this site has no engine
    participant = today.ngo("Open Doors", 0, speaker="Ana Lima")
    office = office_page(today, site, pages)
    office.goto(f"/office/{today.hearing.slug}/training/")
    soon = datetime.now(today.hearing.zone) + timedelta(minutes=10)
    office.get_by_label("Day").fill(f"{soon:%Y-%m-%d}")
    office.get_by_label("Starts").fill(f"{soon:%H:%M}")
    office.get_by_label("What happens").fill("Bring a headset.")
    office.get_by_role("button", name="Schedule").press("Enter")
    expect(office.get_by_text("The session has been scheduled.")).to_be_visible()

    own = pages.open(base_url=site.url, viewport={"width": 390, "height": 844})
    own.goto(f"/my/{links.secret_of(participant)}/")
    own.get_by_role("heading", name="Training sessions").scroll_into_view_if_needed()
    own.get_by_role("link", name=f"{soon:%H:%M}").press("Enter")
    expect(own.get_by_text("Bring a headset.")).to_be_visible()
    assert barriers(own) == []
    own.get_by_role("button", name="Enter the session").press("Enter")
    own.wait_for_url("**/seat/**")
    expect(own.get_by_role("heading", name="Ana Lima")).to_be_visible()

    office.get_by_role("link", name=f"{soon:%H:%M}").press("Enter")
    expect(office.get_by_role("checkbox", name="Ana Lima")).to_be_checked()
    found = SignUp.objects.get(session=Session.objects.get())
    assert (found.state, found.registration) == ("signed-up", participant)
    assert found.attended_at is not None
