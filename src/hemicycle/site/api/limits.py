"""Limits of requests per minute: by token, or by network if there is none.

The window is fixed, and `people.limits` counts across all processes. The headers
`RateLimit-Policy` and `RateLimit` of the IETF draft on rate limits give the remaining number.
"""

from dataclasses import dataclass

from django.http import HttpRequest

from hemicycle.hearing.people import limits
from hemicycle.record import clock

WINDOW_S = 60
FOR_TOKEN = 600
FOR_ADDRESS = 120
FOR_FREE = 1_000_000
"""The limit for callers from a network that the settings exempt from limits."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The remaining requests of one caller in this window."""

    most: int
    left: int
    reset_s: int

    @property
    def is_spent(self) -> bool:
        """Whether this request exceeded the limit."""
        return self.left < 0

    def headers(self) -> dict[str, str]:
        """Return the rate limit headers."""
        told = {
            "RateLimit-Policy": f'"requests";q={self.most};w={WINDOW_S}',
            "RateLimit": f'"requests";r={max(0, self.left)};t={self.reset_s}',
        }
        return {**told, "Retry-After": str(self.reset_s)} if self.is_spent else told


def count(request: HttpRequest, caller: str, most: int) -> Allowance:
    """Count one request of a caller, who may send `most` per window; return the allowance."""
    if limits.is_free(limits.network_of(request)):
        most = FOR_FREE
    window, into = divmod(clock.now_ms() // 1000, WINDOW_S)
    ends_ms = (window + 1) * WINDOW_S * 1000
    used = limits.count("api", caller, most=most, until_ms=ends_ms).used
    return Allowance(most, most - used, WINDOW_S - into)
