"""Lines of the log: as text or as JSON, without secrets.

A reader of a log must not be able to open a page with it. A line of JSON has a fixed set of keys:
other attributes that a library adds to a record (`extra`), such as a whole request, are left out.
"""

import ipaddress
import json
import logging
import re
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, override
from uuid import uuid4

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FORMATS: Final = ("text", "json")
TEXT: Final = "%(levelname)s %(name)s: %(message)s"
REQUEST_ID: Final = "X-Request-Id"

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the present request; "" outside of a request."""

_IN_ADDRESS = re.compile(r"(?<=[/=])[A-Za-z0-9_:.-]{40,}")
"""A link's secret (43 characters) or a feed's token in an address; ids of rows are shorter."""
_BARE = re.compile(r"(?<![A-Za-z0-9_-])(?:hem_)?[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
"""A secret anywhere else, for example in the text of an exception."""
_WORD = re.compile(r"[a-z0-9_-]+|[A-Z0-9_-]+")
"""A name in the code may be as long as a secret, but a secret has letters of both cases."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,39}")
"""A permitted id from a proxy: it is shorter than any secret of ours."""

_process = "hemicycle"


# ── Lines ─────────────────────────────────────────────────────────────────────────────────────
class TextFormatter(logging.Formatter):
    """Formats a record as a line, with the traceback below it, without secrets."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return blot(super().format(record))


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object per line (`docs/watching.md`), without secrets."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        told: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            "process": _process,
            "pid": record.process,
            "exception": self._traceback(record),
        }
        # Before the conversion to JSON: in JSON, the "n" of an escaped line break would hide where
        # a secret begins.
        clean = {key: blot(it) if isinstance(it, str) else it for key, it in told.items() if it}
        return json.dumps(clean)

    def _traceback(self, record: logging.LogRecord) -> str:
        parts = [record.stack_info or ""]
        if record.exc_info:
            parts.insert(0, self.formatException(record.exc_info))
        return "\n".join(filter(None, parts))


def formatter(format_: str) -> logging.Formatter:
    """Return the formatter for "text" or "json"."""
    return JsonFormatter() if format_ == "json" else TextFormatter(TEXT)


def parse_format(raw: str) -> str:
    """Return the format that a setting names; raise `ValueError` with the permitted values."""
    if raw not in FORMATS:
        raise ValueError("it must be text or json")
    return raw


def name_process(name: str) -> None:
    """Set the name of this process in its log lines: the command that started it."""
    global _process  # noqa: PLW0603 - one for each process
    _process = name


def process_name() -> str:
    """Return the name of this process, as `name_process` has set it."""
    return _process


def set_up(level: str, format_: str, *others: logging.Handler) -> None:
    """Write this process's log to standard error, in a process without Django's settings.

    The handlers in `others` also receive its records.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(format_))
    logging.basicConfig(level=level, handlers=[handler, *others])


def blot(line: str) -> str:
    """Return the line with each secret replaced by an ellipsis."""
    return _BARE.sub(_unless_a_word, _IN_ADDRESS.sub("…", line))


def _unless_a_word(found: re.Match[str]) -> str:
    text = found[0]
    return text if _WORD.fullmatch(text) else "…"


# ── Ids of requests ───────────────────────────────────────────────────────────────────────────
class RequestIds:
    """Gives each request an id: the one from a trusted proxy, or a new one."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._trusted = tuple(ipaddress.ip_network(network) for network in trusted)

    def begin(self, peer: str, given: str) -> str:
        """Choose the id of a request, add it to its lines in the log, and return it.

        `peer` is the address of the connection, `given` the value of `X-Request-Id`, or "".
        """
        trusted = _ID.fullmatch(given) is not None and _is_among(peer, self._trusted)
        chosen = given if trusted else uuid4().hex
        request_id.set(chosen)
        return chosen


@lru_cache(maxsize=4096)
def _is_among(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(found in network for network in networks)
