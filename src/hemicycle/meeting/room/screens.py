"""Compare the clocks that screens report with the server's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from typing import Any

from django.core import signing

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room.models import Screen
from hemicycle.meeting.state.meeting_view import current_meeting
from hemicycle.procedure.clock import shown_clock
from hemicycle.procedure.state import Floor
from hemicycle.record import clock
from hemicycle.ui import screen_passes
from hemicycle.ui.screen_passes import ScreenPass

ALLOWED_MS = 50.0
"""The maximum deviation of a connected screen's clock from the server's, in ms."""

SILENT_AFTER = timedelta(seconds=35)
"""A screen that has not reported for this long counts as disconnected."""

FORGOTTEN_AFTER = timedelta(minutes=30)
KINDS = frozenset({"console", "hall", "seat", "booth"})
MOST_HALLS = 200
"""The maximum number of hall screens, whose page is public; other screens need access."""


class ForeignScreen(Exception):
    """The report has no valid pass for a screen of this hearing."""


class TooManyScreens(Exception):
    """The hall has the maximum number of screens already."""


def report(*, hearing: Hearing, data: Mapping[str, Any]) -> Screen:
    """Save a screen's report under the pass that its page was given (`ui.screen_passes`).

    Raises `ValueError`, `TypeError` or `KeyError` for a malformed report, `ForeignScreen` for an
    invalid pass or one of another hearing, and `TooManyScreens`.

    A report may be delayed, so its time of arrival says nothing about the screen's clock. The
    screen has measured the difference between the clocks before (`offset_ms`, accurate to
    `uncertainty_ms`). What it showed (`shown_left_ms`) is compared with what it should have shown
    at that time.
    """
    now = clock.now()
    at, shown = _number(data["server_now_estimate_ms"]), data.get("shown_left_ms")
    own = _pass_of(hearing, str(data["pass"]))
    kind = own.kind if own.kind in KINDS else "other"
    told = {
        "hearing_id": hearing.id,
        "kind": kind,
        "reported_at": now,
        "offset_ms": _number(data["offset_ms"]),
        "uncertainty_ms": _number(data["uncertainty_ms"]),
        "lag_ms": None if shown is None else _lag(hearing, _number(shown), at),
        "seq": int(_number(data.get("seq", -1))),
    }
    # Two reports of one screen may arrive at once; the first of them creates its row.
    screen, _made = Screen.objects.update_or_create(id=own.id, defaults=told)
    old = Screen.objects.filter(hearing_id=hearing.id, reported_at__lt=now - FORGOTTEN_AFTER)
    old.exclude(kind="seat").delete()  # `seats.sweep` needs a seat's row until it has left the seat
    return screen


def _pass_of(hearing: Hearing, text: str) -> ScreenPass:
    try:
        own = screen_passes.read(text)
    except signing.BadSignature as error:
        raise ForeignScreen from error
    if own.hearing != hearing.id:
        raise ForeignScreen
    halls = Screen.objects.filter(hearing_id=hearing.id, kind="hall")
    if own.kind == "hall" and halls.exclude(pk=own.id).count() >= MOST_HALLS:
        raise TooManyScreens
    return own


def _number(value: Any) -> float:
    number = float(value)
    if not isfinite(number) or abs(number) > 1e15:
        raise ValueError(value)
    return number


def _lag(hearing: Hearing, shown: float, at: float) -> float | None:
    _meeting, floor = current_meeting(hearing.id)
    expected = _left(floor, at)
    return None if expected is None else shown - expected


def _left(floor: Floor, at: float) -> float | None:
    """Return what a clock should show at server time `at`: ms left, negative over the limit."""
    shown = shown_clock(floor)
    if shown is None:
        return None
    running = 0.0 if shown.running_since_ms is None else max(0.0, at - shown.running_since_ms)
    left = shown.limit_ms - shown.used_before_ms - running
    return max(left, -float(shown.grace_ms)) if shown.cuts else left


@dataclass(frozen=True, slots=True)
class Connected:
    """A screen and its `state`, a word of `ui.states`."""

    screen: Screen
    state: str


def connected(hearing: Hearing) -> list[Connected]:
    """Return the screens that reported in the last half hour, including disconnected ones."""
    rows = Screen.objects.filter(hearing_id=hearing.id).order_by("kind", "id")
    return [Connected(row, _state(row)) for row in rows]


def _state(row: Screen) -> str:
    if clock.now() - row.reported_at > SILENT_AFTER:
        return "away"
    offset = max(0.0, abs(row.offset_ms) - row.uncertainty_ms)  # only the part that is certain
    error = offset + abs(row.lag_ms or 0.0)
    return "in_time" if error <= ALLOWED_MS else "out_of_time"
