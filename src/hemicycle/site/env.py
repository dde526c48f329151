"""Typed settings from `settings_sources`; an invalid one stops the start.

Each reader takes a variable's name without the prefix `HEMICYCLE_`, and its default. `DECLARED` has
all variables that were read, so that a test can compare them with `docs/settings.md`, and
`no_strangers` refuses variables that nothing reads, which are usually misspelt.
"""

import ipaddress
import json
import os
import ssl
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from hemicycle import settings_sources as sources
from hemicycle.engine import settings as media_settings
from hemicycle.engine.secret import make_private
from hemicycle.settings_sources import Given, WrongSetting
from hemicycle.settings_table import PREFIX

PACKAGE_DIR = Path(__file__).parents[1]
DECLARED: dict[str, str] = {}
"""Each variable read so far, by its full name, with its default as text."""

_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def text(name: str, default: str) -> str:
    """Return a plain string."""
    return _read(name, default, str)


def lines(name: str) -> list[str]:
    """Return the words of a text, split at blanks and line breaks."""
    return _read(name, "", str.split)


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no: 1, true, yes, 0, false or no, in any case."""
    return _read(name, "1" if default else "0", _flag)


def number(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """Return a whole number from `least` to `most`."""
    return _read(name, str(default), lambda raw: _number(raw, least, most))


def words(name: str, default: str) -> list[str]:
    """Return the items of a list separated by commas; blanks around items are dropped."""
    return _read(
        name, default, lambda raw: [item for item in map(str.strip, raw.split(",")) if item]
    )


def choices(name: str, default: str, known: set[str]) -> set[str]:
    """Return one or more of the `known` words, separated by commas."""
    return _read(name, default, lambda raw: _choices(raw, known))


def networks(name: str, default: str) -> list[str]:
    """Return IP addresses and networks, separated by commas."""
    return _read(name, default, _networks)


def path(name: str, default: str) -> Path:
    """Return a path, made absolute from the current directory."""
    return _read(name, default, lambda raw: Path(raw).expanduser().absolute())


def origin(name: str, default: str) -> str:
    """Return the origin of a site: `http://host[:port]` or `https://host[:port]`, no path."""
    return _read(name, default, _origin)


def place(name: str, default: str) -> str:
    """Return a prefix of addresses: `https://host[:port]/path`, or a path on this site."""
    return _read(name, default, _place)


def parsed[T](name: str, default: str, parse: Callable[[str], T]) -> T:
    """Return the result of `parse`, which raises `ValueError` with a sentence that says how to
    correct the value.
    """
    return _read(name, default, parse)


def database(name: str, default: str) -> dict[str, Any]:
    """Return Django's settings of a database.

    The address is `sqlite:///path/to/file` or `postgresql://user:password@host/name?option=value`.
    """
    return _read(name, default, _database)


def smtp(name: str) -> dict[str, Any] | None:
    """Return a mail server, `smtp://user:password@host:587` or `smtps://host`; None if unset.

    `tls` becomes "implicit", "required", "offered" (used if the server offers it) or "never". A
    password is never sent over an unsecured connection unless the address has `?tls=never`.
    """
    return _read(name, "", lambda raw: _smtp(raw) if raw else None)


def address(name: str, default: str) -> str:
    """Return an e-mail address, or "" for none."""
    return _read(name, default, _address)


def certificates(name: str) -> Path | None:
    """Return the path of a PEM file of trusted certificates, or None if unset."""
    return _read(name, "", lambda raw: _certificates(raw) if raw else None)


def options(name: str) -> dict[str, Any]:
    """Return a JSON object of options."""
    return _read(name, "{}", _options)


def all_given() -> Given:
    """Return all settings that were given to this process, by variable."""
    try:
        return sources.given()
    except WrongSetting as error:
        raise ImproperlyConfigured(str(error)) from error


def settings_file() -> Path | None:
    """Return the settings file that was read, or None."""
    DECLARED[sources.SETTINGS_FILE] = ""
    return all_given().file


def media_engine() -> media_settings.Settings:
    """Return the media engine's settings, read by the same code as in the engine."""
    DECLARED.update({name: default for name, (default, _) in media_settings.VARIABLES.items()})
    try:
        return media_settings.read(os.environ)
    except WrongSetting as error:
        raise ImproperlyConfigured(str(error)) from error


def private_folder(name: str, default: str) -> Path:
    """Return the path of a folder, which is created and made private; see `engine.secret`."""
    folder = path(name, default)
    try:
        make_private(folder)
    except PermissionError as error:
        raise ImproperlyConfigured(str(error)) from error
    return folder


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def no_strangers(environ: Iterable[str] | None = None) -> None:
    """Refuse variables that have our prefix and that no setting has read."""
    if sentence := sources.unknown(os.environ if environ is None else environ):
        raise ImproperlyConfigured(sentence)


def _read[T](name: str, default: str, parse: Callable[[str], T]) -> T:
    full = PREFIX + name
    DECLARED[full] = default
    given = all_given()
    raw = given.get(full, default)
    try:
        return parse(raw)
    except ValueError as error:
        raise ImproperlyConfigured(str(given.wrong(full, raw, error))) from error


def _flag(raw: str) -> bool:
    if raw.lower() not in _FLAGS:
        raise ValueError("it must be 1, true or yes, or 0, false or no")
    return _FLAGS[raw.lower()]


def _number(raw: str, least: int, most: int | None) -> int:
    fits = raw.isascii() and raw.isdigit() and least <= int(raw) <= (most or int(raw))
    if not fits and most is not None:
        raise ValueError(f"it must be a whole number from {least} to {most}")
    if not fits:
        raise ValueError(f"it must be a whole number, {least} or more")
    return int(raw)


def _choices(raw: str, known: set[str]) -> set[str]:
    given = {item for item in map(str.strip, raw.split(",")) if item}
    if not given <= known:
        raise ValueError(f"it takes {', '.join(sorted(known))}, separated by commas")
    return given


def _networks(raw: str) -> list[str]:
    given = [item for item in map(str.strip, raw.split(",")) if item]
    for item in given:
        try:
            ipaddress.ip_network(item)
        except ValueError:
            raise ValueError(f"{item} is no IP address and no network") from None
    return given


def _origin(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it must begin with http:// or https:// and name a host")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("it must be the address of a whole site, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _place(raw: str) -> str:
    parts = urlsplit(raw)
    elsewhere = parts.scheme in {"http", "https"} and parts.hostname
    if parts.query or parts.fragment or not (elsewhere or raw.startswith("/")):
        raise ValueError("it must begin with http:// or https:// and a host, or with a slash")
    return raw.rstrip("/")


def web_address(raw: str) -> str:
    """Return an http or https address, or "" if unset; raise `ValueError` with a sentence that says
    how to correct it.
    """
    parts = urlsplit(raw)
    if raw and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("it must begin with http:// or https:// and name a host")
    return raw


def _smtp(raw: str) -> dict[str, Any]:
    parts = urlsplit(raw)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("it must begin with smtp:// or smtps:// and name a host")
    if parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("it must end after the port, but for ?tls=required or ?tls=never")
    wanted = parts.query.removeprefix("tls=") if parts.query else ""
    if parts.query and wanted not in {"required", "offered", "never"}:
        raise ValueError("after a ? it takes tls=required, tls=offered or tls=never")
    usual = "required" if parts.username else "offered"
    return {
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "tls": "implicit" if parts.scheme == "smtps" else wanted or usual,
    }


def _address(raw: str) -> str:
    box, at, domain = raw.rpartition("@")
    if raw and (not at or not box or not domain or not raw.isascii() or set(raw) & set(" <>,;")):
        raise ValueError("it must be one e-mail address in Latin letters, without a name")
    return raw


def _certificates(raw: str) -> Path:
    file = Path(raw).expanduser().absolute()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(
            "it must be a PEM file that can be read and holds a certificate"
        ) from error
    return file


def _options(raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except json.JSONDecodeError as error:
        raise ValueError(f"it must be a JSON object ({error})") from error
    if not isinstance(found, dict):
        raise ValueError(  # noqa: TRY004 - the reader of settings catches this one
            'it must be a JSON object, such as {"api_key": "…"}'
        )
    return found


def _database(raw: str) -> dict[str, Any]:
    scheme = urlsplit(raw).scheme
    if scheme == "sqlite":
        return _sqlite(raw)
    if scheme in {"postgresql", "postgres"}:
        return _postgresql(raw)
    raise ValueError("it must begin with sqlite:/// or postgresql://")


def _sqlite(raw: str) -> dict[str, Any]:
    file = unquote(raw.removeprefix("sqlite://").removeprefix("/"))
    if not file:
        raise ValueError("it must name a file, as in sqlite:///var/db.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(file).absolute(),
        "CONN_MAX_AGE": None,  # a thread keeps its connection: a new one costs more than a page
        "OPTIONS": {
            # A writer waits at its start; a deferred one may find the database locked midway.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # An acknowledged entry must survive a power cut, so every commit is synced.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def postgresql_parameters(raw: str) -> dict[str, Any]:
    """Return libpq's parameters from a `postgresql://` address, {} if unset; raise `ValueError`
    with a sentence that says how to correct it.
    """
    if not raw:
        return {}
    if urlsplit(raw).scheme not in {"postgresql", "postgres"}:
        raise ValueError("it must begin with postgresql://")
    from psycopg import ProgrammingError  # only where PostgreSQL is used
    from psycopg.conninfo import conninfo_to_dict

    try:
        return dict(conninfo_to_dict(raw))
    except ProgrammingError as error:
        raise ValueError(str(error).strip().rstrip(".")) from error


def _postgresql(raw: str) -> dict[str, Any]:
    options = postgresql_parameters(raw)
    if "dbname" not in options:
        raise ValueError("it must name a database, as in postgresql://host/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname"),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
    }
