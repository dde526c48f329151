"""The data about a webcast besides its lists: `meeting.json`, for pages and for a restart."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hemicycle.engine.hls.playlists import AudioChannel, VideoFormat

FILE = "meeting.json"


@dataclass(frozen=True, slots=True)
class RecordedSpan:
    """A recording without a break, from `media_ms` of the webcast on, at wall time `wall_ms`."""

    media_ms: int
    wall_ms: int


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A place in the meeting: `at_ms` since the Unix epoch, and its title."""

    at_ms: int
    title: str


@dataclass(frozen=True, slots=True)
class RemovedStretch:
    """A removed stretch: from `begin_ms` to `end_ms` of the webcast, with a reason and a `title`.

    `end_ms` is None for a stretch that has not ended. Interpreters and captions are removed
    `trail_ms` longer. `cut` is the id of the order.
    """

    cut: str
    begin_ms: int
    end_ms: int | None
    trail_ms: int
    reason: str
    title: str
    only_text: bool = False


@dataclass(slots=True)
class WebcastMetadata:
    """The metadata of one webcast.

    `fps` is the number of pictures per second, 0 if unknown. `small` is the format of the rendition
    with fewer bits, if there is one. `captions` are the languages that have text, `rates` the
    highest bits per second by track. `duration_ms` is set when the meeting has ended. `removed` are
    the removed stretches, and `edition` counts how often files were made again for them. `epoch` is
    that of the last lease by which a machine added to the webcast, 0 for none.
    """

    ended: bool = False
    epoch: int = 0
    title: str = ""
    fps: int = 0
    duration_ms: int = 0
    channels: Sequence[AudioChannel] = ()
    captions: list[str] = field(default_factory=list)
    spans: list[RecordedSpan] = field(default_factory=list)
    chapters: Sequence[ChapterMark] = ()
    rates: dict[str, int] = field(default_factory=dict)
    picture: VideoFormat | None = None
    small: VideoFormat | None = None
    removed: list[RemovedStretch] = field(default_factory=list)
    edition: int = 0

    def written(self) -> bytes:
        """Return the content of the file."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    def media_ms(self, wall_ms: int) -> int:
        """Return the position of a moment in the webcast.

        For a moment in a break, that is the position at which the webcast continues.
        """
        begun = [span for span in self.spans if span.wall_ms <= wall_ms]
        if not begun:
            return 0
        place = begun[-1].media_ms + wall_ms - begun[-1].wall_ms
        later = self.spans[len(begun) :]
        return min(place, later[0].media_ms) if later else place

    def remove(self, stretch: RemovedStretch) -> bool:
        """Note a removed stretch; return False if it is already noted."""
        if stretch in self.removed:
            return False
        others = [known for known in self.removed if known.cut != stretch.cut]
        self.removed = sorted([*others, stretch], key=lambda known: (known.begin_ms, known.cut))
        self.edition += 1
        self.chapters = tuple(self.without_removed(self.chapters))
        return True

    def close_removed(self) -> None:
        """End the removed stretches that have no end, because the meeting is over."""
        self.removed = [
            replace(known, end_ms=self.duration_ms) if known.end_ms is None else known
            for known in self.removed
        ]

    def without_removed(self, chapters: Iterable[ChapterMark]) -> Iterator[ChapterMark]:
        """Yield chapters, with those of removed stretches replaced by the stretch's title."""
        named = [(self.media_ms(chapter.at_ms), chapter) for chapter in chapters]
        gone = [
            (known.begin_ms, known.end_ms, known.title)
            for known in self.removed
            if not known.only_text
        ]
        kept = [
            (at, chapter)
            for at, chapter in named
            if not any(begin <= at and (end is None or at < end) for begin, end, _ in gone)
        ]
        said = {(at, chapter.title) for at, chapter in kept}
        gaps = [
            (begin, ChapterMark(self.wall_ms(begin), title))
            for begin, _, title in gone
            if (begin, title) not in said
        ]
        yield from (chapter for _, chapter in sorted([*kept, *gaps], key=lambda mark: mark[0]))

    def wall_ms(self, media_ms: int) -> int:
        """Return the time of a position in the webcast, in ms since the Unix epoch; 0 before the
        beginning.
        """
        begun = [span for span in self.spans if span.media_ms <= media_ms]
        return begun[-1].wall_ms + media_ms - begun[-1].media_ms if begun else 0


def read(text: str) -> WebcastMetadata:
    """Return the metadata in the text of a file; empty if the text cannot be read."""
    try:
        return _facts(json.loads(text))
    except (ValueError, TypeError, AttributeError):
        return WebcastMetadata()


def read_file(folder: Path) -> WebcastMetadata:
    """Return the metadata in a meeting's folder; empty if the file is missing or cannot be read."""
    try:
        return read((folder / FILE).read_text("utf-8", errors="replace"))
    except OSError:
        return WebcastMetadata()


def _facts(found: Mapping[str, Any]) -> WebcastMetadata:
    return WebcastMetadata(
        ended=bool(found.get("ended")),
        epoch=int(found.get("epoch", 0)),
        title=str(found.get("title", "")),
        fps=int(found.get("fps", 0)),
        duration_ms=int(found.get("duration_ms", 0)),
        channels=tuple(AudioChannel(**channel) for channel in found.get("channels", ())),
        captions=list(found.get("captions", ())),
        spans=[RecordedSpan(**span) for span in found.get("spans", ())],
        chapters=tuple(ChapterMark(**chapter) for chapter in found.get("chapters", ())),
        rates=dict(found.get("rates", {})),
        picture=VideoFormat(**found["picture"]) if found.get("picture") else None,
        small=VideoFormat(**found["small"]) if found.get("small") else None,
        removed=[RemovedStretch(**stretch) for stretch in found.get("removed", ())],
        edition=int(found.get("edition", 0)),
    )
