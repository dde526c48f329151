"""A speaker submits a video from a phone, and the secretariat plays it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.registration import links
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, office_page, reference_world
from tests.support.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("worker_threads"),
]


LENGTH = """() => new Promise((told) => {
  const video = document.querySelector("video");
  if (video.readyState) told(video.duration);
  else video.addEventListener("loadedmetadata", () => told(video.duration));
})"""


@pytest.fixture
def today(transactional_db: None) -> Iterator[World]:
    """The reference hearing, two weeks from now."""
    with reference_world(datetime.now(UTC).date() + timedelta(days=14)) as world:
        yield world


def length_s(page: Page) -> float:
    """Return the length of the video that the player of a page has loaded, in seconds."""
    found: float = page.evaluate(LENGTH)
    return found


def test_a_video_is_handed_in_and_played(
    today: World, site: Site, pages: Pages, mp4: bytes, folder: Path
) -> None:
    speaker = today.ngo("Open Doors", 0, speaker="Ana Lima")
    own = pages.open(base_url=site.url, viewport={"width": 390, "height": 844})
    own.goto(f"/my/{links.secret_of(speaker)}/")
    own.get_by_role("link", name="Submit a video").click()
    own.get_by_label("Video or sound recording").set_input_files(
        {"name": "mine.mp4", "mimeType": "video/mp4", "buffer": b"no video"}
    )
    own.get_by_role("button", name="Submit the video").click()
    expect(own.get_by_text("neither a video").first).to_be_visible()
    own.get_by_label("Video or sound recording").set_input_files(folder / "plain.mp4")
    own.get_by_role("button", name="Submit the video").click()
    expect(own.get_by_text("Your video has been received.")).to_be_visible()
    assert length_s(own) == pytest.approx(1, abs=0.1)
    own.get_by_label("in any case").check()
    own.get_by_role("button", name="Save").click()
    expect(own.get_by_text("Saved.")).to_be_visible()
    assert barriers(own) == []

    office = office_page(today, site, pages)
    office.goto(f"/office/{today.hearing.slug}/statements/")
    office.get_by_role("link", name="Recorded videos").click()
    office.get_by_role("link", name="Ana Lima").click()
    assert length_s(office) == pytest.approx(1, abs=0.1)
    expect(office.get_by_label("in any case")).to_be_checked()
    assert barriers(office) == []
