"""A speaker submits a statement and watches it being read, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import FilePayload, Page, expect

from hemicycle.before.registration import links
from hemicycle.hearing.jobs import workers
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, reference_world
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT: FilePayload = {"name": "ours.txt", "mimeType": "text/plain", "buffer": b"Clean water first."}
PICTURE: FilePayload = {
    "name": "photo.docx",
    "mimeType": "application/octet-stream",
    "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
}


@pytest.fixture
def today(transactional_db: None) -> Iterator[World]:
    """The reference hearing, two weeks from now."""
    with reference_world(datetime.now(UTC).date() + timedelta(days=14)) as world:
        yield world


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_statement_waits_is_read_and_is_there(
    today: World, site: Site, pages: Pages, scripts: bool
) -> None:
    speaker = today.ngo("Open Doors", 0)
    page = pages.open(
        base_url=site.url,
        java_script_enabled=scripts,
        viewport={"width": 390, "height": 844},
    )
    page.goto(f"/my/{links.secret_of(speaker)}/")
    page.locator("#next").get_by_role("link", name="Submit your statement").click()
    if scripts:
        _refuse_large_file(page)
    page.get_by_label("File").set_input_files([TEXT])
    page.get_by_role("button", name="Submit the statement").click()
    expect(page.get_by_role("heading", name="Your file is being read")).to_be_visible()
    expect(page.get_by_text("Place in the queue: 1.")).to_be_visible()
    workers.run_next()
    expect(page.get_by_text("Your statement has been received.")).to_be_visible()
    expect(page.get_by_role("link", name="ours.txt")).to_be_visible()

    page.get_by_role("link", name="Submit a new version").click()
    page.get_by_label("File").set_input_files([PICTURE])
    page.get_by_role("button", name="Submit the statement").click()
    expect(page.get_by_role("heading", name="Your file is being read")).to_be_visible()
    workers.run_next()
    expect(page.get_by_text("“photo.docx” was not accepted.")).to_be_visible()
    expect(page.get_by_text("is a picture")).to_be_visible()
    if scripts:
        assert barriers(page) == []


def _refuse_large_file(page: Page) -> None:
    """Choose a file that is too large: the page refuses it before it is sent."""
    file = page.get_by_label("File", exact=True)
    file.evaluate("field => { field.dataset.mostBytes = 3; }")
    file.set_input_files([TEXT | {"buffer": b"four"}])
    expect(page.get_by_role("alert")).to_contain_text("PDF, DOCX, ODT or plain text, up to 20 MB.")
    expect(file).to_have_value("")
    file.set_input_files([TEXT | {"buffer": b"two"}])
    expect(page.get_by_role("alert")).to_have_count(0)
    file.evaluate("field => { field.dataset.mostBytes = 100; }")
