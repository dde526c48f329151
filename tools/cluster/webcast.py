"""The webcast in the object store, fetched by HTTP as viewers do, without the media machines."""

import re
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from hemicycle.engine.hls import playlists
from tools.cluster.programs import wait_for

GOES_ON_S = 30.0
"""How long new segments may take to appear in the list of a live webcast, in seconds."""
WHOLE_S = 60.0
"""How long a media machine may take to store segments after the store was down, in seconds."""
PICTURE = "video.m3u8"
CHANNEL = re.compile(r'URI="([^"]+\.m3u8)"|^([^#\s]+\.m3u8)$', re.MULTILINE)


class PublicWebcast:
    """The webcast of a meeting at its public address in the store."""

    def __init__(self, address: str, hearing: str, meeting: str) -> None:
        self._address = f"{address}/{hearing}/{meeting}"

    def goes_on(self) -> bool:
        """Return whether new segments appear within `GOES_ON_S`."""
        before = len(self.listed(PICTURE))
        try:
            wait_for("new segments", lambda: len(self.listed(PICTURE)) > before, GOES_ON_S)
        except TimeoutError:
            return False
        return True

    def is_whole(self) -> bool:
        """Return whether the store has each segment that a list names, within `WHOLE_S`."""
        try:
            wait_for("all segments", self._lacks_nothing, WHOLE_S)
        except TimeoutError:
            return False
        return True

    def listed(self, name: str) -> list[playlists.ListedSegment]:
        """Return the segments that a list names."""
        return playlists.read(self._read(name))

    def runs(self) -> int:
        """Return by how many runs of an engine the webcast was made.

        There is a discontinuity between two runs.
        """
        found = self._read(PICTURE)
        return found.count("#EXT-X-DISCONTINUITY\n") + 1

    def _lacks_nothing(self) -> bool:
        return all(self._is_there(name) for name in self.segments())

    def segments(self) -> set[str]:
        """Return the names of the segments in all lists, without gaps."""
        master = self._read("master.m3u8")
        lists = {uri or line for uri, line in CHANNEL.findall(master)}
        listed = [segment for name in lists for segment in self.listed(name)]
        return {segment.name for segment in listed if "#EXT-X-GAP" not in segment.after}

    def _is_there(self, name: str) -> bool:
        return self._answer(name, "HEAD") is not None

    def _read(self, name: str) -> str:
        """Return the text of a list, or "" if it does not exist."""
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
