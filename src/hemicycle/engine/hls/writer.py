"""From packets to files: what the packager's thread does.

Everything that it makes is on disk before the event loop hears of it. After a restart it reads its
own lists back and goes on where they end: same numbers, same clock, a discontinuity.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hemicycle.engine.captions.webvtt import CaptionLine, webvtt
from hemicycle.engine.hls import init_segments, metadata, playlists
from hemicycle.engine.hls.caption_tracks import EMPTY, CaptionTrack
from hemicycle.engine.hls.media_playlist import MediaPlaylist
from hemicycle.engine.hls.metadata import ChapterMark, RecordedSpan, WebcastMetadata
from hemicycle.engine.hls.playlists import AudioChannel, ListedSegment
from hemicycle.engine.hls.segmenter import (
    PICTURE,
    MediaSegment,
    PartialSegment,
    Segmenter,
    SegmenterOutput,
)
from hemicycle.engine.hls.webcast_folder import OnTrouble, WebcastFolder
from hemicycle.engine.streams import PROGRAM, Packet

MASTER = "master.m3u8"

ROOM = 1.1
"""The master playlist names somewhat more than the densest segment, so that it changes seldom."""


@dataclass(frozen=True, slots=True)
class PlaylistOpened:
    """A rendition has a list; `before` stands before its next segment."""

    track: str
    segments: tuple[ListedSegment, ...]
    parts: bool
    before: str


@dataclass(frozen=True, slots=True)
class SegmentAdded:
    """A segment is on disk, or known to be missing."""

    track: str
    segment: ListedSegment
    before: str


@dataclass(frozen=True, slots=True)
class FileChanged:
    """A small file that tells of the whole: the master playlist, or the facts."""

    name: str
    data: bytes


type WebcastChange = PartialSegment | PlaylistOpened | SegmentAdded | FileChanged


class WebcastWriter:
    """One meeting's folder, from one start of the engine to its end.

    `known` are the facts that an earlier run left, `started_at_wall_ms` when the program's clock
    was 0.
    """

    def __init__(
        self,
        folder: Path,
        known: WebcastMetadata,
        channels: Sequence[AudioChannel],
        started_at_wall_ms: int,
        on_trouble: OnTrouble,
    ) -> None:
        self.shelf = WebcastFolder(folder, on_trouble)
        self._started_at = started_at_wall_ms
        self._facts = known
        self._facts.ended, self._facts.channels = False, channels
        self.run = len(self._facts.spans) + 1
        self._renditions = self._listed()
        self._texts = {language: self._text(language) for language in self._facts.captions}
        self._media = max(playlist.seconds for playlist in self._renditions.values())
        number = len(self._renditions[PICTURE].segments)
        self._cutter = Segmenter((channel.id for channel in channels), number, self._media)

    @property
    def wants_key(self) -> bool:
        """Whether the picture should send a keyframe."""
        return self._cutter.wants_key

    def take(self, name: str, packet: Packet) -> list[WebcastChange]:
        """Cut a packet; `PROGRAM` is the picture, any other name a channel."""
        if name != PROGRAM:
            return self._store(self._cutter.sound(name, packet))
        before = self._cutter.origin
        made = list(self._cutter.picture(packet))
        begun = self._begin(packet) if self._cutter.origin != before else []
        return begun + self._store(made)

    def caption(self, line: CaptionLine) -> list[WebcastChange]:
        """Take a line, its times in ms since the Unix epoch; left out before the first picture."""
        origin = self._cutter.origin
        if origin is None:
            return []
        news = [] if line.language in self._texts else self._open_text(line.language)
        offset = round((self._media - origin) * 1000) - self._started_at
        text = self._texts[line.language]
        self.shelf.grow(text.journal, text.add(line.moved(offset)).encode())
        return news

    def finish(self, chapters: Sequence[ChapterMark], *, ended: bool) -> list[WebcastChange]:
        """Cut what is left; when the meeting has `ended`, make of it what is watched on demand."""
        news = self._store(self._cutter.finish())
        if ended and self._facts.picture is not None:
            self._end(chapters)
        self.shelf.settle()
        return news

    # Beginning.

    def _listed(self) -> dict[str, MediaPlaylist]:
        """The renditions as an earlier run left them, all of the same length."""
        names = [PICTURE]
        names += [
            f"{channel.id}.{codec}"
            for codec in playlists.SOUNDS
            for channel in self._facts.channels
        ]
        found = {track: playlists.read(self.shelf.read(f"{track}.m3u8")) for track in names}
        number = min(map(len, found.values()))
        made = {track: MediaPlaylist(track, segments[:number]) for track, segments in found.items()}
        for playlist in made.values():
            self.shelf.begin(playlist.file, playlist.whole(ended=False))
        return made

    def _begin(self, keyframe: Packet) -> list[WebcastChange]:
        """The first keyframe came: everything has its init segment, and the run its place."""
        found = init_segments.picture(keyframe.data)
        self._facts.picture = playlists.VideoFormat(found.codecs, found.width, found.height)
        heads = {
            "video": found.data,
            "opus": init_segments.opus().data,
            "aac": init_segments.aac().data,
        }
        wall = self._wall_ms(self._cutter.origin or 0.0)
        self._facts.spans.append(RecordedSpan(round(self._media * 1000), round(wall)))
        self.shelf.keep(EMPTY, webvtt(()).encode())
        news: list[WebcastChange] = []
        for track, rendition in self._renditions.items():
            head = heads.get(track.rpartition(".")[2])
            rendition.begin(self._init(rendition, head) if head else "", wall)
            news.append(_opened(rendition))
        return [*news, *self._tell()]

    def _init(self, rendition: MediaPlaylist, head: bytes) -> str:
        """The name of a new init segment; "" where the one before serves on."""
        if self.shelf.holds(rendition.init, head):
            return ""
        name = f"{rendition.track}-{self.run}.mp4"
        self.shelf.keep(name, head)
        return name

    def _wall_ms(self, at: float) -> float:
        return self._started_at + at * 1000

    # Captions.

    def _text(self, language: str) -> CaptionTrack:
        """A language's captions, with what an earlier run kept of them."""
        text = CaptionTrack(language)
        kept = text.read(self.shelf.read(text.journal))
        self.shelf.begin(text.journal, kept.encode())
        picture = self._renditions[PICTURE]
        listed = playlists.read(self.shelf.read(f"{text.track}.m3u8"))[: len(picture.segments)]
        listed += map(_without_text, picture.segments[len(listed) :])
        rendition = MediaPlaylist(text.track, listed, parts=False)
        rendition.before = _without_init(picture.before)
        self._renditions[text.track] = rendition
        self.shelf.begin(rendition.file, rendition.whole(ended=False))
        return text

    def _open_text(self, language: str) -> list[WebcastChange]:
        self._texts[language] = text = self._text(language)
        self._facts.captions.append(language)
        return [_opened(self._renditions[text.track]), *self._tell()]

    def _cut_texts(self, picture: MediaSegment) -> list[WebcastChange]:
        """End every language's segment where the picture's ends."""
        origin = self._cutter.origin or 0.0
        start = round((self._media + picture.start - origin) * 1000)
        news: list[WebcastChange] = []
        for text in self._texts.values():
            content = text.cut(start, start + round(picture.duration * 1000))
            name = f"{text.track}-{self.run}-{picture.number:06}.vtt" if content else EMPTY
            gap = bool(content) and not self.shelf.put(name, content.encode())
            news.append(self._add(text.track, name, picture, gap=gap))
        return news

    # Going on.

    def _store(self, pieces: Iterable[SegmenterOutput]) -> list[WebcastChange]:
        news: list[WebcastChange] = []
        for piece in pieces:
            if isinstance(piece, PartialSegment):
                news.append(piece)
            else:
                news += self._store_segment(piece)
        return news

    def _store_segment(self, segment: MediaSegment) -> list[WebcastChange]:
        name = f"{segment.track}-{self.run}-{segment.number:06}.m4s"
        gap = segment.data is None or not self.shelf.put(name, segment.data)
        news: list[WebcastChange] = [self._add(segment.track, name, segment, gap=gap)]
        if segment.track == PICTURE:
            self.shelf.settle()
            news += self._cut_texts(segment)
        if segment.data is not None and self._is_denser(segment, len(segment.data)):
            news += self._tell()
        return news

    def _add(self, track: str, name: str, segment: MediaSegment, *, gap: bool) -> SegmentAdded:
        rendition = self._renditions[track]
        ends = self._wall_ms(segment.start + segment.duration)
        listed = rendition.add(name, segment.duration, gap=gap, ends_at_ms=ends)
        self.shelf.grow(rendition.file, listed.text.encode())
        return SegmentAdded(track, listed, rendition.before)

    def _is_denser(self, segment: MediaSegment, size: int) -> bool:
        """Note a track's most bits a second; True when the master playlist says too little."""
        if segment.duration < 1:
            return False
        rate, known = round(size * 8 / segment.duration), self._facts.rates.get(segment.track, 0)
        if rate <= known:
            return False
        self._facts.rates[segment.track] = round(rate * ROOM)
        return True

    def _tell(self) -> list[WebcastChange]:
        """Write what tells of the whole."""
        captions = {text.language: f"{text.track}.m3u8" for text in self._texts.values()}
        news: list[WebcastChange] = [self._keep(metadata.FILE, self._facts.written())]
        if self._facts.rates:
            news.append(self._keep(MASTER, self._master(captions)))
        return news

    def _master(self, captions: dict[str, str]) -> bytes:
        picture, channels, rates = self._facts.picture, self._facts.channels, self._facts.rates
        assert picture is not None
        return playlists.master(picture, channels, captions, rates).encode()

    def _keep(self, name: str, data: bytes) -> FileChanged:
        self.shelf.keep(name, data)
        return FileChanged(name, data)

    # Ending.

    def _end(self, chapters: Sequence[ChapterMark]) -> None:
        """Close every list; the captions on demand are one file, with the times that were meant."""
        for rendition in self._renditions.values():
            self.shelf.keep(rendition.file, rendition.whole(ended=True))
        seconds = self._renditions[PICTURE].seconds
        captions = {text.language: self._whole_text(text, seconds) for text in self._texts.values()}
        self._keep(MASTER, self._master(captions))
        self._facts.ended, self._facts.chapters = True, tuple(chapters)
        self._facts.duration_ms = round(seconds * 1000)
        self._keep(metadata.FILE, self._facts.written())

    def _whole_text(self, text: CaptionTrack, seconds: float) -> str:
        """Write a language's captions as one file; gives the name of its list."""
        name = f"{text.language}.captions-{self.run}"
        self.shelf.keep(f"{name}.vtt", text.whole().encode())
        one = ListedSegment("", playlists.after(f"{name}.vtt", seconds), seconds)
        self.shelf.keep(f"{name}.m3u8", playlists.whole([one], ended=True, target=seconds).encode())
        return f"{name}.m3u8"


def _opened(rendition: MediaPlaylist) -> PlaylistOpened:
    return PlaylistOpened(
        rendition.track, tuple(rendition.segments), rendition.parts, rendition.before
    )


def _without_text(picture: ListedSegment) -> ListedSegment:
    """A segment without captions, as long as the picture's."""
    return ListedSegment(
        _without_init(picture.before), playlists.after(EMPTY, picture.duration), picture.duration
    )


def _without_init(before: str) -> str:
    lines = before.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#EXT-X-MAP"))
