"""Each request's id: in its answer, in the log, and on the way to the media engine."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from hemicycle import logs
from hemicycle.logs import RequestIds
from hemicycle.site.http.request_ids import WithRequestIds
from tests.site.test_asgi import call
from tests.support import database
from tests.support.site import Site

if TYPE_CHECKING:
    from pathlib import Path

    from hemicycle.site.http.asgi_types import Receive, Scope, Send

GIVEN = b"3f1c2a9e-0d7b-4c55-9f0a-1b2c3d4e5f60"
PROXY, STRANGER = ("127.0.0.1", 50_000), ("192.0.2.1", 50_000)


def answered(client: tuple[str, int]) -> tuple[list[bytes], str]:
    """Return the ids in the answer's headers, and the id that the application saw."""
    seen: list[str] = []

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(logs.request_id.get())
        headers = [(b"X-Request-Id", b"of the engine"), (b"a", b"b")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    application = WithRequestIds(answer, RequestIds(["127.0.0.1"]))
    headers = [(b"host", b"hearing.example"), (b"x-request-id", GIVEN)]
    begun = call(application, {"type": "http", "headers": headers, "client": client})[0]
    assert (b"a", b"b") in begun["headers"]
    return [value for name, value in begun["headers"] if name == b"x-request-id"], seen[0]


def test_an_answer_has_one_id_which_its_lines_have_too() -> None:
    assert answered(PROXY) == ([GIVEN], GIVEN.decode())
    (own,), seen = answered(STRANGER)
    assert own.decode() == seen != GIVEN.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_real_site_writes_json_with_the_id_of_the_proxy(tmp_path: Path) -> None:
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    site = Site(tmp_path, url, more={"HEMICYCLE_LOG_FORMAT": "json"})
    site.start()
    try:
        connection = http.client.HTTPConnection("localhost", site.port, timeout=20)
        headers = {"X-Request-Id": GIVEN.decode(), "X-Forwarded-For": "192.0.2.1"}
        headers["X-Forwarded-Proto"] = "https"
        for path in ("/nowhere/", "/time", "/static/nothing.js"):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.headers.get_all("X-Request-Id") == [GIVEN.decode()], path
            if path == "/time":
                assert answer.getheader("X-Arrived-By") == "https"  # as the proxy says
        connection.close()
    finally:
        site.stop()
    lines = [json.loads(line) for line in site.log.read_text().splitlines() if line[0] == "{"]
    (told,) = [line for line in lines if line["message"] == "Not Found: /nowhere/"]
    del told["time"], told["pid"]
    assert told == {
        "level": "WARNING",
        "logger": "django.request",
        "request_id": GIVEN.decode(),
        "message": "Not Found: /nowhere/",
        "process": "web",
    }
