"""The transferred size of public pages in each language, and their external hosts.

A real Chromium with an empty cache loads each page from a real server. `kb` counts all bytes that
are transferred for a page, with headers, until nothing has been loaded for `QUIET_MS`.
`external_hosts` names all requested hosts except the site. The browser has a Chinese font, as
readers of Chinese do; `kb_without_chinese_font` is the largest page in Chinese without one.
"""

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, sync_playwright

import hemicycle
from bench.fixtures import fresh, serving
from bench.sizes import size
from tests.support.browser import launch

FIGURES = (
    *("kb", "kb_by_language", "kb_without_chinese_font", "external_hosts"),
    *(f"pages.{name}" for name in ("path", "language", "kb")),
)
LANGUAGES, PATHS = size(100, 2), size(100, 3)
"""How many languages and pages are measured, at most."""

QUIET_MS = size(700, 100)
KB = 1024


def run() -> dict[str, Any]:
    """Return the size of each page, the largest by language, and the external hosts."""
    from django.conf import settings

    with fresh() as folder:
        paths = _prepared()[:PATHS]
        languages = list(dict(settings.LANGUAGES))[:LANGUAGES]
        with serving(folder) as site:
            pages, hosts = _weigh(site.url, paths, languages, _chinese_font(folder))
            bare, _hosts = _weigh(site.url, paths, ["zh-hans"], {})
            site.check_log()
    heaviest = {tag: max(p["kb"] for p in pages if p["language"] == tag) for tag in languages}
    return {
        "kb": max(heaviest.values()),
        "kb_by_language": heaviest,
        "kb_without_chinese_font": max(page["kb"] for page in bare),
        "external_hosts": sorted(hosts),
        "pages": pages,
    }


def _chinese_font(folder: Path) -> dict[str, str]:
    """Return environment variables with which a browser has the fonts of papers, also Chinese."""
    fonts = Path(hemicycle.__file__).parent / "fonts"
    file = folder / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir>'
        f"<cachedir>{folder / 'fontconfig'}</cachedir></fontconfig>"
    )
    return {"FONTCONFIG_FILE": str(file)}


def _prepared() -> list[str]:
    """Make a hearing that has ended and a future one; return the paths of their public pages."""
    from hemicycle.site.rehearsal import scenes, seed

    document = scenes.read()
    with redirect_stdout(sys.stderr):  # the standard output is for the figures
        past, coming = seed.past(document), seed.to_come(document)
    return list(_paths(past, coming))


def _paths(past: Any, coming: Any) -> Iterator[str]:
    from django.urls import reverse

    yield "/"
    for name in ("hearing:page", "registration:choose", "registration:register"):
        yield reverse(name, kwargs={"slug": coming.slug})
    yield reverse("registration:inscribe", kwargs={"slug": coming.slug})
    for hearing in (past, coming):
        for name in ("registration:chain", "statements:library", "webcast:live", "room:hall"):
            yield reverse(name, kwargs={"slug": hearing.slug})
    yield reverse("people:sign-in")


def _weigh(
    url: str, paths: list[str], languages: list[str], environment: dict[str, str]
) -> tuple[list[dict[str, Any]], set[str]]:
    pages: list[dict[str, Any]] = []
    hosts: set[str] = set()
    with sync_playwright() as playwright:
        browser = launch(playwright, **environment)
        for language in languages:
            for path in paths:
                kb, asked = _one(browser, url, path, language)
                pages.append({"path": path, "language": language, "kb": kb})
                hosts |= asked
        browser.close()
    return pages, hosts


def _one(browser: Browser, url: str, path: str, language: str) -> tuple[float, set[str]]:
    """Load a page with an empty cache; return its size in KB and the external hosts requested."""
    context = browser.new_context(locale=language)
    page = context.new_page()
    received: dict[str, float] = {}
    hosts: set[str] = set()
    own = urlsplit(url).netloc

    def ask(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != own:
            hosts.add(parts.netloc)

    def arrive(event: dict[str, Any]) -> None:
        # Of a response that stays open, such as the feed, the bytes so far are counted.
        before = received.get(event["requestId"], 0)
        received[event["requestId"]] = before + event["encodedDataLength"]

    def finish(event: dict[str, Any]) -> None:
        received[event["requestId"]] = event["encodedDataLength"]

    page.on("request", ask)
    session = context.new_cdp_session(page)
    session.on("Network.dataReceived", arrive)
    session.on("Network.loadingFinished", finish)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    answer = page.goto(url + path, wait_until="load")
    assert answer is not None
    assert answer.status == 200, f"{path}: {answer.status}"
    page.wait_for_timeout(QUIET_MS)
    context.close()
    return round(sum(received.values()) / KB, 1), hosts
