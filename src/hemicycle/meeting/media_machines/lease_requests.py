"""Read the engines' requests about leases from JSON, and refuse reports under an old lease."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import JsonResponse

from hemicycle.engine.settings import MACHINE_NAME, site
from hemicycle.meeting.media_machines.lease_rules import LeaseRequest
from hemicycle.procedure.codec import LARGEST_NUMBER

MOST_HEARINGS: Final = 10_000
_HIGHEST_LOAD: Final = 1_000_000
_VERSION_LENGTH: Final = 32
_FOLDER = re.compile(r"[0-9a-f]{32}|")


def read(data: Mapping[str, Any]) -> LeaseRequest:
    """Read an engine's request. Raises ValueError, TypeError or KeyError."""
    name, folder = data["machine"], data["folder"]
    if name and not MACHINE_NAME.fullmatch(name):
        raise ValueError("a machine's name has small letters, digits, dots and hyphens")
    if not _FOLDER.fullmatch(folder):
        raise ValueError("the id of a folder has 32 hexadecimal digits")
    load = data["load"]
    if type(load) is not int or not 0 <= load <= _HIGHEST_LOAD:
        raise ValueError("load is a whole number of percent")
    # The previous version of the engine does not send it, so what it may hold on to is unknown.
    listed_ms = data.get("listed_ms", 0)
    if type(listed_ms) is not int or not 0 <= listed_ms <= LARGEST_NUMBER:
        raise ValueError("listed_ms is a time in milliseconds")
    clock_ahead_ms = data.get("clock_ahead_ms", 0)
    if type(clock_ahead_ms) is not int or abs(clock_ahead_ms) > LARGEST_NUMBER:
        raise ValueError("clock_ahead_ms is a number of milliseconds")
    return LeaseRequest(
        name,
        UUID(hex=data["process"]).hex,
        site(data["url"]),
        folder,
        load,
        listed_ms,
        is_first=data["first"] is True,
        is_leaving=data["leaving"] is True,
        running=_hearings(data["running"]),
        attended=_hearings(data["attended"]),
        version=str(data.get("version", ""))[:_VERSION_LENGTH].replace("\0", ""),
        clock_ahead_ms=clock_ahead_ms,
        behind=_hearings(data.get("behind", [])),
    )


def _hearings(data: Any) -> frozenset[str]:
    if not isinstance(data, list) or len(data) > MOST_HEARINGS:
        raise ValueError(f"a list of at most {MOST_HEARINGS} hearings is needed")
    return frozenset(UUID(hex=hearing).hex for hearing in data)


def epoch(data: Mapping[str, Any]) -> int:
    """Return the epoch in a report, or 0 if it has none. Raises ValueError."""
    found = data.get("epoch", 0)
    if type(found) is not int or not 0 <= found <= LARGEST_NUMBER:
        raise ValueError("an epoch is a whole number")
    return found


def stale() -> JsonResponse:
    """Refuse a report from an engine whose lease has ended."""
    detail = "Another media machine has run the hearing since."
    return JsonResponse({"code": "stale_epoch", "detail": detail}, status=409)
