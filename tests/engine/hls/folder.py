"""A webcast's folder, written as the packager's thread writes it, and read as players read it."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from hemicycle.engine.hls import metadata
from hemicycle.engine.hls.metadata import ChapterMark
from hemicycle.engine.hls.playlists import AudioChannel, ListedSegment, read
from hemicycle.engine.hls.webcast_folder import OnTrouble
from hemicycle.engine.hls.writer import WebcastChange, WebcastWriter
from hemicycle.engine.streams import Packet

WALL_MS = 1_700_000_000_000
CHANNELS = (AudioChannel("floor", "Floor"), AudioChannel("fr", "français"))
TRACKS = ("video", "floor.opus", "fr.opus", "floor.aac", "fr.aac")


def nobody(code: str, **values: str) -> None:
    """Ignore a trouble."""


def writer(
    folder: Path,
    wall_ms: int = WALL_MS,
    on_trouble: OnTrouble = nobody,
    *,
    title: str = "",
    fps: int = 0,
    small: bool = False,
) -> WebcastWriter:
    """Return a writer on a folder, as an engine that starts makes it."""
    known = metadata.read_file(folder)
    known.title, known.fps = title, fps
    return WebcastWriter(folder, known, CHANNELS, wall_ms, on_trouble, small=small)


def write(made: WebcastWriter, packets: Iterable[tuple[str, Packet]]) -> list[WebcastChange]:
    """Give packets to a writer; return the changes to the webcast."""
    return [news for name, packet in packets for news in made.take(name, packet)]


def end(made: WebcastWriter, chapters: tuple[ChapterMark, ...] = ()) -> None:
    """Close the writer, and end the meeting."""
    made.finish(chapters, ended=True)


def segments(folder: Path, track: str) -> list[ListedSegment]:
    """Return the segments in the list of a track."""
    return read((folder / f"{track}.m3u8").read_text())


def uris(folder: Path, track: str) -> list[str]:
    """Return the file names of the segments in the list of a track."""
    return [segment.after.splitlines()[-1] for segment in segments(folder, track)]


@dataclass(frozen=True, slots=True)
class Found:
    """A packet as a player finds it, with its time and duration in seconds."""

    at: Fraction
    lasts: Fraction
    key: bool


def packets(folder: Path, track: str, uri: str) -> list[Found]:
    """Return the packets of one segment, read with the track's init segment."""
    data = (folder / f"{track}-1.mp4").read_bytes() + (folder / uri).read_bytes()
    with av.open(io.BytesIO(data), "r") as opened:
        found = [packet for packet in opened.demux() if packet.dts is not None]
        return [
            Found(
                Fraction((packet.dts or 0) * packet.time_base),
                Fraction((packet.duration or 0) * packet.time_base),
                packet.is_keyframe,
            )
            for packet in found
        ]
