"""The playlists of a running meeting, with partial segments and blocking requests.

For the event loop only. Partial segments are kept in memory while a list names them; segments are
files. Each list is made once for all who request it.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from hemicycle.engine.hls import playlists
from hemicycle.engine.hls.caching import OLD_SEGMENTS
from hemicycle.engine.hls.playlists import ListedSegment
from hemicycle.engine.hls.segmenter import EARLY_S, SEGMENT_S, PartialSegment

PARTS_KEPT = 4
"""The newest whole segments whose parts are still listed: three target durations (§4.4.4.9)."""
PATIENCE_S = 3.0 * playlists.TARGET_S
"""The longest time that a request is held, in seconds."""


class SegmentNotReady(Exception):
    """Raised if the requested item did not come in time."""


class SegmentTooFarAhead(ValueError):
    """Raised for a list that is requested more than one segment ahead of the next one."""


class SegmentLongPast(ValueError):
    """Raised if the requested list has been available for `OLD_SEGMENTS` segments or longer."""


@dataclass(slots=True)
class _LivePlaylist:
    """The current list of one rendition."""

    name: str
    parts: bool
    segments: list[ListedSegment] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    recent: deque[tuple[int, str, tuple[str, ...]]] = field(default_factory=deque)
    lasts: float = 0.0
    """The total duration of the parts in `current`, in seconds."""
    next_part: str = ""
    next_before: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    made: dict[bool, bytes] = field(default_factory=dict)

    def reached(self, number: int, index: int | None) -> bool:
        whole = len(self.segments)
        return number < whole or (
            number == whole and index is not None and index < len(self.current)
        )

    def changed(self) -> None:
        # All requests that wait have the old event: it wakes them once, and later requests wait for
        # the new one.
        self.made.clear()
        self.news.set()
        self.news = asyncio.Event()


class LiveWebcast:
    """A running meeting; `run` names this run of the engine (`names.run_name`).

    `files` are the small files about the whole webcast: the master playlists and the metadata.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._tracks: dict[str, _LivePlaylist] = {}
        self._parts: dict[str, bytes] = {}
        self._ended = False
        self._begun = asyncio.Event()
        self.files: dict[str, bytes] = {}

    def open(
        self, track: str, segments: Iterable[ListedSegment], *, parts: bool = True, before: str = ""
    ) -> None:
        """Start a list with segments of earlier runs; `before` is written before the next one."""
        self._tracks[track] = found = _LivePlaylist(
            track, parts, list(segments), next_before=before
        )
        found.next_part = self.part_name(track, len(found.segments), 0)

    def part_name(self, track: str, number: int, index: int) -> str:
        """Return the name of a part; no name is used twice."""
        return f"{track}-{self._run}-{number:06}.{index}.m4s"

    def add_part(self, part: PartialSegment) -> None:
        """Add a part."""
        track = self._tracks[part.track]
        name = self.part_name(part.track, part.number, part.index)
        line = playlists.part(name, part.duration, independent=part.independent)
        if part.data:
            self._parts[name] = part.data
        else:
            line = f"{line.rstrip()},GAP=YES\n"
        track.current.append(line)
        track.lasts += part.duration
        track.next_part = self.part_name(part.track, part.number, part.index + 1)
        track.changed()

    def add_segment(self, name: str, segment: ListedSegment, before: str = "") -> None:
        """Add a whole segment to rendition `name`, after its file is written; `before` is as in
        `open`.
        """
        track = self._tracks[name]
        number = len(track.segments)
        track.segments.append(segment)
        track.recent.append((number, "".join(track.current), tuple(_uris(track.current))))
        track.current = []
        track.lasts = 0.0
        track.next_before = before
        track.next_part = self.part_name(name, number + 1, 0)
        while len(track.recent) > PARTS_KEPT:
            for uri in track.recent.popleft()[2]:
                # Clients that got the previous list may still request these.
                asyncio.get_running_loop().call_later(PATIENCE_S, self._parts.pop, uri, None)
        track.changed()
        if self.ready:
            self._begun.set()

    def replace(self, name: str, segments: Iterable[ListedSegment], number: int) -> None:
        """Replace the segments of a rendition; the parts from segment `number` on are removed.

        Parts of an incomplete segment are listed as a gap (§4.4.4.9).
        """
        track = self._tracks[name]
        track.segments = list(segments)
        parts = [part for recent in track.recent if recent[0] >= number for part in recent[2]]
        for uri in (*parts, *_uris(track.current)):
            self._parts.pop(uri, None)
        track.recent = deque(
            (place, "", ()) if place >= number else (place, lines, uris)
            for place, lines, uris in track.recent
        )
        track.current = [f"{line.rstrip()},GAP=YES\n" for line in track.current]
        track.changed()

    async def part(self, name: str) -> bytes | None:
        """Return a part's bytes, waiting if it is the next one; None for an unknown name."""
        track = self._tracks.get(name.partition(f"-{self._run}-")[0])
        # The list announces the next part (EXT-X-PRELOAD-HINT), so players request it before it
        # exists; the answer is then sent as soon as the part is made.
        if name not in self._parts and track is not None and track.next_part == name:
            await _wait(track.news, PATIENCE_S)
        return self._parts.get(name)

    async def playlist(
        self, name: str, *, number: int | None = None, index: int | None = None, skip: bool = False
    ) -> bytes | None:
        """Return a rendition's list as soon as it has segment `number` (or its part `index`).

        Returns None for an unknown rendition, and after the meeting has ended. Raises
        `SegmentTooFarAhead`, `SegmentLongPast` and `SegmentNotReady`.
        """
        track = self._tracks.get(name)
        if track is not None and number is not None:
            await self._until(track, number, index)
        if track is None or self._ended:
            return None
        # Make each list only once, since thousands of players request it at the same moment.
        if skip not in track.made:
            track.made[skip] = self._text(track, skip=skip).encode()
        return track.made[skip]

    async def _until(self, track: _LivePlaylist, number: int, index: int | None) -> None:
        # The specification permits this refusal (RFC 8216bis §6.2.5.2): otherwise a request would
        # be held for an unknown time.
        if number > len(track.segments) + 1:
            raise SegmentTooFarAhead
        if number < len(track.segments) - OLD_SEGMENTS:
            raise SegmentLongPast
        until = asyncio.get_running_loop().time() + PATIENCE_S
        while not self._ended and not track.reached(number, index):
            left = until - asyncio.get_running_loop().time()
            if left <= 0 or not await _wait(track.news, left):
                raise SegmentNotReady

    def _text(self, track: _LivePlaylist, *, skip: bool) -> str:
        left_out = playlists.skippable(track.segments) if skip else 0
        text = playlists.live_head(parts=track.parts)
        if left_out:
            text += f"#EXT-X-SKIP:SKIPPED-SEGMENTS={left_out}\n"
        parts = {number: lines for number, lines, _ in track.recent}
        older = len(track.segments) - len(parts)
        text += "".join(segment.text for segment in track.segments[left_out:older])
        for number in range(max(older, left_out), len(track.segments)):
            segment = track.segments[number]
            text += segment.before + parts.get(number, "") + segment.after
        if track.parts:
            text += track.next_before + "".join(track.current)
        # Where a segment may end, its next part may never come: with a hint, players would request
        # it.
        if track.parts and track.lasts < SEGMENT_S - EARLY_S:
            text += playlists.hint(track.next_part)
        return text + "".join(self._reports(track))

    def _reports(self, track: _LivePlaylist) -> Iterable[str]:
        for other in self._tracks.values():
            if other is not track and (other.segments or other.current):
                index = len(other.current) - 1
                number = len(other.segments) - (1 if index < 0 else 0)
                yield playlists.report(f"{other.name}.m3u8", number, index)

    def end(self) -> None:
        """End the live lists, and release all waiting requests: from now on the files have
        everything.
        """
        self._ended = True
        self._begun.set()
        for track in self._tracks.values():
            track.changed()

    async def begun(self) -> None:
        """Wait until there is something to play, at most `PATIENCE_S`."""
        if not self.ready:
            await _wait(self._begun, PATIENCE_S)

    @property
    def ready(self) -> bool:
        """Whether every rendition has something to play."""
        return bool(self._tracks) and all(track.segments for track in self._tracks.values())


def _uris(lines: Iterable[str]) -> Iterable[str]:
    return (line.partition('URI="')[2].partition('"')[0] for line in lines)


async def _wait(news: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    return True
