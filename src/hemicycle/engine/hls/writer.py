"""Writes packets as files: the work of the packager's thread.

Everything is on disk before the event loop is notified. After a restart the writer reads its own
lists and continues with the same numbers and the same clock, after a discontinuity.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hemicycle.engine.captions.webvtt import CaptionLine, webvtt
from hemicycle.engine.hls import init_segments, metadata, playlists
from hemicycle.engine.hls.caption_tracks import EMPTY, CaptionTrack
from hemicycle.engine.hls.cutting import CutOrder, WebcastCut, stretch_of
from hemicycle.engine.hls.media_playlist import MediaPlaylist
from hemicycle.engine.hls.metadata import ChapterMark, RecordedSpan, WebcastMetadata
from hemicycle.engine.hls.names import run_name
from hemicycle.engine.hls.playlists import AudioChannel, ListedSegment
from hemicycle.engine.hls.segmenter import (
    PICTURE,
    SMALL_PICTURE,
    MediaSegment,
    PartialSegment,
    Segmenter,
    SegmenterOutput,
)
from hemicycle.engine.hls.webcast_folder import OnTrouble, WebcastFolder
from hemicycle.engine.hls.withheld import Withheld
from hemicycle.engine.streams import PICTURE_RATE, PROGRAM, Packet

MASTER = "master.m3u8"
SOUND_MASTER = "sound.m3u8"
"""The sound alone, for players that never drop the picture automatically."""

ROOM = 1.1
"""The bit rate in the master playlist, relative to that of the densest segment: it is a bit higher,
so that the playlist changes seldom.
"""


@dataclass(frozen=True, slots=True)
class PlaylistOpened:
    """The list of a rendition was opened; `before` has the lines before its next segment."""

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
    """A small file about the whole webcast changed: the master playlist, or the metadata."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SegmentsReplaced:
    """The segments of a rendition from `number` on were replaced, and their parts."""

    track: str
    segments: tuple[ListedSegment, ...]
    number: int


type WebcastChange = PartialSegment | PlaylistOpened | SegmentAdded | FileChanged | SegmentsReplaced


class WebcastWriter:
    """The writer of one meeting's folder, for one run of the engine.

    `known` is the metadata of an earlier run, and `started_at_wall_ms` the time when the program's
    clock was 0 (ms since the Unix epoch). `epoch` is the epoch of the hearing's lease. With
    `small`, a new webcast has a second rendition of the picture, if the program has one. With
    `on=False` the webcast does not continue, and the writer is for `cut` only.
    """

    def __init__(
        self,
        folder: Path,
        known: WebcastMetadata,
        channels: Sequence[AudioChannel],
        started_at_wall_ms: int,
        on_trouble: OnTrouble,
        *,
        on: bool = True,
        small: bool = False,
        epoch: int = 0,
    ) -> None:
        self.files = WebcastFolder(folder, on_trouble)
        self._started_at = started_at_wall_ms
        self._moves_to: int | None = None
        self._unstamped: set[str] = set()
        self._ordered: dict[str, CutOrder] = {}
        self._goes_on = on
        self._metadata = known
        if on:
            self._metadata.ended, self._metadata.channels = False, channels
            # After a database has been restored, epochs count from a lower number again.
            self._metadata.epoch = max(self._metadata.epoch, epoch)
        self.run = run_name(epoch, self._metadata.spans)
        small = self._metadata.small is not None if self._metadata.spans else small
        self._playlists = self._listed()
        self._caption_tracks = {
            language: self._text(language) for language in self._metadata.captions
        }
        self._media = max(playlist.seconds for playlist in self._playlists.values())
        number = len(self._playlists[PICTURE].segments)
        self._withheld = Withheld(self._metadata, self._playlists, self.files)
        self._segmenter = Segmenter(
            (channel.id for channel in channels), number, self._media, small=small
        )

    @property
    def wants_key(self) -> bool:
        """Whether the picture should send a keyframe."""
        return self._segmenter.wants_key

    def take(self, name: str, packet: Packet) -> list[WebcastChange]:
        """Cut a packet; `PROGRAM` is the picture, any other name a channel."""
        if name != PROGRAM:
            return self._store(self._segmenter.sound(name, packet))
        moved = self._move(packet.pts / PICTURE_RATE)
        before = self._segmenter.origin
        made = list(self._segmenter.picture(packet))
        begun = self._begin(packet) if self._segmenter.origin != before else []
        stored = self._store(made)
        if self._segmenter.origin is not None and self._withheld.hides(
            self._media + packet.pts / PICTURE_RATE - self._segmenter.origin
        ):
            self._segmenter.forget()
        return moved + begun + stored

    def move_clock(
        self, started_at_wall_ms: int, from_pts: int | None = None
    ) -> list[WebcastChange]:
        """Note that the next picture is from a clock that was 0 at this time (ms since the Unix
        epoch); with `from_pts`, it is the picture with this time stamp, which was dropped.
        """
        self._moves_to = started_at_wall_ms
        return [] if from_pts is None else self._move(from_pts / PICTURE_RATE)

    def caption(self, line: CaptionLine) -> list[WebcastChange]:
        """Add a line of captions, with its times in ms since the Unix epoch.

        The line is dropped before the first picture, and if its time is withheld.
        """
        origin = self._segmenter.origin
        if origin is None:
            return []
        changes = [] if line.language in self._caption_tracks else self._open_text(line.language)
        offset = round((self._media - origin) * 1000) - self._started_at
        text = self._caption_tracks[line.language]
        if self._withheld.covers(line.moved(offset)):
            return changes
        self.files.grow(text.journal, text.add(line.moved(offset)).encode())
        return changes

    def finish(self, chapters: Sequence[ChapterMark], *, ended: bool) -> list[WebcastChange]:
        """Cut the last segments; if the meeting has `ended`, make the files for video on demand."""
        changes = self._store(self._segmenter.finish())
        if ended and self._metadata.picture is not None:
            self._end(chapters)
        self.files.settle()
        return changes

    def cut(self, order: CutOrder) -> tuple[list[WebcastChange], bool]:
        """Remove a stretch; return the changes, and whether all of them are on disk."""
        self._ordered[order.cut] = order
        cut = WebcastCut(self.files, self._playlists, self._caption_tracks.values(), self._metadata)
        cut.make(stretch_of(order, self._metadata))
        self._withheld.begin(cut.tainted)
        self._segmenter.forget()
        for track in cut.changed:
            playlist = self._playlists[track]
            data = playlist.whole(ended=self._metadata.ended)
            if self._metadata.ended:
                self.files.keep(playlist.file, data)
            else:
                self.files.begin(playlist.file, data)
        if self._metadata.ended:
            self._keep_masters(self._whole_texts())
        changes: list[WebcastChange] = [
            SegmentsReplaced(track, tuple(self._playlists[track].segments), number)
            for track, number in cut.changed.items()
        ]
        return [*changes, *self._tell_removed()], self.files.settle()

    # Beginning.

    def _listed(self) -> dict[str, MediaPlaylist]:
        """Return the lists that an earlier run left, all cut to the same length."""
        names = [PICTURE, *((SMALL_PICTURE,) if self._metadata.small else ())]
        names += [
            f"{channel.id}.{codec}"
            for codec in playlists.SOUNDS
            for channel in self._metadata.channels
        ]
        found = {track: playlists.read(self.files.read(f"{track}.m3u8")) for track in names}
        # The engine may have crashed between the files of two tracks. The shortest list counts, so
        # that number n stays the same stretch of the meeting in all of them.
        number = min(map(len, found.values()))
        made = {track: MediaPlaylist(track, segments[:number]) for track, segments in found.items()}
        for playlist in made.values() if self._goes_on else ():
            self.files.begin(playlist.file, playlist.whole(ended=False))
        return made

    def _begin(self, keyframe: Packet) -> list[WebcastChange]:
        """Write the init segments, and note where this run begins, at the first keyframe."""
        found = init_segments.picture(keyframe.data)
        self._metadata.picture = playlists.VideoFormat(found.codecs, found.width, found.height)
        heads = {
            "video": found.data,
            "small": self._begin_small(keyframe),
            "opus": init_segments.opus().data,
            "aac": init_segments.aac().data,
        }
        wall = self._wall_ms(self._segmenter.origin or 0.0)
        self._metadata.spans.append(RecordedSpan(round(self._media * 1000), round(wall)))
        self.files.keep(EMPTY, webvtt(()).encode())
        changes: list[WebcastChange] = []
        for track, playlist in self._playlists.items():
            head = heads.get(track.rpartition(".")[2])
            playlist.begin(self._init(playlist, head) if head else "", wall)
            changes.append(_opened(playlist))
        return [*changes, *self._tell(), *self._place_cuts()]

    def _begin_small(self, keyframe: Packet) -> bytes:
        """Open the small picture's list if the program has one; return its init segment."""
        if not self._segmenter.has_small:
            self._playlists.pop(SMALL_PICTURE, None)
            self._metadata.small = None
            return b""
        if not keyframe.small:
            return b""
        found = init_segments.picture(keyframe.small)
        self._metadata.small = playlists.VideoFormat(found.codecs, found.width, found.height)
        if SMALL_PICTURE not in self._playlists:
            playlist = self._playlists[SMALL_PICTURE] = MediaPlaylist(SMALL_PICTURE)
            self.files.begin(playlist.file, playlist.whole(ended=False))
        return found.data

    def _init(self, playlist: MediaPlaylist, head: bytes) -> str:
        """Return the name of a new init segment; "" if the previous one is still valid."""
        if self.files.holds(playlist.init, head):
            return ""
        name = f"{playlist.track}-{self.run}.mp4"
        self.files.keep(name, head)
        return name

    def _move(self, at: float) -> list[WebcastChange]:
        """Note that pictures from `at` (s of the program's clock) on have another wall time."""
        if self._moves_to is None or self._moves_to == self._started_at:
            return []
        self._started_at, self._moves_to = self._moves_to, None
        if self._segmenter.origin is None:
            return []
        media = self._media + at - self._segmenter.origin
        wall = round(self._wall_ms(at))
        self._metadata.spans.append(RecordedSpan(round(media * 1000), wall))
        self._unstamped = set(self._playlists)
        return [*self._tell(), *self._place_cuts()]

    def _place_cuts(self) -> list[WebcastChange]:
        """Repeat cuts whose place in the webcast has changed with its clock.

        A cut is ordered by the room's time, often before the public has seen that moment.
        """
        moved = [
            order
            for order in self._ordered.values()
            if stretch_of(order, self._metadata) not in self._metadata.removed
        ]
        return [change for order in moved for change in self.cut(order)[0]]

    def _wall_ms(self, at: float) -> float:
        return self._started_at + at * 1000

    # Captions.

    def _text(self, language: str) -> CaptionTrack:
        """Return a language's captions, including those that an earlier run stored."""
        text = CaptionTrack(language)
        kept = text.read(self.files.read(text.journal))
        if self._goes_on:
            self.files.begin(text.journal, kept.encode())
        picture = self._playlists[PICTURE]
        listed = playlists.read(self.files.read(f"{text.track}.m3u8"))[: len(picture.segments)]
        listed += map(_without_text, picture.segments[len(listed) :])
        playlist = MediaPlaylist(text.track, listed, parts=False)
        playlist.before = _without_init(picture.before)
        self._playlists[text.track] = playlist
        if self._goes_on:
            self.files.begin(playlist.file, playlist.whole(ended=False))
        return text

    def _open_text(self, language: str) -> list[WebcastChange]:
        self._caption_tracks[language] = text = self._text(language)
        self._metadata.captions.append(language)
        return [_opened(self._playlists[text.track]), *self._tell()]

    def _cut_texts(self, picture: MediaSegment) -> list[WebcastChange]:
        """End the segment of every language's captions where the picture's segment ends."""
        origin = self._segmenter.origin or 0.0
        start = round((self._media + picture.start - origin) * 1000)
        changes: list[WebcastChange] = []
        for text in self._caption_tracks.values():
            content = text.cut(start, start + round(picture.duration * 1000))
            name = f"{text.track}-{self.run}-{picture.number:06}.vtt" if content else EMPTY
            gap = bool(content) and not self.files.put(name, content.encode())
            changes.append(self._add(text.track, name, picture, gap=gap))
        return changes

    # Writing.

    def _store(self, pieces: Iterable[SegmenterOutput]) -> list[WebcastChange]:
        changes: list[WebcastChange] = []
        for piece in map(self._withheld.without, pieces):
            if isinstance(piece, PartialSegment):
                changes.append(piece)
            else:
                changes += self._store_segment(piece)
        return changes

    def _store_segment(self, segment: MediaSegment) -> list[WebcastChange]:
        name = f"{segment.track}-{self.run}-{segment.number:06}.m4s"
        gap = segment.data is None or not self.files.put(name, segment.data)
        changes: list[WebcastChange] = [self._add(segment.track, name, segment, gap=gap)]
        if segment.track == PICTURE:
            # Try again once for each segment of the picture, about every two seconds, and not for
            # each file: waiting for the disk takes the most time here.
            self.files.settle()
            changes += self._cut_texts(segment)
        if segment.data is not None and self._is_denser(segment, len(segment.data)):
            changes += self._tell()
        return changes

    def _add(self, track: str, name: str, segment: MediaSegment, *, gap: bool) -> SegmentAdded:
        playlist = self._playlists[track]
        ends = self._wall_ms(segment.start + segment.duration)
        listed = playlist.add(name, segment.duration, gap=gap, ends_at_ms=ends)
        if track in self._unstamped and not playlist.before:
            playlist.before = playlists.before(wall_ms=ends)
        self._unstamped.discard(track)
        # The list grows by one line instead of being rewritten.
        self.files.grow(playlist.file, listed.text.encode())
        return SegmentAdded(track, listed, playlist.before)

    def _is_denser(self, segment: MediaSegment, size: int) -> bool:
        """Note a track's highest bit rate; return True if the master playlist states less."""
        # The bit rate of a short segment, as at a gap, is not representative.
        if segment.duration < 1:
            return False
        rate, known = round(size * 8 / segment.duration), self._metadata.rates.get(segment.track, 0)
        if rate <= known:
            return False
        self._metadata.rates[segment.track] = round(rate * ROOM)
        return True

    def _tell_removed(self) -> list[WebcastChange]:
        """Return the changed metadata after a cut, for the requests that the engine answers."""
        return [FileChanged(metadata.FILE, self._metadata.written())]

    def _tell(self) -> list[WebcastChange]:
        """Write the metadata, and the master playlists if the bit rates are known."""
        captions = {text.language: f"{text.track}.m3u8" for text in self._caption_tracks.values()}
        changes: list[WebcastChange] = [self._keep(metadata.FILE, self._metadata.written())]
        if self._metadata.rates:
            changes += self._keep_masters(captions)
        return changes

    def _keep_masters(self, captions: dict[str, str]) -> list[FileChanged]:
        known = self._metadata
        assert known.picture is not None
        rates = {
            track: playlists.BitRate(highest, self._average(self._playlists[track]))
            for track, highest in known.rates.items()
            if track in self._playlists
        }
        pictures = {PICTURE: known.picture} | ({SMALL_PICTURE: known.small} if known.small else {})
        made = {MASTER: pictures, SOUND_MASTER: {}}
        return [
            self._keep(
                name,
                playlists.master(shown, known.channels, captions, rates, fps=known.fps).encode(),
            )
            for name, shown in made.items()
        ]

    def _average(self, playlist: MediaPlaylist) -> int:
        """Return the bits per second of all whole segments together; 0 before the first."""
        size = sum(self.files.size(segment.name) for segment in playlist.segments)
        return round(size * 8 / playlist.seconds) if playlist.seconds else 0

    def _keep(self, name: str, data: bytes) -> FileChanged:
        self.files.keep(name, data)
        return FileChanged(name, data)

    # Ending.

    def _end(self, chapters: Sequence[ChapterMark]) -> None:
        """Close every list, and write captions as one file per language, with their own times."""
        for playlist in self._playlists.values():
            self.files.keep(playlist.file, playlist.whole(ended=True))
        seconds = self._playlists[PICTURE].seconds
        self._metadata.duration_ms = round(seconds * 1000)
        self._metadata.close_removed()
        self._keep_masters(self._whole_texts())
        self._metadata.ended = True
        self._metadata.chapters = tuple(self._metadata.without_removed(chapters))
        self._keep(metadata.FILE, self._metadata.written())

    def _whole_texts(self) -> dict[str, str]:
        """Write every language's captions; return the names of their lists."""
        seconds = self._playlists[PICTURE].seconds
        return {
            text.language: self._whole_text(text, seconds) for text in self._caption_tracks.values()
        }

    def _whole_text(self, text: CaptionTrack, seconds: float) -> str:
        """Write a language's captions as one file; return the name of its list."""
        edition = f"-{self._metadata.edition}" if self._metadata.edition else ""
        name = f"{text.language}.captions-{self.run}{edition}"
        self.files.keep(f"{name}.vtt", text.whole().encode())
        one = ListedSegment("", playlists.after(f"{name}.vtt", seconds), seconds)
        self.files.keep(f"{name}.m3u8", playlists.whole([one], ended=True, target=seconds).encode())
        return f"{name}.m3u8"


def _opened(playlist: MediaPlaylist) -> PlaylistOpened:
    return PlaylistOpened(playlist.track, tuple(playlist.segments), playlist.parts, playlist.before)


def _without_text(picture: ListedSegment) -> ListedSegment:
    """Return a segment with empty captions and the duration of the picture's segment."""
    return ListedSegment(
        _without_init(picture.before), playlists.after(EMPTY, picture.duration), picture.duration
    )


def _without_init(before: str) -> str:
    lines = before.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#EXT-X-MAP"))
