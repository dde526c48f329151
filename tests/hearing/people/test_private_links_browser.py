"""Private links in a real browser: the address bar, the history, the `Referer`, the forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.registration import links
from hemicycle.hearing.people.actions import issue_link
from hemicycle.record import clock
from hemicycle.record.writer import Actor
from tests.support.lists import World, reference_world
from tests.support.threaded import in_thread

if TYPE_CHECKING:
    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOLLOW = """url => { const link = document.createElement("a"); link.href = url;
    document.body.append(link); link.click(); }"""


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    today = datetime.fromtimestamp(clock.wall() / 1000, UTC).date()
    with reference_world(day=today + timedelta(days=60)) as world:
        yield world


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str | None]]]:
    """Yield the address of another site, and the list of each request's `Referer`."""
    seen: list[str | None] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/there":
                seen.append(self.headers.get("Referer"))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>There</title>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Answering)) as server:
        yield f"http://127.0.0.1:{server.server_port}/there", seen


def test_a_personal_link_shows_itself_to_nobody(
    world: World, site: Site, page: Page, pages: Pages, elsewhere: tuple[str, list[str | None]]
) -> None:
    secret = links.secret_of(world.ngo("River Watch", 0))
    page.goto(f"/my/{secret}/")
    expect(page.locator("h1")).to_be_visible()
    short = page.url
    assert "/my/~" in short
    assert secret not in page.content()
    page.reload()
    page.get_by_role("link", name="Correct my details").first.click()
    page.wait_for_url("**/details/")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Save corrections", exact=True).click()
    assert sent.value.all_headers()["origin"] == site.url  # a form of the site sends its origin
    page.wait_for_url(short)
    there, seen = elsewhere
    page.evaluate(FOLLOW, there)
    page.wait_for_url(there)
    assert seen == [None]
    page.go_back()
    page.wait_for_url(short)
    other = pages.open(base_url=site.url)
    pages.allow("410 ")
    other.goto(short)
    expect(other.locator("h1")).to_have_text("Open your link again")


def test_a_sign_in_link_leaves_the_address_before_it_is_used(world: World, page: Page) -> None:
    path = issue_link(person=world.moderator, next_url="/office/", actor=Actor.system("test"))
    page.goto(path)
    assert path.strip("/").rpartition("/")[2] not in page.url
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/office/")
