"""A large file on its way: how much is sent, the time left, cancelling, and what comes after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.jobs.models import Job
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, reference_world
from tests.support.site import Site

SIZE = 6_000_000
PER_S = 1_000_000


@pytest.fixture
def today(transactional_db: None) -> Iterator[World]:
    """The reference hearing, two weeks from now."""
    with reference_world(datetime.now(UTC).date() + timedelta(days=14)) as world:
        yield world


@pytest.fixture
def form(today: World, site: Site, pages: Pages) -> Page:
    """The page on which a speaker submits a video."""
    speaker = today.ngo("Open Doors", 0)
    page = pages.open(base_url=site.url, viewport={"width": 390, "height": 844})
    place = today.inscription(speaker).pk
    page.goto(f"/my/{links.secret_of(speaker)}/video/{place}/")
    return page


def throttle(page: Page, bytes_per_s: int) -> None:
    """Limit the browser's uploads to so many bytes a second; -1 means no limit."""
    devices = page.context.new_cdp_session(page)
    devices.send("Network.enable")
    devices.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_s,
        },
    )


def press(page: Page, file: Path) -> None:
    page.get_by_label("Video or sound recording").set_input_files(file)
    page.get_by_role("button", name="Submit the video").click()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A file whose upload takes long enough."""
    file = tmp_path / "mine.mp4"
    file.write_bytes(b"\0" * SIZE)
    return file


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_upload_shows_how_far_it_is_and_is_cancelled(form: Page, video: Path) -> None:
    throttle(form, PER_S)
    press(form, video)
    expect(form.get_by_text("of 6 MB")).to_be_visible(timeout=5000)
    expect(form.get_by_text("Time left: about")).to_be_visible(timeout=5000)
    assert barriers(form) == []
    form.get_by_role("button", name="Cancel").click()
    expect(form.get_by_text("You cancelled. The file was not submitted.")).to_be_visible()
    assert not Job.objects.exists()
    throttle(form, -1)
    form.get_by_role("button", name="Submit the video").click()  # the file is still chosen
    expect(form.get_by_text("Place in the queue: 1.")).to_be_visible()
    assert Job.objects.get().size == SIZE
    form.get_by_role("button", name="Cancel").click()  # now cancels what waits to be read
    expect(form.get_by_text("You cancelled “mine.mp4”.")).to_be_visible()
    assert Job.objects.get().state == Job.State.STOPPED


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_refusal_and_a_broken_line_are_said_below_the_form(
    form: Page, video: Path, pages: Pages
) -> None:
    pages.allow("net::ERR_FAILED")
    pages.allow("429 POST")
    form.route("**/video/**", lambda route: route.abort())
    press(form, video)
    expect(form.get_by_text("The file could not be sent.")).to_be_visible()
    form.unroute("**/video/**")
    for _number in range(5):
        Job.objects.create(
            kind="video",
            key="another",
            asker=f"registration:{Registration.objects.get().pk.hex}",
            asked_at=datetime.now(UTC),
        )
    form.get_by_role("button", name="Submit the video").click()
    expect(form.get_by_text("5 of your files are still being read.")).to_be_visible()
    assert "?job=" not in form.url


@pytest.mark.django_db
def test_a_script_gets_the_address_and_a_browser_the_redirect(world: World) -> None:
    row, client = world.ngo("Open Doors", 0), Client()
    page = f"/my/{links.secret_of(row)}/statement/"
    sent = {"file": SimpleUploadedFile("mine.txt", b"Clean water first.")}
    plain = client.post(page, sent)
    assert (plain.status_code, "X-Go-To" in plain.headers) == (302, False)
    sent = {"file": SimpleUploadedFile("mine.txt", b"Clean water first.")}
    scripted = client.post(page, sent, headers={"X-Upload": "script"})
    assert (scripted.status_code, "Location" in scripted.headers) == (200, False)
    assert scripted.headers["X-Go-To"] == f"{page}?job={Job.objects.order_by('id').last().token}"  # type: ignore[union-attr]
