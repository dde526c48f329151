"""The media playlist of one rendition, as far as it is written."""

from collections.abc import Iterable

from hemicycle.engine.hls import playlists
from hemicycle.engine.hls.playlists import ListedSegment


class MediaPlaylist:
    """The playlist of one track. `before` is written before its next segment."""

    def __init__(
        self, track: str, segments: Iterable[ListedSegment] = (), *, parts: bool = True
    ) -> None:
        self.track = track
        self.segments = list(segments)
        self.parts = parts
        self.before = ""

    @property
    def file(self) -> str:
        """The name of the list's file."""
        return f"{self.track}.m3u8"

    @property
    def seconds(self) -> float:
        """The playlist's length in seconds."""
        return sum(segment.duration for segment in self.segments)

    @property
    def init(self) -> str:
        """The init segment of the last listed segment; "" before the first."""
        named = (
            segment.before for segment in reversed(self.segments) if "#EXT-X-MAP" in segment.before
        )
        return next(named, "").partition('#EXT-X-MAP:URI="')[2].partition('"')[0]

    def begin(self, init: str, wall_ms: float) -> None:
        """Start, or continue from `wall_ms` after a break; `init` is "" if it stays the same."""
        broken = bool(self.segments)
        self.before = playlists.before(init=init, wall_ms=wall_ms, discontinuity=broken)

    def add(self, name: str, duration: float, *, gap: bool, ends_at_ms: float) -> ListedSegment:
        """List a segment; it ends at `ends_at_ms` since the Unix epoch."""
        made = ListedSegment(self.before, playlists.after(name, duration, gap=gap), duration)
        self.segments.append(made)
        stamped = len(self.segments) % playlists.STAMP_EVERY == 0
        self.before = playlists.before(wall_ms=ends_at_ms) if stamped else ""
        return made

    def whole(self, *, ended: bool) -> bytes:
        """Return the list that any file server can serve."""
        return playlists.whole(self.segments, ended=ended).encode()
