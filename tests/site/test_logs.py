"""Neither lines nor tracebacks carry what opens a page."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import pytest
from django.conf import settings

from hemicycle.site.logs import Line, blot


def formatted(message: str, error: Exception | None = None) -> str:
    info: Any = None
    if error is not None:
        info = (type(error), error, None)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, message, (), info)
    return Line("{levelname} {message}", style="{").format(record)


@pytest.mark.parametrize("number", range(20))
def test_a_secret_in_a_line_or_in_an_exception_is_blotted(number: int) -> None:
    check_blotted(secrets.token_urlsafe(32))


def test_a_secret_without_a_digit_is_blotted() -> None:
    check_blotted("mQbKvTzLrWnPxGsDfHjYcRtVbNaZqEwUoIpLkJhGfDs")


def check_blotted(secret: str) -> None:
    assert len(secret) == 43
    told = formatted(f"Not Found: /my/{secret}/", LookupError(f"no row for '{secret}'"))
    assert secret not in told
    assert "LookupError: no row for '…'" in told


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
    logs: Any = settings.LOGGING
    assert logs["formatters"]["line"]["class"] == "hemicycle.site.logs.Line"
    assert logs["handlers"]["stderr"]["formatter"] == "line"
