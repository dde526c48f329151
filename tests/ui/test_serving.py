"""The site as a process: its clock, its static files, and coming back after a kill."""

import time
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.utils.timezone import now

from hemicycle.record import feed
from tests.support.site import STATIC, Site


def test_time_is_the_servers_clock_in_milliseconds(site: Site) -> None:
    before = time.time_ns() // 1_000_000
    with urlopen(f"{site.url}/time") as response:
        told = int(response.read())
        caching = response.headers["cache-control"]
    assert before <= told <= time.time_ns() // 1_000_000
    assert caching == "no-store"


def test_a_hashed_file_is_compressed_and_kept_for_ever(site: Site) -> None:
    static = Path(STATIC["HEMICYCLE_STATIC_DIR"])
    name = next((static / "vendor/htmx").glob("htmx.min.*.js")).name
    asked = Request(f"{site.url}/static/vendor/htmx/{name}", headers={"accept-encoding": "br"})
    with urlopen(asked) as response:
        headers = response.headers
    assert headers["content-encoding"] == "br"
    assert headers["cache-control"] == "max-age=315360000, public, immutable"


def test_a_static_file_that_is_not_there_is_not_found(site: Site) -> None:
    with pytest.raises(URLError, match="404"):
        urlopen(f"{site.url}/static/../settings.py")


def test_the_site_reads_what_the_test_saves(site: Site) -> None:
    Session.objects.create(session_key="seen", session_data="", expire_date=now())
    shown = site.run(
        "manage",
        "shell",
        "--no-imports",
        "-c",
        "from django.contrib.sessions.models import Session; print(Session.objects.get().pk)",
    )
    assert shown.strip() == "seen"


def test_a_body_that_goes_on_and_on_is_cut_off(site: Site) -> None:
    connection = HTTPConnection("localhost", site.port, timeout=30)
    with suppress(ConnectionError):  # the site may close the connection before everything is sent
        connection.request("POST", "/sign-in/", (b"x" * 2**20 for _ in range(33)))
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (
        413,
        b"What was sent is too large. Send a smaller file.",
    )
    assert urlopen(f"{site.url}/sign-in/").status == 200


def test_a_killed_site_comes_back_at_the_same_address(site: Site) -> None:
    address = f"{site.url}/time"
    site.kill()
    with pytest.raises(URLError, match="refused"):
        urlopen(address)
    site.start()
    with urlopen(address) as response:
        assert response.status == 200


def test_a_site_that_is_stopped_ends_what_screens_follow_without_complaint(site: Site) -> None:
    screen = HTTPConnection("localhost", site.port, timeout=30)
    screen.request("GET", feed.address(uuid4(), feed.ENTRIES))
    stream = screen.getresponse()
    assert stream.status == 200
    site.stop()
    assert b"\nevent: restart\n" in stream.read()  # to the end
    assert "ERROR" not in site.log.read_text()


def test_it_tells_when_its_port_is_taken(site: Site) -> None:
    second = Site(site.log.parent / "..", "sqlite:////nowhere")
    second.port = site.port
    with pytest.raises(AssertionError, match="Address already in use"):
        second.start()
