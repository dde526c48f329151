"""The only clock. Code that needs the time asks this module; a rehearsal installs a virtual one.

`using` installs another clock for the current context (thread, task or `with` block), so that a
whole day can be played in a minute and a test can run at 16:59:59.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from hemicycle import shared_clock

Clock = Callable[[], int]
"""A function that returns the time in milliseconds since the Unix epoch."""


def wall() -> int:
    """Return the time of the site, on which all its machines agree, in ms since the Unix epoch."""
    return shared_clock.now_ms()


_clock: ContextVar[Clock] = ContextVar("clock", default=wall)


def now_ms() -> int:
    """Return the current time in milliseconds since the Unix epoch."""
    return _clock.get()()


def now() -> datetime:
    """Return the current time as an aware datetime in UTC, exact to the millisecond."""
    return from_ms(now_ms())


def from_ms(ms: int) -> datetime:
    """Return the aware UTC datetime of `ms` milliseconds since the Unix epoch."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def to_ms(moment: datetime) -> int:
    """Return an aware datetime as milliseconds since the Unix epoch, rounded down."""
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * 1000 + moment.microsecond // 1000


@contextmanager
def using(clock: Clock) -> Iterator[None]:
    """Use `clock` inside the block."""
    token = _clock.set(clock)
    try:
        yield
    finally:
        _clock.reset(token)


class Virtual:
    """A clock that stands still until it is moved; it never moves backwards."""

    def __init__(self, start_ms: int) -> None:
        self._now = start_ms

    def __call__(self) -> int:
        return self._now

    def advance(self, by_ms: int) -> None:
        """Move forward by `by_ms` milliseconds (zero or more)."""
        self._now += max(0, by_ms)

    def move_to(self, at_ms: int) -> None:
        """Move forward to `at_ms`; do nothing if the clock is past that time."""
        self._now = max(self._now, at_ms)
