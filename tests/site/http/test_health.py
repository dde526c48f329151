"""`/healthz` and `/readyz`: the answers, and what they leave out."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import pytest

from hemicycle.readiness import Readiness
from hemicycle.site.http import health
from tests.site.test_asgi import call

if TYPE_CHECKING:
    from hemicycle.site.http.asgi_types import Application
    from tests.support.site import Site


async def no_database() -> list[str]:
    return ["The database does not answer."]


def asked(application: Application, method: str = "GET") -> tuple[int, str]:
    begun, body = call(application, {"type": "http", "path": "/", "method": method})
    return begun["status"], body["body"].decode()


def test_a_process_is_alive_though_it_is_not_ready() -> None:
    assert asked(health.tell_alive) == (200, "ok\n")
    ready = health.TellReady(Readiness(no_database))
    assert asked(ready) == (503, "The database does not answer.\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_posted_there(method: str) -> None:
    assert asked(health.tell_alive, method) == (405, "")
    assert asked(health.TellReady(Readiness(no_database)), method) == (405, "")


@pytest.mark.django_db(transaction=True)
def test_a_real_site_answers_under_any_name_without_a_cookie(site: Site) -> None:
    connection = http.client.HTTPConnection("localhost", site.port, timeout=20)
    for path, expected in (("/healthz", b"ok\n"), ("/readyz", b"ready\n")):
        connection.request("GET", path, headers={"Host": "10.0.0.7", "Cookie": "hemicycle=x"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, expected)
        assert answer.getheader("Set-Cookie") is None
        assert answer.getheader("Cache-Control") == "no-store"
        assert answer.getheader("Content-Security-Policy") is not None
    for path in ("/healthz/", "/readyzz"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 404
    connection.close()
