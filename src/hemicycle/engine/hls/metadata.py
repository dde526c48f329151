"""What is known of a webcast beside its lists: `meeting.json`, for pages and for a restart."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class RemovedStretch:
    """What was taken out: from `begin_ms` to `end_ms` of the webcast, and why in a code and in
    words (`title`). `end_ms` is None for a stretch that goes on.

    Interpreters and captions speak of it `trail_ms` longer. `cut` is the id of who ordered it.
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
    """`captions` are the languages that have text, `rates` the most bits a second by track;
    `duration_ms` is told when the meeting has ended. `removed` is what was taken out again, and
    `edition` counts how often files were made anew for it."""

    ended: bool = False
    duration_ms: int = 0
    channels: Sequence[AudioChannel] = ()
    captions: list[str] = field(default_factory=list)
    spans: list[RecordedSpan] = field(default_factory=list)
    chapters: Sequence[ChapterMark] = ()
    rates: dict[str, int] = field(default_factory=dict)
    picture: VideoFormat | None = None
    removed: list[RemovedStretch] = field(default_factory=list)
    edition: int = 0

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

    def remove(self, stretch: RemovedStretch) -> bool:
        """Note what is taken out; False where it is noted just so."""
        if stretch in self.removed:
            return False
        others = [known for known in self.removed if known.cut != stretch.cut]
        self.removed = sorted([*others, stretch], key=lambda known: (known.begin_ms, known.cut))
        self.edition += 1
        self.chapters = tuple(self.without_removed(self.chapters))
        return True

    def close_removed(self) -> None:
        """At the end nothing goes on any more."""
        self.removed = [
            replace(known, end_ms=self.duration_ms) if known.end_ms is None else known
            for known in self.removed
        ]

    def without_removed(self, chapters: Iterable[ChapterMark]) -> Iterator[ChapterMark]:
        """Chapters, those of what was taken out replaced by what is said of it."""
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
        """When a place in the webcast was, in ms since the Unix epoch; 0 before it began."""
        begun = [span for span in self.spans if span.media_ms <= media_ms]
        return begun[-1].wall_ms + media_ms - begun[-1].media_ms if begun else 0


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
        removed=[RemovedStretch(**stretch) for stretch in found.get("removed", ())],
        edition=int(found.get("edition", 0)),
    )
