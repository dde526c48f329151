"""What is known of a webcast beside its lists: `meeting.json`, for pages and for a restart."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hemicycle.engine.hls.playlists import AudioChannel, VideoFormat

FILE = "meeting.json"


@dataclass(frozen=True, slots=True)
class RecordedSpan:
    """From `media_ms` of the webcast on it was recorded without a break, from `wall_ms` on."""

    media_ms: int
    wall_ms: int


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A place in the meeting: `at_ms` since the Unix epoch, and what it is called."""

    at_ms: int
    title: str


@dataclass(slots=True)
class WebcastMetadata:
    """`captions` are the languages that have text, `rates` the most bits a second by track;
    `duration_ms` is told when the meeting has ended."""

    ended: bool = False
    duration_ms: int = 0
    channels: Sequence[AudioChannel] = ()
    captions: list[str] = field(default_factory=list)
    spans: list[RecordedSpan] = field(default_factory=list)
    chapters: Sequence[ChapterMark] = ()
    rates: dict[str, int] = field(default_factory=dict)
    picture: VideoFormat | None = None

    def written(self) -> bytes:
        """The file."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    def media_ms(self, wall_ms: int) -> int:
        """Where in the webcast a moment is; what falls into a break is where it goes on."""
        begun = [span for span in self.spans if span.wall_ms <= wall_ms]
        if not begun:
            return 0
        place = begun[-1].media_ms + wall_ms - begun[-1].wall_ms
        later = self.spans[len(begun) :]
        return min(place, later[0].media_ms) if later else place


def read(text: str) -> WebcastMetadata:
    """The facts in a file; empty ones where there is none, or it cannot be read."""
    try:
        return _facts(json.loads(text))
    except (ValueError, TypeError, AttributeError):
        return WebcastMetadata()


def read_file(folder: Path) -> WebcastMetadata:
    """The facts in a meeting's folder; empty ones where there are none."""
    try:
        return read((folder / FILE).read_text("utf-8", errors="replace"))
    except OSError:
        return WebcastMetadata()


def _facts(found: Mapping[str, Any]) -> WebcastMetadata:
    return WebcastMetadata(
        ended=bool(found.get("ended")),
        duration_ms=int(found.get("duration_ms", 0)),
        channels=tuple(AudioChannel(**channel) for channel in found.get("channels", ())),
        captions=list(found.get("captions", ())),
        spans=[RecordedSpan(**span) for span in found.get("spans", ())],
        chapters=tuple(ChapterMark(**chapter) for chapter in found.get("chapters", ())),
        rates=dict(found.get("rates", {})),
        picture=VideoFormat(**found["picture"]) if found.get("picture") else None,
    )
