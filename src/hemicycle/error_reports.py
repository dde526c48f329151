"""Reports of errors to a server with Sentry's protocol, if the settings name one.

A report says only where in the program an error happened: its type, the calls that led to it, the
log's sentence without its values, the process and the id of the request. The message of an error
may contain a name or an address, so it stays in the log, where the id of the request leads to it.
Nothing of requests, people, hearings or this machine is sent.
"""

import logging
from collections.abc import Iterator
from importlib.metadata import version
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, override
from urllib.parse import urlsplit

from hemicycle import logs

if TYPE_CHECKING:
    from sentry_sdk.types import Event

OWN: Final = "hemicycle"
_THEIR_OWN: Final = ("sentry_sdk", "urllib3")
"""Loggers of the sender itself: a report that cannot be sent must not cause another one."""
SHUTDOWN_S: Final = 2
"""The seconds for pending reports at the end of a process."""
MOST_CALLS: Final = 100


def parse_dsn(raw: str) -> str:
    """Return the address of a project, "" if unset; raise `ValueError` with the expected form."""
    parts = urlsplit(raw)
    project = parts.path.rpartition("/")[2]
    whole = parts.scheme in {"http", "https"} and parts.username and parts.hostname
    if raw and not (whole and project.isdecimal()):
        raise ValueError("it must have the form https://KEY@HOST/PROJECT, as Sentry's pages show")
    if raw:
        try:
            import sentry_sdk as _found  # noqa: F401 - checks that it is installed
        except ImportError:
            raise ValueError("it needs a library. Run: pip install 'hemicycle[sentry]'") from None
    return raw


def handlers(dsn: str) -> list["ErrorReports"]:
    """Return the handler for an address; none if it is empty."""
    return [ErrorReports(dsn)] if dsn else []


class ErrorReports(logging.Handler):
    """Sends errors in the log to `dsn`, from a separate thread."""

    def __init__(self, dsn: str) -> None:
        super().__init__(logging.ERROR)
        from sentry_sdk import Client

        # Without integrations, the client collects nothing by itself.
        self._client = Client(
            dsn,
            release=version("hemicycle"),
            server_name="",
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            enable_backpressure_handling=False,
            send_client_reports=False,
            shutdown_timeout=SHUTDOWN_S,
        )

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in _THEIR_OWN:
            return
        try:
            self._client.capture_event(report(record))
        except Exception:  # noqa: BLE001 - a failed report must not stop the caller
            self.handleError(record)

    @override
    def close(self) -> None:
        self._client.close()
        super().close()


def report(record: logging.LogRecord) -> "Event":
    """Return the Sentry event for a log record."""
    error = record.exc_info[1] if record.exc_info else None
    return {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "logentry": {"message": _sentence(record)},
        "exception": {"values": [_described(one) for one in _chain(error)]},
        "tags": {"process": logs.process_name(), "request_id": logs.request_id.get() or "none"},
    }


def _sentence(record: logging.LogRecord) -> str:
    """Return the sentence without its values; omit a library's sentence that has no arguments."""
    is_ours = record.name.partition(".")[0] == OWN
    return str(record.msg) if is_ours or record.args else f"An error of {record.name}"


def _chain(error: BaseException | None) -> list[BaseException]:
    """Return the error and those that led to it, the earliest first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        hidden = error.__suppress_context__
        error = error.__cause__ or (None if hidden else error.__context__)
    return found[::-1]


def _described(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    frames = list(_calls(error.__traceback__))[-MOST_CALLS:]
    return {"type": kind.__qualname__, "module": kind.__module__, "stacktrace": {"frames": frames}}


def _calls(trace: TracebackType | None) -> Iterator[dict[str, Any]]:
    while trace is not None:
        code = trace.tb_frame.f_code
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        yield {
            "module": module,
            "function": code.co_qualname,
            "filename": code.co_filename.rpartition("/")[2],
            "lineno": trace.tb_lineno,
            "in_app": module.partition(".")[0] == OWN,
        }
        trace = trace.tb_next
