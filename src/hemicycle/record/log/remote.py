"""A hearing's published log: its checkpoint, its tiles, and the address for cosignatures.

All reads are limited in size and time. The caller must check what it gets: nothing that is read
here is a proof by itself. Standard library only.
"""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from hemicycle.record.log import tiles
from hemicycle.record.log.merkle import HASH_BYTES, Read
from hemicycle.record.log.tiles import InvalidTile, TilePath
from hemicycle.record.speech import gettext as _

MOST_CHECKPOINT = 16_384
"""The most bytes of a checkpoint with its cosignatures."""
MOST_DOCUMENT = 65_536
MOST_ANSWER = 2_000
TIMEOUT_S = 20.0


class LogUnreachable(Exception):
    """A log that did not answer as specified; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class FetchedCheckpoint:
    """A checkpoint as it was read, and the time that its server gave, if any."""

    note: str
    server_time: datetime | None


class RemoteLog:
    """The log whose addresses begin with `prefix`, such as ``https://hearing.example/h/x/log``."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix.rstrip("/")
        parts = urlsplit(self.prefix)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            said = _("%(address)s is not a web address; it must begin with https://.")
            raise LogUnreachable(said % {"address": prefix})

    def checkpoint(self) -> FetchedCheckpoint:
        """Return the newest checkpoint; raise `LogUnreachable`."""
        body, told = self._get("checkpoint", MOST_CHECKPOINT)
        try:
            return FetchedCheckpoint(body.decode("utf-8"), _moment(told))
        except UnicodeDecodeError as error:
            said = _("The answer at %(address)s is not text.")
            raise LogUnreachable(said % {"address": f"{self.prefix}/checkpoint"}) from error

    def document(self, path: str) -> dict[str, Any]:
        """Return a JSON object, such as a proof; raise `LogUnreachable` for anything else."""
        try:
            document = json.loads(self._get(path, MOST_DOCUMENT)[0])
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            said = _("The answer at %(address)s cannot be read.")
            raise LogUnreachable(said % {"address": f"{self.prefix}/{path}"})
        return document

    def reader(self, size: int) -> Read:
        """Return a reader of nodes of the tree with `size` leaves; it fetches each tile once.

        It raises `LogUnreachable`, also for a truncated tile.
        """
        return tiles.reader(lambda level, number: self._tile(level, number, size))

    def _tile(self, level: int, number: int, size: int) -> list[bytes]:
        wanted = TilePath(level, number, tiles.width_at(level, number, size))
        body, _told = self._get(f"tile/{wanted}", tiles.WIDTH * HASH_BYTES)
        try:
            return tiles.split(body, wanted.width)
        except InvalidTile as error:
            said = _("%(address)s is incomplete: %(why)s.")
            told = {"address": f"{self.prefix}/tile/{wanted}", "why": error}
            raise LogUnreachable(said % told) from error

    def deliver(self, note: str) -> tuple[int, str]:
        """Send a cosigned checkpoint to the hearing; return the answer's HTTP status and text."""
        request = urllib.request.Request(  # noqa: S310 - http and https alone, see __init__
            f"{self.prefix}/cosignatures",
            data=note.encode(),
            headers={"Content-Type": "text/plain; charset=utf-8"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                return answer.status, _text(answer.read(MOST_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _text(error.read(MOST_ANSWER))
        except (OSError, HTTPException, ValueError) as error:
            raise LogUnreachable(f"{self.prefix} cannot be reached ({error}).") from error

    def _get(self, path: str, most: int) -> tuple[bytes, str]:
        url = f"{self.prefix}/{path}"
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310
                body = answer.read(most + 1)
                told = answer.headers.get("Date", "")
        except urllib.error.HTTPError as error:
            with error:
                said = _("%(address)s answers with status %(status)s.")
                raise LogUnreachable(said % {"address": url, "status": error.code}) from error
        except (OSError, HTTPException, ValueError) as error:
            said = _("%(address)s cannot be read (%(error)s).")
            raise LogUnreachable(said % {"address": url, "error": error}) from error
        if len(body) > most:
            said = _("%(address)s sends more than %(most)s bytes.")
            raise LogUnreachable(said % {"address": url, "most": most})
        return body, told


def _moment(told: str) -> datetime | None:
    try:
        return parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return None


def _text(body: bytes) -> str:
    """Return a server's text on one line and without terminal control characters."""
    words = body.decode("utf-8", "replace")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
