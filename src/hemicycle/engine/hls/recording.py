"""One MP4 file of a meeting in one language, with its title, chapters, and captions in every
language.

The segments are copied into another container. The file is made at its first request, because the
files of all languages would contain the picture seven times and fill the disk. After that it is
served like the other files.
"""

import io
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.container import InputContainer, OutputContainer
from av.rational import AVRational
from av.stream import Stream

from hemicycle.engine.captions.webvtt import Cue
from hemicycle.engine.hls import metadata, playlists, timed_text
from hemicycle.engine.hls.caption_tracks import CaptionTrack
from hemicycle.engine.hls.metadata import WebcastMetadata
from hemicycle.engine.hls.segmenter import PICTURE

if TYPE_CHECKING:
    from av.container.core import Chapter as Mark

_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"')


class DiskFull(Exception):
    """The disk has no room for the file."""


class CutMeanwhile(Exception):
    """A stretch was removed while the file was made, and the file may still contain it."""


def name(channel: str, facts: WebcastMetadata) -> str:
    """Return a channel's file name; it changes when the meeting continues, and after a cut."""
    edition = f"-{facts.edition}" if facts.edition else ""
    return f"recording-{channel}-{len(facts.spans)}{edition}.mp4"


def channel_of(file: str, facts: WebcastMetadata) -> str | None:
    """Return the channel that a recording belongs to; None if there is no such file (yet)."""
    if not facts.ended:
        return None
    return next((known.id for known in facts.channels if name(known.id, facts) == file), None)


def make(folder: Path, channel: str, facts: WebcastMetadata) -> Path:
    """Write the recording of a channel; return its path. Slow: call it in a thread.

    Raises `DiskFull`, `CutMeanwhile`, OSError, and `av.FFmpegError` for missing segments.
    """
    path = folder / name(channel, facts)
    tracks = [_TrackFile(folder, track) for track in (PICTURE, f"{channel}.aac")]
    if shutil.disk_usage(folder).free < sum(track.size for track in tracks):
        raise DiskFull
    unfinished = folder / f".{path.name}"
    try:
        with av.open(str(unfinished), "w", format="mp4", options={"movflags": "faststart"}) as out:
            out.set_chapters(list(_marks(facts)))
            out.metadata["title"] = facts.title
            sources = [av.open(track, "r", format="mp4") for track in tracks]
            _copy(sources, timed_text.language_code(channel), _captions(folder, facts), out)
        if name(channel, metadata.read_file(folder)) != path.name:
            raise CutMeanwhile
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _captions(folder: Path, facts: WebcastMetadata) -> dict[str, list[Cue]]:
    """Return the captions by language, with all cuts applied, without languages that have none."""
    found = {}
    for language in facts.captions:
        text = CaptionTrack(language)
        text.read((folder / text.journal).read_text("utf-8"))
        found[language] = text.cues()
    return {language: cues for language, cues in found.items() if cues}


def _copy(
    sources: list[InputContainer],
    language: str,
    captions: Mapping[str, Iterable[Cue]],
    out: OutputContainer,
) -> None:
    """Copy the packets of all sources in order of time, so that a player does not have to seek.

    `language` is the MP4 code of the sound's language; the keys of `captions` are BCP 47 tags.
    """
    streams = [out.add_stream_from_template(source.streams[0]) for source in sources]
    streams[1].metadata["language"] = language
    tracks = {tag: timed_text.add_track(out, tag) for tag in captions}
    timed = [_packets(source, stream) for source, stream in zip(sources, streams, strict=True)]
    timed += [timed_text.samples(cues, tracks[tag]) for tag, cues in captions.items()]
    for _, packet in merge(*timed, key=lambda sample: sample[0]):
        out.mux(packet)
    for source in sources:
        source.close()


def _packets(source: InputContainer, stream: Stream) -> Iterator[tuple[float, "av.Packet[Stream]"]]:
    last: int | None = None
    for packet in source.demux(source.streams[0]):
        if packet.dts is not None and (last is None or packet.dts > last):
            last = packet.dts
            at = float(packet.dts * packet.time_base)
            packet.stream = stream
            yield at, packet


def _marks(facts: WebcastMetadata) -> Iterator["Mark"]:
    """Yield the chapters on the media's clock; each lasts until the next."""
    marks = [(facts.media_ms(chapter.at_ms), chapter.title) for chapter in facts.chapters]
    bounds = [*marks, (facts.duration_ms, "")]
    for number, ((begin, title), (end, _)) in enumerate(pairwise(bounds)):
        if begin < end:
            yield {
                "id": number,
                "start": begin,
                "end": end,
                "time_base": AVRational(1, 1000),
                "metadata": {"title": title},
            }


class _TrackFile(io.RawIOBase):
    """A track's init segment and all its segments as one file, read from front to end."""

    def __init__(self, folder: Path, track: str) -> None:
        super().__init__()
        listed = playlists.read((folder / f"{track}.m3u8").read_text("utf-8"))
        init = next(found[1] for segment in listed if (found := _MAP.search(segment.before)))
        names = [
            segment.after.splitlines()[-1]
            for segment in listed
            if "#EXT-X-GAP" not in segment.after
        ]
        self._paths = [folder / file for file in (init, *names)]
        self.size = sum(path.stat().st_size for path in self._paths)
        self._open: io.BufferedReader | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, up to the end of the present segment; b"" after the last one."""
        while self._open is not None or self._paths:
            if self._open is None:
                self._open = self._paths.pop(0).open("rb")
            if data := self._open.read(size):
                return data
            self._open.close()
            self._open = None
        return b""
