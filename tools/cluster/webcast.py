"""The webcast in the object store, as its viewers find it: by HTTP, without the media machines."""

import re
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from hemicycle.engine.hls import playlists
from tools.cluster.programs import wait_for

GOES_ON_S = 30.0
"""In this time, the list of a webcast that goes on has more segments."""
WHOLE_S = 60.0
"""In this time, a media machine has sent what it could not send while the store was away."""
PICTURE = "video.m3u8"
CHANNEL = re.compile(r'URI="([^"]+\.m3u8)"|^([^#\s]+\.m3u8)$', re.MULTILINE)


class PublicWebcast:
    """The webcast of a meeting at the address at which the store serves it to everybody."""

    def __init__(self, address: str, hearing: str, meeting: str) -> None:
        self._address = f"{address}/{hearing}/{meeting}"

    def goes_on(self) -> bool:
        """Whether new segments appear."""
        before = len(self.listed(PICTURE))
        try:
            wait_for("new segments", lambda: len(self.listed(PICTURE)) > before, GOES_ON_S)
        except TimeoutError:
            return False
        return True

    def is_whole(self) -> bool:
        """Whether each segment that a list names is there, after a while at the latest."""
        try:
            wait_for("all segments", self._lacks_nothing, WHOLE_S)
        except TimeoutError:
            return False
        return True

    def listed(self, name: str) -> list[playlists.ListedSegment]:
        """Return the segments that a list names."""
        return playlists.read(self._read(name))

    def runs(self) -> int:
        """Return how many runs of an engine made it: a discontinuity lies between two."""
        found = self._read(PICTURE)
        return found.count("#EXT-X-DISCONTINUITY\n") + 1

    def _lacks_nothing(self) -> bool:
        return all(self._is_there(name) for name in self.segments())

    def segments(self) -> set[str]:
        """Return the names of the segments of all lists; a gap has none."""
        master = self._read("master.m3u8")
        lists = {uri or line for uri, line in CHANNEL.findall(master)}
        listed = [segment for name in lists for segment in self.listed(name)]
        return {segment.name for segment in listed if "#EXT-X-GAP" not in segment.after}

    def _is_there(self, name: str) -> bool:
        return self._answer(name, "HEAD") is not None

    def _read(self, name: str) -> str:
        """Return a list; "" where there is none."""
        return (self._answer(name, "GET") or b"").decode()

    def _answer(self, name: str, method: str) -> bytes | None:
        asked = Request(f"{self._address}/{quote(name)}", method=method)  # noqa: S310 - our own
        try:
            with urlopen(asked, timeout=10) as answer:  # noqa: S310 - our own store
                return bytes(answer.read())
        except HTTPError as error:
            if error.code == 404:
                return None
            raise
