"""Every answer of a real server has the protective headers, whichever layer gives it."""

from __future__ import annotations

import asyncio
import http.client
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders

from hemicycle.site.http.headers import Headers

if TYPE_CHECKING:
    from hemicycle.site.http.asgi_types import Message, Receive, Scope, Send
    from tests.support.lists import World
    from tests.support.site import Site

PAGE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
NO_PAGE = {
    **PAGE,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
}


def ask(site: Site, method: str, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("localhost", site.port, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return answer.status, told


@pytest.mark.django_db(transaction=True)
def test_pages_files_streams_refusals_and_failures(site: Site, world: World) -> None:
    assert finders.find("js/clock-sync.js")
    feed = f"/feed/{world.hearing.id}"
    asked = [
        ("GET", "/", 200, PAGE),
        ("GET", "/nowhere/", 404, PAGE),
        ("GET", "/robots.txt", 200, PAGE),
        ("GET", "/static/nothing.js", 404, PAGE),
        ("POST", "/sign-out/", 403, PAGE),
        ("GET", "/api/v1/hearings", 200, PAGE),
        ("GET", "/time", 200, NO_PAGE),
        ("GET", "/healthz", 200, NO_PAGE),
        ("GET", "/readyz", 200, NO_PAGE),
        ("GET", "/metrics", 200, NO_PAGE),
        ("GET", f"{feed}/entries", 403, NO_PAGE),
        ("GET", f"{feed}/nobody", 404, NO_PAGE),
        ("GET", "/media/health", 503, NO_PAGE),
    ]
    for method, path, status, expected in asked:
        told, headers = ask(site, method, path)
        assert told == status, path
        found = {name: headers.get(name) for name in expected}
        if expected is PAGE and headers.get("content-security-policy"):
            assert "unsafe" not in headers["content-security-policy"]
        assert found == expected, path


async def _failing(scope: Scope, receive: Receive, send: Send) -> None:
    raise ZeroDivisionError


def test_a_failure_of_a_bare_application_is_an_answer_too() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    with pytest.raises(ZeroDivisionError):
        asyncio.run(Headers(_failing)({"type": "http", "path": "/time"}, receive, send))
    assert sent[0]["status"] == 500
    assert dict(sent[0]["headers"])[b"x-content-type-options"] == b"nosniff"
