"""Each role follows every link from its first page: no link is broken, and no page has a barrier.

Each kind of page fits a phone, a laptop and a hall's screen in each language of the interface. The
public pages are walked in every language; the office's pages are walked in English and shown in
frames in others: daily in two, and in all by `make test-all`. With `--every-language`, the frames
are searched for barriers too. Of each kind of page, the browser shows the first, and the links of
others are read without it.
"""

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
from tests.support.markup import parsed
from tests.test_roles import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Page

    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_OF_A_KIND = 2
"""The maximum number of pages of one kind, with different subjects, whose links are followed.

The first of them is searched for barriers and laid out at all widths. Colours are searched in one
language, because they are the same in all.
"""
WIDTHS = (1920, 1366, 390)
HANDBOOK = {"about:help", "about:help-file"}
"""Pages that exist in English only, and only after `make docs` has built them."""
BY_SCRIPT = {"registration:verify-page"}
"""A page in all languages, of which its script shows one. Frames run no scripts."""
OTHERS = sorted(code for code, _name in settings.LANGUAGES if code != "en")
FOUND = "[...document.querySelectorAll('a[href]')].map(link => link.href)"
SHAPE = """() => [
  document.querySelectorAll("h1").length, document.title, document.documentElement.lang,
]"""
WIDE = "document.documentElement.scrollWidth > innerWidth"
FRAMED = """async ([url, languages, widths]) => {
  const frames = languages.map(() => document.createElement("iframe"));
  document.body.replaceChildren(...frames);
  await Promise.all(frames.map(async (frame, number) => {
    frame.style.cssText = "block-size: 900px; max-inline-size: none; border: 0";
    const headers = { "accept-language": languages[number] };
    const answer = await fetch(url, { cache: "no-store", headers });
    const html = await answer.text();
    const loaded = new Promise((done) => { frame.onload = done; });
    frame.srcdoc = html.replace(/<script[^]*?<.script>/g, "");
    await loaded;
    await frame.contentDocument.fonts.ready;
  }));
  return frames.map((frame) => {
    const { documentElement } = frame.contentDocument;
    const wide = widths.filter((width) => {
      frame.style.inlineSize = `${width}px`;
      return documentElement.scrollWidth > width;
    });
    return [documentElement.lang, wide];
  });
}"""
"""Lays out a page in one frame per language. Returns the language of each frame and the widths that
it does not fit. The frames stay open at the last width.
"""


class Crawl:
    """A visitor who walks through a site, page by page."""

    def __init__(
        self,
        page: Page,
        site: Site,
        language: str,
        frames: Page | None = None,
        others: Sequence[str] = (),
        *,
        elsewhere: frozenset[str] = frozenset(),
        every_language: bool = False,
    ) -> None:
        """With `frames`, also lay out pages there in `others`.

        With `every_language`, search those for barriers too. The browser shows no page whose kind
        is in `elsewhere`.
        """
        self.page, self.site, self.language, self.frames = page, site, language, frames
        self.others, self.elsewhere, self.every_language = others, elsewhere, every_language
        self.seen: set[str] = set()
        self.kinds: dict[str, int] = {}
        self.faults: list[str] = []

    def walk(self, *starts: str) -> None:
        """Follow every link that is reachable from `starts`."""
        waiting = [self.site.url + start for start in starts]
        while waiting:
            url = waiting.pop().partition("#")[0]
            if url not in self.seen and self._is_new_enough(url):
                waiting += self._visit(url)
            self.seen.add(url)

    def _read(self, url: str) -> list[str]:
        """Check an address that the browser does not show; return where it leads."""
        language = {"accept-language": self.language}
        answer = self.page.request.get(url, max_redirects=0, headers=language)
        if answer.status >= 400:
            self.faults.append(f"{answer.status} {url}")
            return []
        if 300 <= answer.status < 400:
            return [urljoin(url, answer.headers["location"])]
        if "text/html" not in answer.headers["content-type"]:
            return []
        html = parsed(answer.text())
        title = html.findtext(".//title") or ""
        self._check(url, len(html.findall(".//h1")), title, html.get("lang"))
        return [urljoin(url, href) for href in html.xpath("//a[not(ancestor::noscript)]/@href")]

    def _check(self, url: str, headings: int, title: str, language: str) -> None:
        if (headings, bool(title.strip()), language) != (1, True, self.language):
            self.faults.append(f"{url} {headings} headings, {title!r}, {language}")

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
        kind = resolve(urlsplit(url).path).view_name
        if self.kinds[kind] > 1 or kind in self.elsewhere:
            return self._read(url) if kind not in BY_SCRIPT else []
        try:
            answer = self.page.goto(url, wait_until="load")
        except PlaywrightError:  # a download instead of a page
            return self._read(url)
        assert answer is not None
        if answer.status >= 400:
            self.faults.append(f"{answer.status} {url}")
            return []
        if self.page.url.partition("#")[0] != url:
            return [self.page.url]
        if "text/html" not in answer.headers["content-type"]:
            return []
        self._check(url, *self.page.evaluate(SHAPE))
        self.faults += [f"{url} {fault}" for fault in self._look(url)]
        found: list[str] = self.page.evaluate(FOUND)
        return found

    def _look(self, url: str) -> Iterator[str]:
        """Yield the faults of the open page."""
        if self.others is not OTHERS or self.every_language:  # else a daily visit has searched it
            yield from barriers(self.page, colours=self.language == "en")
        size = self.page.viewport_size
        assert size is not None
        for width in sorted(WIDTHS, key=lambda width: width == size["width"]):  # own width last
            self.page.set_viewport_size({**size, "width": width})
            if self.page.evaluate(WIDE):
                yield f"does not fit {width}"
        view = resolve(urlsplit(url).path).view_name
        if self.frames is None or view in HANDBOOK:
            return
        framed = self.frames.evaluate(FRAMED, [url, self.others, list(WIDTHS)])
        for language, (found, too_wide) in zip(self.others, framed, strict=True):
            if found != language and view not in BY_SCRIPT:
                yield f"is in {found} when asked for {language}"
            yield from (f"does not fit {width} in {language}" for width in too_wide)
        if self.every_language:
            frames = self.frames.main_frame.child_frames
            for language, frame in zip(self.others, frames, strict=True):
                yield from (f"{barrier} in {language}" for barrier in barriers(frame))


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
        ("anonymous", code): ((1366, 390)[number % 2], 45)
        for number, (code, _name) in enumerate(sorted(settings.LANGUAGES))
    },
    ("secretariat", "en"): (1366, 130),
    ("moderator", "en"): (1920, 32),
    ("anonymous", "ru"): (390, 45),  # the longest words
    ("anonymous", "zh-hans"): (390, 45),
}
"""The width of a visitor's screen in pixels, and the minimum number of kinds of pages to reach.

Pages are searched for barriers at this width.
"""


EXTREME = ("ar", "ru")
"""The languages that fit worst: from right to left, and with the longest words."""
HELD = pytest.mark.test_all(
    "held",
    by="tests/journeys/test_every_page.py::test_no_link_is_broken_and_no_page_has_a_barrier",
)
VISITS = [
    pytest.param(
        (role, language, others),
        marks=HELD if language not in {"en", "ar"} or others is OTHERS else (),
        id="-".join((role, language, *(["all"] if others is OTHERS else []))),
    )
    for role, language in VISITORS
    for others in ([EXTREME, OTHERS] if role == "secretariat" else [()])
]


@pytest.mark.parametrize("visit", VISITS)
def test_no_link_is_broken_and_no_page_has_a_barrier(
    pytestconfig: pytest.Config,
    place: Place,
    site: Site,
    pages: Pages,
    visit: tuple[str, str, Sequence[str]],
) -> None:
    role, language, others = visit
    width, least = VISITORS[role, language]
    pages.allow("/pass/")  # a viewer of a room may not speak in it
    visitor = _page(
        pages, site, place, role, viewport={"width": width, "height": 900}, locale=language
    )
    frames, every = None, bool(pytestconfig.getoption("every_language"))
    if every and role == "moderator":
        others = OTHERS
    if others:
        frames = _page(pages, site, place, role, bypass_csp=True)
        frames.goto(f"{site.url}/about/privacy/")
    shown_to_all = {name for name, (answer, _post) in TABLE.items() if answer == 200}
    elsewhere = frozenset(shown_to_all if role != "anonymous" and others is not OTHERS else ())
    crawl = Crawl(
        visitor, site, language, frames, others, elsewhere=elsewhere, every_language=every
    )
    secret = links.secret_of(place.registration)
    starts = ["/", "/office/"] if role != "anonymous" else ["/", f"/my/{secret}/"]
    crawl.walk(*starts)
    assert crawl.faults == [], "\n".join(crawl.faults)
    assert len(crawl.kinds) >= least, sorted(crawl.kinds)
    answer = crawl.page.request.get(f"{site.url}/favicon.ico")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
