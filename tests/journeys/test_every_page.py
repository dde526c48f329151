"""Each role follows every link from its first page: none is broken, no page has a barrier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError

from hemicycle.before.registration import links
from tests.support.addresses import Place, furnished
from tests.support.axe import barriers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_OF_A_KIND = 2
"""The most pages that are looked at if they differ only by their subject."""
FOUND = "[...document.querySelectorAll('a[href]')].map(link => link.href)"
SHAPE = """() => ({
  headings: document.querySelectorAll("h1").length,
  title: document.title.trim().length > 0,
  lang: document.documentElement.lang,
  wide: document.documentElement.scrollWidth > innerWidth,
})"""


class Crawl:
    """Walks through a site as one person, page by page."""

    def __init__(self, page: Page, site: Site, language: str) -> None:
        self.page, self.site, self.language = page, site, language
        self.seen: set[str] = set()
        self.kinds: dict[str, int] = {}
        self.faults: list[str] = []

    def walk(self, *starts: str) -> None:
        """Follow every link that can be reached from `starts`."""
        waiting = [self.site.url + start for start in starts]
        while waiting:
            url = waiting.pop().partition("#")[0]
            if url not in self.seen and self._is_new_enough(url):
                waiting += self._visit(url)
            self.seen.add(url)

    def _fetch(self, url: str) -> list[str]:
        """Look at what the browser does not show."""
        answer = self.page.request.get(url, max_redirects=0)
        if answer.status >= 400:
            self.faults.append(f"{answer.status} {url}")
        if 300 <= answer.status < 400:
            return [urljoin(url, answer.headers["location"])]
        return []

    def _is_new_enough(self, url: str) -> bool:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.site.url or "/static/" in url:
            return False
        try:
            kind = resolve(parts.path).view_name
        except Resolver404:
            self.faults.append(f"{url} leads nowhere")
            return False
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        return self.kinds[kind] <= MOST_OF_A_KIND

    def _visit(self, url: str) -> list[str]:
        try:
            answer = self.page.goto(url, wait_until="load")
        except PlaywrightError:  # a download, which is no page
            return self._fetch(url)
        assert answer is not None
        if answer.status >= 400:
            self.faults.append(f"{answer.status} {url}")
            return []
        if self.page.url.partition("#")[0] != url:
            return [self.page.url]
        if "text/html" not in answer.headers["content-type"]:
            return []
        shape = self.page.evaluate(SHAPE)
        if shape != {"headings": 1, "title": True, "lang": self.language, "wide": False}:
            self.faults.append(f"{url} {shape}")
        self.faults += [f"{url} {barrier}" for barrier in barriers(self.page)]
        found: list[str] = self.page.evaluate(FOUND)
        return found


def _page(pages: Pages, site: Site, place: Place, role: str, **options: Any) -> Page:
    page = pages.open(**options)
    session = place.client(role).cookies.get("hemicycle")
    if session is not None:
        page.context.add_cookies([{"name": "hemicycle", "value": session.value, "url": site.url}])
    return page


@pytest.fixture
def place(transactional_db: None) -> Iterator[Place]:
    with furnished() as place:
        yield place


VISITORS = {
    **{
        ("anonymous", code): ((1366, 390)[number % 2], 12)
        for number, (code, _name) in enumerate(sorted(settings.LANGUAGES))
    },
    ("secretariat", "en"): (1366, 35),
    ("moderator", "en"): (1920, 14),
    ("anonymous", "ru"): (390, 12),  # the longest words
    ("anonymous", "zh-hans"): (390, 12),
}
"""How wide a visitor's screen is, and how many kinds of pages they can reach at least."""


@pytest.mark.parametrize(("role", "language"), VISITORS)
def test_no_link_is_broken_and_no_page_has_a_barrier(
    place: Place, site: Site, pages: Pages, role: str, language: str
) -> None:
    width, least = VISITORS[role, language]
    pages.allow("/pass/")  # who may look into a room may not speak in it, and is told so there
    visitor = _page(
        pages, site, place, role, viewport={"width": width, "height": 900}, locale=language
    )
    crawl = Crawl(visitor, site, language)
    secret = links.secret_of(place.registration)
    starts = ["/", "/office/"] if role != "anonymous" else ["/", f"/my/{secret}/"]
    crawl.walk(*starts)
    assert crawl.faults == [], "\n".join(crawl.faults)
    assert len(crawl.kinds) >= least, sorted(crawl.kinds)
    answer = crawl.page.request.get(f"{site.url}/favicon.ico")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
