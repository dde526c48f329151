"""PURE: how long caches may keep the webcast, and which requests they can treat as the same.

Most viewers are served by caches: a proxy before the engine, a content delivery network, an object
store. The engine's load must not grow with them, and a cut must reach them.

*How long.* RFC 8216bis (appendix B.1) has caches keep the answer to a blocking request for six
target durations and any other list for half of one. The bytes under a name never change, so a
browser may keep a segment forever. A shared cache must not: a cut withdraws names, and such a cache
would continue to serve their files. So shared caches ask again after `SHARED_S` (`s-maxage`), which
costs them an answer without a body (304), and get a 404 for a removed file. Refusals are kept for a
moment, so that a missing name does not bring each player to the engine.

*The same request.* A cache distinguishes requests by their whole address. Each list has exactly one
spelling for each thing that players ask for, and the engine refuses all others. Otherwise a
stranger could request one list by a million addresses, past every cache.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

from hemicycle.engine.hls import playlists

TARGET_S = playlists.TARGET_S
SHARED_S = 60
"""The longest time that a shared cache serves a removed file, in seconds."""

FOR_BLOCKING = f"public, max-age={6 * TARGET_S}"
"""For a list requested by its next segment or part; also for parts, which lists name that long."""
FOR_LIVE = f"public, max-age={max(TARGET_S // 2, 1)}"
"""For the newest list, and small files about the whole webcast, while the webcast runs."""
FOR_ENDED = "public, max-age=10"
"""For lists and small files of a webcast that is over: only a cut changes them."""
FOR_BYTES = f"public, max-age=31536000, s-maxage={SHARED_S}, immutable"
"""For segments, init segments, captions and downloads."""
FOR_REFUSAL = "public, max-age=1"

OLD_SEGMENTS = 6
"""A player whose next segment is this many segments behind is redirected to the list without a
number: it would get the same list by an address that no other player requests.
"""
MOST_PARTS = 16
"""A limit for the number of a part: no segment has so many."""

_NUMBER = "0|[1-9][0-9]{0,7}"
_RELOAD = re.compile(
    f"(?:_HLS_msn=(?P<msn>{_NUMBER})(?:&_HLS_part=(?P<part>{_NUMBER}))?(?P<more>&)?)?"
    "(?P<skip>_HLS_skip=(?:YES|v2))?"
)


class OtherSpelling(ValueError):
    """Raised for a query that no player sends."""


@dataclass(frozen=True, slots=True)
class Reload:
    """A player's request for a list (RFC 8216bis §6.2.5): wait for segment `msn`, or for its
    `part`, and `skip` the segments that the player has.
    """

    msn: int | None = None
    part: int | None = None
    skip: bool = False

    @classmethod
    def read(cls, query: str) -> "Reload":
        """Read a raw query. Raises `OtherSpelling` unless it has the one permitted spelling."""
        found = _RELOAD.fullmatch(query)
        if found is None or bool(found["more"]) != bool(found["msn"] and found["skip"]):
            raise OtherSpelling
        msn, part = (None if one is None else int(one) for one in (found["msn"], found["part"]))
        if part is not None and part >= MOST_PARTS:
            raise OtherSpelling
        return cls(msn, part, found["skip"] is not None)


def of_file(name: str, *, ended: bool) -> str:
    """Return the `Cache-Control` of a file in the folder; `ended` says if the webcast is over."""
    if PurePath(name).suffix not in {".m3u8", ".json"}:
        return FOR_BYTES
    return FOR_ENDED if ended else FOR_LIVE
