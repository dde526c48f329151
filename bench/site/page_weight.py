"""The size of public pages over the wire, in each language, and their external hosts.

A real server, a real Chromium with an empty cache for each page. `kb` counts bytes as they are
transferred, headers included, of everything that a page loads until it has been quiet for a moment;
`external_hosts` names every requested host except our own. The browser has a Chinese font, as
readers of Chinese have; `kb_without_chinese_font` is the heaviest page in Chinese for one without.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, sync_playwright

import hemicycle
from bench.fixtures import fresh, serving
from tests.support.browser import launch

NAME = "page_weight"
QUIET_MS = 700
KB = 1024


def run() -> dict[str, Any]:
    """`pages` with their `kb`, the heaviest's `kb` by language, `external_hosts`: to be empty."""
    from django.conf import settings

    with fresh() as folder:
        paths = _prepared()
        languages = list(dict(settings.LANGUAGES))
        with serving(folder) as site:
            with _chinese_font(folder):
                pages, hosts = _weigh(site.url, paths, languages)
            bare, _hosts = _weigh(site.url, paths, ["zh-hans"])
            site.check_log()
    heaviest = {tag: max(p["kb"] for p in pages if p["language"] == tag) for tag in languages}
    return {
        "kb": max(heaviest.values()),
        "kb_by_language": heaviest,
        "kb_without_chinese_font": max(page["kb"] for page in bare),
        "external_hosts": sorted(hosts),
        "pages": pages,
    }


@contextmanager
def _chinese_font(folder: Path) -> Iterator[None]:
    """Give browsers that start inside the block the fonts of papers, Chinese among them."""
    fonts = Path(hemicycle.__file__).parent / "fonts"
    file = folder / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir>'
        f"<cachedir>{folder / 'fontconfig'}</cachedir></fontconfig>"
    )
    with patch.dict(os.environ, FONTCONFIG_FILE=str(file)):
        yield


def _prepared() -> list[str]:
    """A hearing that has ended and one to come, and the public's pages of both."""
    from hemicycle.site.rehearsal import scenes, seed

    document = scenes.read()
    with redirect_stdout(sys.stderr):  # progress is not part of the figures
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
    url: str, paths: list[str], languages: list[str]
) -> tuple[list[dict[str, Any]], set[str]]:
    pages: list[dict[str, Any]] = []
    hosts: set[str] = set()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for language in languages:
            for path in paths:
                kb, asked = _one(browser, url, path, language)
                pages.append({"path": path, "language": language, "kb": kb})
                hosts |= asked
        browser.close()
    return pages, hosts


def _one(browser: Browser, url: str, path: str, language: str) -> tuple[float, set[str]]:
    """The weight of one page in an empty browser, and the foreign hosts that it asked."""
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
        # A response that stays open, such as the feed, is counted as far as it has come.
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
