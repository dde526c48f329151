"""Reading typed variables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from hemicycle.site import env

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}


@pytest.fixture(autouse=True)
def _declarations_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "DECLARED", dict(env.DECLARED))


def read(monkeypatch: pytest.MonkeyPatch, raw: str, reader: Callable[[str], Any]) -> Any:
    """Return the result of `reader` for the variable HEMICYCLE_X with the value `raw`."""
    monkeypatch.setenv("HEMICYCLE_X", raw)
    return reader("X")


def smtp(host: str, port: int, user: str = "", word: str = "", tls: str = "required") -> Any:
    """Return a mail server in the form in which the settings have it."""
    return {"host": host, "port": port, "user": user, "password": word, "tls": tls}


@pytest.mark.parametrize(
    ("raw", "reader", "value"),
    [
        ("Yes", lambda name: env.flag(name, default=False), True),
        ("0", lambda name: env.flag(name, default=True), False),
        ("", lambda name: env.flag(name, default=True), True),
        ("12", lambda name: env.number(name, 3), 12),
        (" a, b ,,c ", lambda name: env.words(name, ""), ["a", "b", "c"]),
        ("/srv/data", lambda name: env.path(name, "var"), Path("/srv/data")),
        ("", lambda name: env.path(name, "var"), Path.cwd() / "var"),
        ("https://h.example:8443/", lambda name: env.origin(name, ""), "https://h.example:8443"),
        (
            "sqlite:////srv/db%20one.sqlite3",
            lambda name: env.database(name, ""),
            {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": Path("/srv/db one.sqlite3"),
                "CONN_MAX_AGE": None,
                "OPTIONS": SQLITE_OPTIONS,
            },
        ),
        (
            "postgresql://me:s%40cret@db.example:6432/hearing?sslmode=require",
            lambda name: env.database(name, ""),
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "hearing",
                "USER": "me",
                "PASSWORD": "s@cret",
                "HOST": "db.example",
                "PORT": "6432",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        ("", env.smtp, None),
        ("smtp://mail.example:25", env.smtp, smtp("mail.example", 25, tls="offered")),
        ("smtp://me:s%40cret@h.example", env.smtp, smtp("h.example", 587, "me", "s@cret")),
        ("smtps://h.example", env.smtp, smtp("h.example", 465, tls="implicit")),
        ("smtp://h.example?tls=never", env.smtp, smtp("h.example", 587, tls="never")),
        ("post@h.example", lambda name: env.address(name, ""), "post@h.example"),
        ("", env.certificates, None),
        ('{"key": 1}', env.options, {"key": 1}),
    ],
)
def test_values_are_read(
    raw: str, reader: Callable[[str], Any], value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(monkeypatch, raw, reader) == value


@pytest.mark.parametrize(
    ("raw", "reader", "sentence"),
    [
        ("2", lambda name: env.flag(name, default=False), "it must be 1, true or yes, or 0"),
        ("-1", lambda name: env.number(name, 3), "it must be a whole number, 0 or more"),
        ("0", lambda name: env.number(name, 3, least=1), "it must be a whole number, 1 or more"),
        ("٣", lambda name: env.number(name, 3), "it must be a whole number"),
        ("hearing.example", lambda name: env.origin(name, ""), "it must begin with http://"),
        ("https://h.example/a", lambda name: env.origin(name, ""), "without a path"),
        ("mysql://h/x", lambda name: env.database(name, ""), "sqlite:/// or postgresql://"),
        ("sqlite://", lambda name: env.database(name, ""), "it must name a file"),
        ("postgresql://h", lambda name: env.database(name, ""), "it must name a database"),
        ("mail.example:25", env.smtp, "it must begin with smtp:// or smtps://"),
        ("smtp://h.example?tls=maybe", env.smtp, "tls=required"),
        ("smtp://h.example/inbox", env.smtp, "it must end after the port"),
        ("Post <post@h.example>", lambda name: env.address(name, ""), "one e-mail address"),
        ("/nowhere/ca.pem", env.certificates, "it must be a PEM file"),
        (__file__, env.certificates, "it must be a PEM file"),
        ("[1]", env.options, "it must be a JSON object"),
        ("{", env.options, "it must be a JSON object"),
        ("postgresql://h/x?colour=red", lambda name: env.database(name, ""), "colour"),
    ],
)
def test_wrong_values_are_refused_with_a_sentence(
    raw: str, reader: Callable[[str], Any], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(monkeypatch, raw, reader)
    assert str(refused.value).startswith(f"HEMICYCLE_X is {raw!r}: ")
    assert sentence in str(refused.value)


def test_a_stranger_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="HEMICYCLE_ZEBRA is not a setting"):
        env.no_strangers(["HOME", "HEMICYCLE_DEBUG", "HEMICYCLE_ZEBRA"])
