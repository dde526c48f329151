"""Error reports contain nothing about people, and are sent only if the settings say so."""

import gzip
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override

import brotli
import pytest

from hemicycle import error_reports, logs
from tests.support.threaded import in_thread

LONG_S = 60
"""How many seconds tests wait for a report, even on a busy machine."""
SECRET = "amina.otieno@example.org"


class Collector(BaseHTTPRequestHandler):
    """A server with Sentry's protocol: it keeps what is sent."""

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = {"gzip": gzip.decompress, "br": brotli.decompress}.get(
            self.headers.get("Content-Encoding", ""), bytes
        )(body)
        server = self.server
        assert isinstance(server, CollectorServer)
        server.received.append((self.path, body.decode()))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


class CollectorServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Collector)
        self.received: list[tuple[str, str]] = []

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self.server_port}/7"

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(text.splitlines()[2]) for _path, text in self.received]


@pytest.fixture
def collector() -> Iterator[CollectorServer]:
    with in_thread(CollectorServer()) as server:
        yield server


@pytest.fixture
def log(collector: CollectorServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """A logger of Hemicycle that reports errors; closing its handler sends all reports."""
    monkeypatch.setattr(error_reports, "SHUTDOWN_S", LONG_S)
    logger = logging.getLogger("hemicycle.of_this_test")
    (handler,) = error_reports.handlers(collector.dsn)
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def fail() -> None:
    raise LookupError(SECRET)


def log_failure(log: logging.Logger) -> None:
    person = SECRET  # a local variable
    try:
        try:
            fail()
        except LookupError as error:
            raise RuntimeError(f"of {person}") from error
    except RuntimeError:
        log.exception("The letter to %s was lost.", person)


def test_a_report_says_where_and_nothing_of_people(
    collector: CollectorServer, log: logging.Logger
) -> None:
    token = logs.request_id.set("request-0001")
    log_failure(log)
    logs.request_id.reset(token)
    log.handlers[0].close()
    ((path, text),) = collector.received
    assert path == "/api/7/envelope/"
    assert SECRET not in text
    assert os.uname().nodename not in text
    (event,) = collector.events()
    assert event["logentry"]["message"] == "The letter to %s was lost."
    assert event["tags"] == {"process": logs.process_name(), "request_id": "request-0001"}
    first, last = event["exception"]["values"]
    assert (first["type"], last["type"]) == ("LookupError", "RuntimeError")
    assert [call["function"] for call in first["stacktrace"]["frames"]] == ["log_failure", "fail"]
    unsent = {"user", "request", "modules", "breadcrumbs", "extra", "contexts"}
    assert unsent & event.keys() == set()


def test_a_warning_is_not_reported(collector: CollectorServer, log: logging.Logger) -> None:
    log.warning("It is late.")
    log.handlers[0].close()
    assert collector.received == []


def test_a_sentence_of_another_program_is_left_out() -> None:
    def told(name: str, message: str, *values: str) -> str:
        record = logging.LogRecord(name, logging.ERROR, "", 1, message, values, None)
        return str(error_reports.report(record)["logentry"]["message"])

    assert told("asyncio", f"Task of {SECRET} failed") == "An error of asyncio"
    assert told("django.request", "Internal Server Error: %s", SECRET) == (
        "Internal Server Error: %s"
    )
    assert told("hemicycle.mail", "A letter was lost.") == "A letter was lost."


def test_errors_that_lead_to_each_other_end() -> None:
    one, two = ValueError("1"), ValueError("2")
    one.__cause__, two.__cause__ = two, one
    record = logging.LogRecord("hemicycle", 40, "", 1, "x", (), (ValueError, one, None))
    assert len(error_reports.report(record)["exception"]["values"]) == 2


@pytest.mark.slow
def test_a_fork_reports_by_itself(collector: CollectorServer) -> None:
    """The log is set up before the fork; the child starts its own thread for sending."""
    program = f"""
import logging, os, sys, threading
from hemicycle import error_reports
error_reports.SHUTDOWN_S = {LONG_S}
logging.basicConfig(level="ERROR", handlers=error_reports.handlers({collector.dsn!r}))
assert threading.active_count() == 1
if pid := os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
logging.getLogger("hemicycle.fork").error("It failed.")
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
    assert [event["logger"] for event in collector.events()] == ["hemicycle.fork"]


def test_no_address_is_no_report() -> None:
    assert error_reports.parse_dsn("") == ""
    assert error_reports.handlers("") == []


@pytest.mark.parametrize(
    "raw",
    ["errors.example", "https://errors.example/7", "https://key@errors.example/x", "ftp://k@h/1"],
)
def test_what_is_no_address_is_said(raw: str) -> None:
    with pytest.raises(ValueError, match="the form https://KEY@HOST/PROJECT"):
        error_reports.parse_dsn(raw)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ValueError, match=r"pip install 'hemicycle\[sentry\]'"):
        error_reports.parse_dsn("https://key@errors.example/7")
