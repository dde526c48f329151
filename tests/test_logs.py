"""Lines of the log, as text and as JSON: what they contain, and what they never contain."""

from __future__ import annotations

import json
import logging
import re
import secrets
import subprocess
import sys
from contextvars import copy_context
from typing import Any

import pytest
from django.conf import settings

from hemicycle import logs
from hemicycle.logs import JsonFormatter, RequestIds, TextFormatter, blot

TEXT = TextFormatter("%(levelname)s %(message)s")
JSON = JsonFormatter()


def formatted(formatter: logging.Formatter, message: str, error: Exception | None = None) -> str:
    info: Any = None
    if error is not None:
        info = (type(error), error, None)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, message, (), info)
    return formatter.format(record)


@pytest.mark.parametrize("number", range(20))
def test_a_secret_in_a_line_or_in_an_exception_is_blotted(number: int) -> None:
    check_blotted(secrets.token_urlsafe(32))


def test_a_secret_without_a_digit_is_blotted() -> None:
    check_blotted("mQbKvTzLrWnPxGsDfHjYcRtVbNaZqEwUoIpLkJhGfDs")


def check_blotted(secret: str) -> None:
    assert len(secret) == 43
    for formatter in (TEXT, JSON):
        error = LookupError(f"no row for '{secret}'")
        told = formatted(formatter, f"Not Found: /my/{secret}/\n{secret}\t{secret}", error)
        assert secret not in told
        spoken = told if formatter is TEXT else json.loads(told)["exception"]
        assert "LookupError: no row for '…'" in spoken


@pytest.mark.parametrize(
    "name",
    [
        "test_a_name_of_the_code_as_long_as_a_secret",
        "A_SETTING_OF_THE_SITE_AS_LONG_AS_ANY_SECRET",
    ],
)
def test_names_in_the_code_stay(name: str) -> None:
    assert len(name) == 43
    assert blot(name) == name


def test_all_of_the_servers_loggers_write_that_way() -> None:
    chosen: Any = settings.LOGGING
    assert chosen["formatters"]["chosen"] == {"()": "hemicycle.logs.formatter", "format_": "text"}
    assert chosen["handlers"]["stderr"]["formatter"] == "chosen"
    assert type(logs.formatter("text")) is TextFormatter
    assert type(logs.formatter("json")) is JsonFormatter


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────
def test_a_line_of_json_has_fixed_keys_and_nothing_that_a_library_adds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "_process", "web")
    record = logging.LogRecord("a.b", logging.WARNING, __file__, 1, "Two\nlines: %s", ("ü",), None)
    record.created, record.process = 1_626_184_800.25, 7
    record.__dict__ |= {"request": "<WSGIRequest: GET '/my/secret/'>", "email": "a@example.org"}

    def line() -> str:
        logs.request_id.set("f" * 32)
        return JSON.format(record)

    told = copy_context().run(line)
    assert "\n" not in told
    assert json.loads(told) == {
        "time": "2021-07-13T14:00:00.250Z",
        "level": "WARNING",
        "logger": "a.b",
        "message": "Two\nlines: ü",
        "request_id": "f" * 32,
        "process": "web",
        "pid": 7,
    }


def test_outside_a_request_a_line_has_no_id() -> None:
    assert "request_id" not in json.loads(formatted(JSON, "tick"))


def test_a_traceback_is_one_value() -> None:
    try:
        _ = 1 // 0
    except ZeroDivisionError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), info)
    told = json.loads(JSON.format(record))
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert told["exception"].endswith("ZeroDivisionError: integer division or modulo by zero")


@pytest.mark.parametrize("raw", ["JSON", "xml", ""])
def test_there_are_two_formats(raw: str) -> None:
    with pytest.raises(ValueError, match="it must be text or json"):
        logs.parse_format(raw)


def test_a_process_without_django_writes_it_too() -> None:
    program = (
        "import logging; from hemicycle import logs; logs.name_process('media'); "
        "logs.set_up('INFO', 'json'); logging.getLogger('a').info('at /my/%s/', 'aB3' * 15)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    told = json.loads(done.stderr)
    assert (told["process"], told["level"], told["message"]) == ("media", "INFO", "at /my/…/")


# ── Ids of requests ───────────────────────────────────────────────────────────────────────────
GIVEN = "3f1c2a9e-0d7b-4c55-9f0a-1b2c3d4e5f60"
TRUSTED = ("127.0.0.1", "2001:db8::/64")


def chosen(peer: str, given: str) -> str:
    return copy_context().run(RequestIds(TRUSTED).begin, peer, given)


@pytest.mark.parametrize("peer", ["127.0.0.1", "2001:db8::7"])
def test_a_trusted_proxy_gives_the_id(peer: str) -> None:
    assert chosen(peer, GIVEN) == GIVEN


@pytest.mark.parametrize(
    ("peer", "given"),
    [
        ("192.0.2.1", GIVEN),
        ("", GIVEN),
        ("not an address", GIVEN),
        ("127.0.0.1", ""),
        ("127.0.0.1", "short"),
        ("127.0.0.1", "a" * 41),
        pytest.param("127.0.0.1", secrets.token_urlsafe(32), id="a link's secret"),
        ("127.0.0.1", "two words of it"),
        ("127.0.0.1", GIVEN + "\n"),
        ("127.0.0.1", "../../etc/passwd"),
    ],
)
def test_others_get_a_new_one(peer: str, given: str) -> None:
    first, second = chosen(peer, given), chosen(peer, given)
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second
